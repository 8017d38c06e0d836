"""Memories in a real Chroma, embedded and on a server: kept, found, apart, sealed, forgotten."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_memory import Hashed, Keys

from memory import FolderInUse, Memories, Memory, WrongPatient, open_embedded, open_server
from memory.chroma import compact
from memory.pages import CAPACITY, key_of
from memory.words import terms

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
KNEE = "My knee hurts when I climb the stairs"


def opened(folder: Path) -> Memories:
    return open_embedded(folder, encoder=Hashed(), cipher=Keys())


def told(patient_id: str, *texts: str, first: int = 0) -> list[Memory]:
    return [
        Memory(
            id=f"{patient_id}-{n}",
            patient_id=patient_id,
            text=text,
            recorded_at=NOW - timedelta(days=100 - n),
            position=n,
        )
        for n, text in enumerate(texts, first)
    ]


@pytest.fixture
def memories(tmp_path: Path) -> Iterator[Memories]:
    made = opened(tmp_path / "memory")
    yield made
    made.close()


def test_the_knee_is_found_first_among_fifty(memories: Memories) -> None:
    others = [f"I had {n} cups of tea and read the paper about my garden" for n in range(49)]
    memories.remember(told("alice", *others[:30], KNEE, *others[30:]))
    found = memories.recall("alice", "what did I tell you about my knee", now=NOW)
    assert found[0].memory.text == KNEE
    assert found[0].score > found[1].score
    assert found[0].why["words"] > 0


def test_a_chinese_question_finds_the_chinese_knee(memories: Memories) -> None:
    memories.remember(
        told(
            "alice",
            "今天早上血糖6.5",
            "我女儿周末来看我",
            "昨晚睡得不太好",
            "我的膝盖上楼的时候疼得厉害",
            "早饭吃了粥和鸡蛋",
            "下午去公园散步了半小时",
        )
    )
    found = memories.recall("alice", "我上周说膝盖怎么了", now=NOW, limit=2)
    assert found[0].memory.text == "我的膝盖上楼的时候疼得厉害"


def test_reopening_keeps_everything(tmp_path: Path) -> None:
    before = told("alice", *(f"sentence {n} about the garden" for n in range(CAPACITY * 2 + 3)))
    first = opened(tmp_path)
    first.remember(before)
    first.close()
    again = opened(tmp_path)
    assert again.list("alice") == before
    assert again.count() == len(before)
    again.close()


def test_remembering_twice_is_remembering_once(memories: Memories) -> None:
    memories.remember(told("alice", "one", "two"))
    memories.remember(told("alice", "one", "two, corrected"))
    assert [m.text for m in memories.list("alice")] == ["one", "two, corrected"]
    assert memories.count() == 2


def test_superseded_memories_are_listed_but_not_recalled(memories: Memories) -> None:
    [old] = told("alice", "I take 5 mg")
    memories.remember([old])
    memories.remember([Memory(**{**old.__dict__, "status": "superseded"})])
    assert memories.recall("alice", "5 mg", now=NOW) == []
    assert [m.status for m in memories.list("alice")] == ["superseded"]


def test_rows_not_stored_yet_are_ranked_along(memories: Memories) -> None:
    memories.remember(told("alice", "tea", "the garden", "the paper"))
    [late] = told("alice", KNEE, first=3)
    [first, *_] = memories.recall("alice", "my knee", now=NOW, extra=[late])
    assert first.memory == late
    with pytest.raises(WrongPatient):
        memories.recall("alice", "my knee", now=NOW, extra=told("bob", KNEE))


def test_kinds_narrow_the_search(memories: Memories) -> None:
    [turn, fact] = told("alice", KNEE, "Says: knee hurts")
    memories.remember([turn, Memory(**{**fact.__dict__, "kind": "fact"})])
    found = memories.recall("alice", "knee", now=NOW, kinds={"fact"})
    assert [one.memory.kind for one in found] == ["fact"]


def test_forgetting_removes_some_and_leaves_the_rest(memories: Memories) -> None:
    memories.remember(told("alice", "one", KNEE, "three") + told("bob", KNEE))
    assert memories.forget("alice", ["alice-1", "bob-0"]) == 1
    assert [m.id for m in memories.list("alice")] == ["alice-0", "alice-2"]
    assert [m.id for m in memories.list("bob")] == ["bob-0"]
    assert KNEE not in [r.memory.text for r in memories.recall("alice", "knee", now=NOW)]


def test_forgetting_a_patient_removes_all_of_them_and_nobody_else(memories: Memories) -> None:
    memories.remember(told("alice", "one", "two") + told("bob", "three"))
    assert memories.forget_patient("alice") == 2
    assert terms.cache_info().currsize == 0
    assert memories.list("alice") == []
    assert memories.recall("alice", "one", now=NOW) == []
    assert memories.count() == 1


def _holds(folder: Path, word: str) -> list[str]:
    plain = word.encode()
    forms = {plain, base64.b64encode(plain)[:-3], plain.hex().encode(), word.encode("utf-16-le")}
    return [
        f"{file.name}: {form!r}"
        for file in folder.rglob("*")
        if file.is_file()
        for form in forms
        if form in file.read_bytes()
    ]


def test_no_word_of_a_patient_is_readable_in_the_folder(tmp_path: Path) -> None:
    canaries = ["zebrawhisper", "蓝色河马", "alice-in-clear", "source-canary-7"]
    memories = opened(tmp_path)
    [row] = told("alice-in-clear", f"I told the {canaries[0]} about my {canaries[1]}")
    memories.remember([Memory(**{**row.__dict__, "source": canaries[3]})])
    for word in canaries:
        assert _holds(tmp_path, word) == []
    memories.close()
    for word in canaries:
        assert _holds(tmp_path, word) == []


def test_after_compacting_not_even_sealed_bytes_are_left(tmp_path: Path) -> None:
    memories = opened(tmp_path)
    memories.remember(told("alice", KNEE) + told("bob", "tea"))
    sealed = memories._records.get([key_of("alice")])[0].sealed[:60]  # type: ignore[attr-defined]
    memories.forget_patient("alice")
    with pytest.raises(FolderInUse):
        compact(tmp_path)
    memories.close()
    compact(tmp_path)
    assert _holds(tmp_path, sealed) == []
    again = opened(tmp_path)
    assert [m.text for m in again.list("bob")] == ["tea"]
    again.close()


def test_two_openers_of_one_folder_are_kept_apart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    with pytest.raises(FolderInUse, match="another process"):
        opened(tmp_path)
    first.close()
    opened(tmp_path).close()


def test_without_the_patients_key_nothing_opens(tmp_path: Path) -> None:
    memories = opened(tmp_path)
    memories.remember(told("alice", KNEE))
    [record] = memories._records.get([key_of("alice")])  # type: ignore[attr-defined]
    with pytest.raises(InvalidTag):
        Keys().open("bob", record.sealed)
    memories.close()


def test_two_thousand_interleaved_patients_never_see_each_other(tmp_path: Path) -> None:
    people = [f"patient-{n}" for n in range(2000)]
    memories = opened(tmp_path)
    for start in range(3):
        memories.remember(
            [row for p in people for row in told(p, f"{p} knee secret {start}", first=start)]
        )

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        who=st.sampled_from(people),
        other=st.sampled_from(people),
        act=st.sampled_from(["recall", "forget", "write"]),
    )
    def apart(who: str, other: str, act: str) -> None:
        if act == "forget":
            memories.forget(who, [f"{other}-{n}" for n in range(9) if other != who])
        if act == "write":
            memories.remember(told(who, f"{who} knee again", first=4))
        found = memories.recall(who, f"what did {other} say about the knee", now=NOW, limit=50)
        assert {one.memory.patient_id for one in found} == {who}
        assert all(one.memory.text.startswith(f"{who} knee") for one in found)
        assert len(memories.list(who)) >= 3

    apart()
    memories.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    folder = tmp_path_factory.mktemp("server")
    command = Path(sys.executable).with_name("chroma")
    if not command.exists():
        pytest.skip("the chroma command is not installed")
    process = subprocess.Popen(
        [command, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    else:
        process.kill()
        pytest.skip("the Chroma server did not answer within 15 s")
    yield port
    process.terminate()
    process.wait(10)


def test_processes_that_share_a_server_see_what_the_others_wrote(server: int) -> None:
    one = open_server("127.0.0.1", server, encoder=Hashed(), cipher=Keys(), writer="one")
    two = open_server("127.0.0.1", server, encoder=Hashed(), cipher=Keys(), writer="two")
    one.remember(told("alice", "tea", KNEE))
    two.remember(told("alice", "the garden", first=2))
    two.remember(told("alice", "green tea", first=0))
    assert [m.text for m in one.list("alice")] == ["green tea", KNEE, "the garden"]
    assert one.recall("alice", "garden", now=NOW)[0].memory.text == "the garden"
    assert two.forget("alice", ["alice-0"]) == 1
    assert [m.text for m in one.list("alice")] == [KNEE, "the garden"]
    assert two.list("bob") == []
    assert one.forget_patient("alice") >= 2
    assert two.list("alice") == []
    one.close()
    two.close()


def test_a_server_and_a_folder_give_the_same_answers(server: int, tmp_path: Path) -> None:
    shared = open_server("127.0.0.1", server, encoder=Hashed(), cipher=Keys(), writer="same")
    alone = opened(tmp_path)
    said = [f"{what} {n}" for n in range(40) for what in ("my knee hurts", "膝盖疼", "I had tea")]
    for memories in (shared, alone):
        memories.remember(told("dora", *said))
        memories.replace("dora", told("dora", *said[:100]))
        memories.forget("dora", ["dora-3"])
    for question in ("how is my knee", "我的膝盖", "what did I have on 5 March"):
        there, here = (m.recall("dora", question, now=NOW, limit=9) for m in (shared, alone))
        assert [(one.memory, one.score) for one in there] == [
            (one.memory, one.score) for one in here
        ]
    assert shared.list("dora") == alone.list("dora")
    assert alone.compare({"dora": 99}).surplus == ()
    assert shared.compare({"dora": 100, "eve": 1}).missing == ("dora", "eve")
    shared.close()
    alone.close()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(st.text(min_size=1, max_size=12), min_size=3, max_size=8, unique=True),
    data=st.data(),
)
def test_whatever_patients_are_called_and_whatever_is_asked_they_stay_apart(
    tmp_path_factory: pytest.TempPathFactory, people: list[str], data: st.DataObject
) -> None:
    memories = opened(tmp_path_factory.mktemp("apart"))
    for n in range(3):  # interleaved
        memories.remember([row for p in people for row in told(p, f"knee {n} of {p!r}", first=n)])
    for _ in range(12):
        who, other = (data.draw(st.sampled_from(people)) for _ in range(2))
        question = data.draw(st.sampled_from([f"knee of {other!r}", other, f"{key_of(other)}/0"]))
        act = data.draw(st.sampled_from(["ask", "forget", "replace"]))
        if act == "forget" and other != who:
            memories.forget(who, [f"{other}-{n}" for n in range(3)])
        if act == "replace":
            memories.replace(who, told(who, *(f"knee {n} of {who!r}" for n in range(3))))
        found = memories.recall(who, question, now=NOW, limit=50)
        assert len(found) == 3
        assert {one.memory.patient_id for one in found} == {who}
        assert all(one.memory.text.endswith(f" of {who!r}") for one in found)
    memories.close()
