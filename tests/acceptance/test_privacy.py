"""Personal words are nowhere to be read, end with their key, and never reach another patient."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from house import HouseUnderTest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import ALICE, CHARLIE, running
from sqlalchemy import func, select
from telegram_server import TelegramServer

from bot import retention
from bot.conversation.answer import LEASE
from bot.conversation.listen import claim, hear
from bot.conversation.post_turn import post_turn
from bot.conversation.prepare import prepare
from bot.conversation.route import route
from bot.domain.message import PatientId
from bot.erasing import erase
from bot.export import bundle
from bot.store.crypto import KeyVault, master_key
from bot.store.database import SqlStore, open_engine
from bot.store.tables import metadata
from bot.work.index import Indexer
from bot.work.loop import Loops, Uses
from bot.work.waking import Waker
from memory.chroma import compact
from memory.pages import key_of

ALICE_ID = PatientId("alice")
CANARIES = ("Quetzalcoatl", "xylophonist", "zanzibar", "181/97", "canary-in-a-photo", "wombat")


def on_disk(folder: Path) -> bytes:
    """Every byte of the data folder but the master key."""
    return b"\0".join(
        p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "master.key"
    )


def readable(haystack: bytes, needle: str) -> bool:
    """In the usual encodings of text."""
    return any(needle.encode(kind) in haystack for kind in ("utf-8", "utf-16-le", "utf-16-be"))


async def test_no_canary_is_found_on_disk_or_in_the_logs_and_erasing_leaves_a_receipt(
    tmp_path: Path, encoder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with TelegramServer() as server, running(tmp_path, encoder, server) as live:
        live.patient(name="Quetzalcoatl Smith", city="Xanadu")
        live.patient(CHARLIE, "charlie")
        live.nurse()
        await live.link_ward()
        await live.says("I am allergic to xylophonist penicillin", "")
        await live.says("my blood pressure is 181/97 after zanzibar", "181/97")
        server.photo(ALICE, b"canary-in-a-photo" * 20, "my wombat")
        await live.says("I have crushing chest pain near the zanzibar", "999")
        await live.says("what did I tell you about penicillin?", "")
        await live.says("my weight is 70 kg", "70 kg", CHARLIE)
        await live.quiet()
        await live.until(lambda rows: not rows.index.new(5), within=30)
        await live.until(lambda rows: not rows.conversation.unfetched(5))
        folder = live.house.settings.data
        disk = on_disk(folder)
        for canary in CANARIES:
            assert not readable(disk, canary), canary
            assert canary not in caplog.text
        assert server.token not in caplog.text
        with live.house.store.reading() as rows:
            wrapped = rows.connection.exec_driver_sql(
                "SELECT wrapped FROM patient_key WHERE patient_id = 'alice'"
            ).scalar_one()
        assert readable(disk, wrapped)
        receipt = erase(live.house.services, live.house.tombstones, ALICE_ID).removed
        assert receipt["message"] > 5
        assert receipt["patient_key"] == 1
        assert receipt["vectors"] > 0
        assert not readable(on_disk(folder), wrapped)  # no key, not even in the journal
        with live.house.store.reading() as rows:
            assert rows.conversation.latest(ALICE_ID, 10) == []
            assert rows.record.memories(ALICE_ID) == []
            assert rows.patients.contacts(ALICE_ID) == []
            left = rows.patients.get(ALICE_ID)
            assert left is not None and (left.name, left.birth_date, left.city) == ("", None, "")
            assert all(not e.evidence for e in rows.escalations.recent(10))
            tombstone = rows.connection.exec_driver_sql("SELECT receipt FROM erasure").scalar_one()
            assert rows.audit.of("alice")[-1].type == "patient.erased"
        assert json.loads(tombstone)["removed"]["message"] == receipt["message"]
        await live.says("hello again", "personal link")
        await live.says("what did I tell you about penicillin?", "", CHARLIE)
        assert not any("xylophonist" in text for text in live.texts(CHARLIE))


def sealed_of(house: HouseUnderTest, who: str) -> list[bytes]:
    """Every sealed value of a patient, in every table and in Chroma, and the wrapped key."""
    found: list[str | bytes] = []
    with house.house.store.reading() as rows:
        for table in metadata.sorted_tables:
            if "patient_id" not in table.c and table.name != "patient":
                continue
            owner = table.c.patient_id if "patient_id" in table.c else table.c.id
            for name in ("sealed", "wrapped", "content", "picture"):
                if name in table.c:
                    found += rows.connection.scalars(
                        select(table.c[name]).where(owner == who, table.c[name].is_not(None))
                    )
    records = house.services.memories.real()._records
    found += [record.sealed for record in records.get([key_of(who)])]
    return [one.encode() if isinstance(one, str) else one for one in found]


async def test_after_an_erasure_a_search_of_every_file_by_bytes_finds_nothing(
    house: HouseUnderTest,
) -> None:
    for who in ("alice", "charlie"):
        await house.say("my blood pressure is 131/84", who)
        await house.say("I am allergic to penicillin and my knee hurts", who)
        await house.say("I have crushing chest pain", who)
    indexer = Indexer(house.services)
    while indexer.step():
        pass
    house.arrives("alice", text="kept at the door, not read yet")
    hers, his = sealed_of(house, "alice"), sealed_of(house, "charlie")
    assert len(hers) > 12
    data = house.house.settings.data
    receipt = erase(house.services, house.house.tombstones, ALICE_ID)
    house.house.memories.close()
    house.house.store.engine.dispose()
    compact(data / "memory")
    disk = on_disk(data)
    assert [one[:40] for one in hers if one[8:60] in disk] == []
    assert [one[:40] for one in his if one[8:60] not in disk] == []
    assert b"kept at the door" not in disk
    told = retention.told(receipt)
    assert {one["table"] for one in told["kept"]} == {"audit_event", "escalation", "patient"}
    assert all(one["why"] for one in told["kept"])
    assert receipt.removed["inbox"] >= 4 and receipt.removed["vectors"] > 0


async def test_a_turn_that_was_under_way_writes_nothing_back_after_an_erasure(
    house: HouseUnderTest,
) -> None:
    await house.say("I take metformin")
    house.arrives("alice", text="I am allergic to penicillin, my weight is 70 kg")
    for update in claim(house.services):
        hear(update, house.services)
    with house.house.store.unit_of_work() as work:
        [row] = work.inbox.claim_turns(house.clock(), LEASE, 5)
    ready = prepare(row, house.services)
    assert ready is not None
    turn = route(ready, house.services)
    assert turn.drafts
    engine = open_engine(house.house.settings.store_url)  # another process: a vault of its own
    vault = KeyVault(master_key("", house.house.settings.data), engine)
    elsewhere = replace(house.services, store=SqlStore(engine, vault))
    receipt = erase(elsewhere, house.house.tombstones, ALICE_ID)
    engine.dispose()
    sent = len(house.phone.sent)
    post_turn(turn, house.services)
    await house.settle()
    assert house.told("alice", sent) == []
    with house.house.store.reading() as rows:
        left = {
            table.name: rows.connection.scalar(
                select(func.count()).select_from(table).where(table.c.patient_id == "alice")
            )
            for table in metadata.sorted_tables
            if "patient_id" in table.c and table.name != "erasure"
        }
    assert {name: count for name, count in left.items() if count} == {
        name: count for name, count in receipt.kept.items() if count and name != "patient"
    } | {"audit_event": receipt.kept["audit_event"] + 1}  # and that it was erased


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["alice", "charlie"]),
        st.sampled_from(
            ["my knee hurts because of {}", "I am allergic to {}", "I take {} every day",
             "my weight is 70 kg since {}", "what did I tell you about my knee?", "/export",
             "what do you know about me?", "我对{}过敏"]
        ),
    ),
    min_size=4, max_size=10,
)  # fmt: skip
SECRET = {"alice": "aardvarkin", "charlie": "buzzardine"}


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=WORDS)
async def test_nobody_ever_reads_another_patients_words(
    house: HouseUnderTest, said: list[tuple[str, str]]
) -> None:
    uses = Uses(claim=None, hear=None, answer=None, give_up=None, turn_lease=None)  # type: ignore[arg-type]
    index = Loops(house.services, uses, Waker(), None, at_once=1)  # type: ignore[arg-type]
    for who, text in said:
        if text == "/export":
            await house.say("", who, kind="command", data="export")
        else:
            await house.say(text.format(SECRET[who]), who)
        index._indexer.step()
    memories = house.services.memories
    for who, other in (("alice", "charlie"), ("charlie", "alice")):
        secret = SECRET[other]
        assert not any(secret in text for text in house.told(who))
        found = memories.recall(who, f"what about {secret}", limit=20)
        assert all(r.memory.patient_id == who and secret not in r.memory.text for r in found)
        with house.house.store.reading() as rows:
            exported = json.dumps(bundle(rows, PatientId(who)), ensure_ascii=False, default=str)
            shown = [m.text for m in rows.conversation.latest(PatientId(who), 200)]
            kept = [m.text for m in rows.record.memories(PatientId(who))]
        assert secret not in exported
        assert not any(secret in text for text in (*shown, *kept))
