"""Look at everything the house needs and say what to do where something is wrong."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from bot import bootstrap, config, loading
from bot.config import Settings
from bot.domain.errors import AnkangError
from bot.ports import AGAIN, NO_KEY

_FREE = 2 * 1024**3  # bytes


def examine(out: Console) -> bool:
    """Print one line a check; True when nothing is wrong."""
    try:
        settings = config.load()
    except AnkangError as error:
        out.print(f"✗ settings: {error}", style="red")
        return False
    well = True
    for name, check in _checks(settings):
        try:
            said = check()
            out.print(f"✓ {name}: {said}", highlight=False)
        except (AnkangError, ValueError, OSError, ImportError, RuntimeError) as error:
            well = False
            out.print(f"✗ {name}: {error}", style="red", highlight=False)
    return well


def _checks(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "python", lambda: sys.version.split()[0]
    yield "settings", lambda: "read"
    yield "words and rules", _words
    yield "disk", lambda: _disk(bootstrap.data_folder(settings))
    yield "database", lambda: _database(settings)
    yield "encoder and Chroma", lambda: _memories(settings)
    yield "classifier", lambda: _classifier(settings)
    yield "tagger", _tagger
    yield "index of memories", lambda: _index(settings)
    yield "clock", _clock
    yield "Telegram", lambda: _telegram(settings)
    yield "similar cases", lambda: _cases(settings)
    yield "language model", lambda: settings.llm or "none; approved words and rules"


def _words() -> str:
    import prompts
    import risk
    import safety

    safety.check()
    risk.check()
    return f"{prompts.check()} messages in two languages"


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    if free < _FREE:
        raise OSError(f"only {free / 1024**3:.1f} GiB free at {folder}; make room")
    return f"{free / 1024**3:.0f} GiB free"


def _database(settings: Settings) -> str:
    from bot.store.migrate import newest, version

    house = bootstrap.build(settings)
    with house.store.reading() as rows:
        aside = rows.inbox.counts().get("aside", 0)
    reached = version(house.store.engine)
    if reached != newest():
        raise ValueError(f"at version {reached}, {newest()} is needed: ./ankang migrate")
    kind = house.store.engine.dialect.name
    return f"{kind}, version {reached}" + (f", {aside} messages set aside" if aside else "")


def _memories(settings: Settings) -> str:
    house = bootstrap.build(settings)
    began = time.perf_counter()
    house.memories.open()
    house.memories.real()
    house.memories.close()
    return f"open in {time.perf_counter() - began:.1f} s"


def _classifier(settings: Settings) -> str:
    hearing = loading.load_hearing(settings.screen_model)
    return f"listens, weights {hearing.version}"


def _tagger() -> str:
    loading.load_tagging().find("ok", "en")
    return "marks facts"


def _index(settings: Settings) -> str:
    house = bootstrap.build(settings)
    with house.store.reading() as rows:
        keyless, models = rows.index.without_key(), rows.index.models()
    if keyless:
        raise ValueError(f"no key opens the memories of {', '.join(keyless)}")
    names = sorted(models.keys() - {"", AGAIN, NO_KEY})
    if len(names) > 1:
        raise ValueError(f"encoded by {', '.join(names)}: ./ankang memory rebuild")
    waiting = models.get("", 0) + models.get(AGAIN, 0)
    return f"{sum(models.values())} memories, {waiting} waiting to be encoded"


def _cases(settings: Settings) -> str:
    from bot.escalations.alike import rules

    house = bootstrap.build(settings)
    with house.store.reading() as rows:
        count = rows.cases.count()
    if settings.similar_cases:
        return f"on, {count} kept; shown where {rules().floor} patients share complaint and age"
    return "off" + (f"; {count} kept from before, shown to nobody" if count else "")


def _clock() -> str:
    from bot.bootstrap import utc_now

    now = utc_now()
    if now.year < 2026:
        raise ValueError(f"the clock says {now:%Y-%m-%d}: set it, check-ins depend on it")
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _telegram(settings: Settings) -> str:
    house = bootstrap.build(settings)
    telegram = house.telegram
    if telegram is None:
        return "not connected; set ANKANG_TELEGRAM_TOKEN to a token of @BotFather"

    async def ask() -> str:
        await telegram.start()
        username = str(telegram.username)
        await telegram.close()
        return f"@{username}"

    return asyncio.run(ask())
