"""Bad input never blocks anybody, and a house that cannot start says why in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from house import HouseUnderTest
from running import ALICE, BOB, CHARLIE, Running, running
from telegram_server import TelegramServer

from bot.conversation import listen as listening
from bot.work.loop import Loops, Uses
from bot.work.waking import Waker

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def live(tmp_path: Path, encoder: Any) -> Any:
    async with TelegramServer() as server, running(tmp_path, encoder, server) as house:
        house.patient()
        house.patient(CHARLIE, "charlie")
        yield house
        assert server.violations == []


async def test_an_update_nobody_can_read_is_set_aside_and_blocks_nobody(live: Running) -> None:
    live.telegram.raw('{"update_id": 950001, "message": {"text": "broken')
    live.telegram.raw({"message": {"chat": "nonsense", "text": 7}})
    live.telegram.raw({"brand_new_kind": {"chat": {"id": ALICE}}})
    await live.says("my weight is 70 kg", "70 kg", CHARLIE)
    with live.house.store.reading() as rows:
        assert rows.inbox.state("telegram", live.house.telegram.bot, "950001") == "aside"
        assert rows.inbox.counts()["done"] == 3


@pytest.mark.parametrize(
    "text",
    ["\u0000\u0007\u001b[31m", "\ud83d", "🙂🙂🙂", "\u200b\u200e\u2066", "{{ 7*7 }} {% raw %}",
     "'; DROP TABLE message; --", "<b>&amp;</b>", "/", "//", "/nosuchcommand",
     "\u0000I am here\u0000"],
)  # fmt: skip
async def test_odd_text_gets_an_answer_and_breaks_nothing(live: Running, text: str) -> None:
    live.telegram.say(ALICE, text)
    await live.says("my weight is 70 kg", "70 kg")
    with live.house.store.reading() as rows:
        assert set(rows.inbox.counts()) == {"done"}
        assert not rows.outbox.counts().get("failed")


async def test_a_text_of_megabytes_delays_nobody(live: Running) -> None:
    live.telegram.say(ALICE, "my knee hurts " * 350_000)
    start = time.monotonic()
    await live.says("I have crushing chest pain", "999", CHARLIE, within=20)
    assert time.monotonic() - start < 15
    await live.says("my weight is 70 kg", "70 kg", within=20)


async def test_a_stale_and_an_unknown_button_are_answered_calmly(live: Running) -> None:
    live.telegram.say(ALICE, "/forget")
    message, data = await _with_buttons(live)
    live.telegram.tap(message, data)
    live.telegram.tap(message, data)
    for odd in ("r:999", "r:", "c:1:x", "n:country:XX", "q:none:yes_now", "risk:9:zz", "e:1:accept",
                "/nothing", "☃", "x" * 64):  # fmt: skip
        live.telegram.raw({"callback_query": {
            "id": odd, "from": {"id": ALICE, "is_bot": False, "first_name": "A"},
            "message": message, "chat_instance": "1", "data": odd,
        }})  # fmt: skip
    await live.quiet()
    await live.says("my weight is 70 kg", "70 kg")
    with live.house.store.reading() as rows:
        assert set(rows.inbox.counts()) == {"done"}
        assert rows.escalations.recent(10) == []


async def _with_buttons(live: Running) -> tuple[dict[str, Any], str]:
    def found() -> Any:
        for message in live.telegram.messages(ALICE):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                return message, row[0]["callback_data"]
        return None

    return await live.telegram.until(found)


async def test_a_nurse_who_is_also_a_patient_can_still_take_a_card(live: Running) -> None:
    live.nurse(ALICE, "alice_nurse")
    live.nurse(BOB, "bob")
    await live.says("I have crushing chest pain", "999", CHARLIE)
    await live.hears("EMERGENCY", ALICE)
    await live.taps("Accept", "You have taken it", ALICE)


async def test_a_message_that_cannot_be_heard_holds_up_its_own_chat_only(
    house: HouseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    screened = listening.screened

    def poisoned(rows: Any, incoming: Any, *rest: Any) -> Any:
        if incoming.text == "poison":
            raise RuntimeError("a defect")
        return screened(rows, incoming, *rest)

    monkeypatch.setattr(listening, "screened", poisoned)
    from bot.conversation.give_up import give_up

    uses = Uses(claim=listening.claim, hear=listening.hear, answer=None, give_up=give_up,
                turn_lease=None)  # type: ignore[arg-type]  # fmt: skip
    loops = Loops(house.services, uses, Waker(), None, at_once=1)  # type: ignore[arg-type]
    house.arrives("alice", text="poison")
    house.arrives("alice", text="my weight is 70 kg")
    house.arrives("charlie", text="my weight is 80 kg")
    await loops._read()
    with house.house.store.reading() as rows:
        assert [m.text for m in rows.conversation.latest("charlie", 5)] == ["my weight is 80 kg"]  # type: ignore[arg-type]
        assert rows.conversation.latest("alice", 5) == []  # type: ignore[arg-type]
    for _ in range(8):
        house.clock.advance(minutes=1)
        await loops._read()
    with house.house.store.reading() as rows:
        assert rows.inbox.counts() == {"aside": 1, "waiting": 2}
        assert [m.text for m in rows.conversation.latest("alice", 5)][-1] == "my weight is 70 kg"  # type: ignore[arg-type]
    [matter] = house.escalations()
    assert (matter.tier, matter.evidence["words"]) == ("P1", "poison")


# --- a house that cannot start -----------------------------------------------------------


def _not_a_database(folder: Path) -> dict[str, str]:
    (folder / "ankang.db").write_bytes(b"this is no database at all" * 50)
    return {}


def _open_key(folder: Path) -> dict[str, str]:
    (folder / "master.key").write_text("00" * 32)
    (folder / "master.key").chmod(0o644)
    return {}


def _bad_key(folder: Path) -> dict[str, str]:
    (folder / "master.key").write_text("no key")
    (folder / "master.key").chmod(0o600)
    return {}


STARTS: dict[str, tuple[Callable[[Path], dict[str, str]], str]] = {
    "port": (lambda _: {"ANKANG_PORT": "many"}, "ANKANG_PORT"),
    "token": (lambda _: {"ANKANG_TELEGRAM_TOKEN": "nonsense"}, "ANKANG_TELEGRAM_TOKEN"),
    "secret file": (lambda _: {"ANKANG_MASTER_KEY_FILE": "/nowhere/key"}, "ANKANG_MASTER_KEY_FILE"),
    "database kind": (lambda _: {"ANKANG_DATABASE_URL": "mysql://x/y"}, "ANKANG_DATABASE_URL"),
    "no server": (
        lambda _: {"ANKANG_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "database",
    ),
    "no database": (_not_a_database, "database"),
    "open key": (_open_key, "chmod 600"),
    "bad key": (_bad_key, "master.key"),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "named"), STARTS.values(), ids=STARTS.keys())
def test_what_cannot_be_used_stops_the_start_with_one_sentence(
    tmp_path: Path, prepare: Callable[[Path], dict[str, str]], named: str
) -> None:
    _refused(_started(tmp_path, ROOT, prepare(tmp_path)), named)


BROKEN = {
    "words": ("prompts/messages/en/enrol.toml", "language = ", "enrol.toml"),
    "red flags": ("safety/red_flags/chronic.toml", "[[[", "chronic.toml"),
    "risk": ("risk/models/ckd_epi_2021.toml", "kind = 7", "ckd_epi_2021.toml"),
}


@pytest.mark.parametrize(("path", "content", "named"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_file_stops_the_start_and_is_named(
    tmp_path: Path, path: str, content: str | None, named: str
) -> None:
    tree = tmp_path / "tree"
    for room in ("bot", "knowledge", "memory", "risk", "prompts", "safety"):
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    if content is None:
        (tree / path).unlink()
    else:
        (tree / path).write_text(content, "utf-8")
    _refused(_started(tmp_path, tree, {}), named)


def _started(folder: Path, tree: Path, extra: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("ANKANG_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", "migrate"], cwd=tree, timeout=60,
        env=environment | {"ANKANG_DATA": str(folder)} | extra, capture_output=True, text=True,
    )  # fmt: skip


def _refused(done: subprocess.CompletedProcess[str], named: str) -> None:
    assert done.returncode == 2, done
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Ankang cannot start:")
    assert named in lines[0]
