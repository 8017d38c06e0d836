"""The composition root: the one place where adapters meet use cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import risk
import safety
from bot import retention, suggestions
from bot.channels.canary import CanaryPhone
from bot.channels.house_phone import HousePhone
from bot.channels.web import Web
from bot.config import Settings
from bot.conversation.questionnaire import check as check_questionnaires
from bot.conversation.receive import receive
from bot.domain.checkin import kinds
from bot.domain.errors import SettingsError
from bot.erasing import erase_again
from bot.escalations import alike
from bot.loading import (
    chat_model,
    load_hearing,
    load_library,
    load_memories,
    load_support,
    load_tagging,
)
from bot.plans import plans
from bot.ports import Channel, Clinic, Clock, Services
from bot.store.crypto import KeyVault, master_key
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from bot.store.tombstones import NAME, TombstoneFile
from bot.work.late import LateHearing, LateLibrary, LateMemories, LateSupport, LateTagging
from bot.work.waking import Waker
from memory.rules import check as check_learning
from prompts import check as check_words


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything that was put together, for the processes and the command line."""

    settings: Settings
    services: Services
    store: SqlStore
    bells: Waker
    memories: LateMemories
    hearing: LateHearing | None
    tagging: LateTagging | None
    library: LateLibrary
    web: Web | None
    tombstones: TombstoneFile
    telegram: Any | None  #: bot.channels.telegram.Telegram; not started yet

    @property
    def embedded(self) -> bool:
        """One process on SQLite."""
        return self.store.engine.dialect.name == "sqlite"


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    open_memories: Callable[..., Any] | None = None,
    hears: bool = True,
) -> House:
    """Check every file of words and rules, open the database, and introduce the rooms.

    ``hears=False`` leaves the classifier and the tagger out: rules only.

    Raises SettingsError, StoreError or ValueError with one clear sentence.
    """
    check_words()
    safety.check()
    risk.check()
    check_questionnaires()
    check_learning()
    plans()
    suggestions.check()
    alike.rules()
    kinds()
    retention.rules(settings.retention)
    engine = open_engine(settings.store_url)
    vault = KeyVault(master_key(settings.master_key.get_secret_value(), settings.data), engine)
    migrate(engine)
    store = SqlStore(engine, vault)
    tombstones = TombstoneFile(settings.data / NAME)
    erase_again(store, tombstones.read(), clock())
    bells = Waker()
    store.posted = bells.ring
    memories = LateMemories(partial(open_memories or load_memories, settings, vault))
    hearing = LateHearing(partial(load_hearing, settings.screen_model)) if hears else None
    tagging = LateTagging(load_tagging) if hears else None
    library = LateLibrary(load_library)
    channels: dict[str, Channel] = {"rasa": HousePhone("rasa")}
    web = Web(clock) if settings.demo and is_loopback(settings.host) else None
    if web is not None:
        channels["web"] = web
    telegram = _telegram(settings)
    if telegram is not None:
        channels["telegram"] = telegram
    channels |= _second_path(settings, clock)
    model = chat_model(settings, clock)
    services = Services(
        store=store,
        clock=clock,
        bells=bells,
        vault=vault,
        clinic=Clinic(
            name=settings.clinic_name,
            team_phone=settings.team_phone,
            console_url=settings.console_url,
            checkin_time=settings.checkin_time,
            similar_cases=settings.similar_cases,
        ),
        memories=memories,
        hearing=hearing,
        tagging=tagging,
        library=library,
        chat_model=model,
        lead=model,
        support=LateSupport(partial(load_support, settings)) if model else None,
        notes_tokens=settings.llm_notes,
        channels=channels,
    )
    if settings.canary:
        channels["canary"] = CanaryPhone(partial(receive, services=services), clock)
    return House(
        settings=settings,
        services=services,
        store=store,
        bells=bells,
        memories=memories,
        hearing=hearing,
        tagging=tagging,
        library=library,
        web=web,
        tombstones=tombstones,
        telegram=telegram,
    )


def is_loopback(host: str) -> bool:
    """Only this machine can reach it."""
    return host in ("127.0.0.1", "::1", "localhost")


def _telegram(settings: Settings) -> Any | None:
    token = settings.telegram_token.get_secret_value()
    if not token:
        return None
    from bot.channels.telegram import Telegram

    bot_id = token.partition(":")[0]
    if not bot_id.isdigit():
        raise SettingsError("ANKANG_TELEGRAM_TOKEN: it looks like 123456:ABC…, from @BotFather")
    return Telegram(token, base_url=settings.telegram_api_base_url or None, bot_id=bot_id)


def _second_path(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """E-mail and the pager, where they are set: pages that do not depend on the messenger."""
    found: dict[str, Channel] = {}
    if url := settings.smtp_url.get_secret_value():
        from bot.channels.email import Email

        found["email"] = Email(url, settings.smtp_from)
    if settings.pager_url:
        from bot.channels.pager import Pager

        secret = settings.pager_secret.get_secret_value()
        found["pager"] = Pager(settings.pager_url, secret, clock)
    return found


def data_folder(settings: Settings) -> Path:
    """The folder of the embedded house, made when it is missing."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.data
