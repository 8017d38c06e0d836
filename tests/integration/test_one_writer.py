"""SQLite's one writer: shared commits, and nobody's failure is another's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import event

from bot.domain.errors import StoreError
from bot.domain.message import Update
from bot.store.crypto import KeyVault, master_key
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    engine = open_engine(f"sqlite:///{tmp_path / 'ankang.db'}")
    migrate(engine)
    yield SqlStore(engine, KeyVault(master_key("", tmp_path), engine))
    engine.dispose()


def update(number: int) -> Update:
    return Update(
        channel="telegram", bot="42", external_id=str(number), body="{}",
        received_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def kept(folder: Path) -> set[int]:
    """What another process sees in the file."""
    with sqlite3.connect(folder / "ankang.db") as other:
        rows = other.execute("select external_id from inbox").fetchall()
    other.close()
    return {int(number) for (number,) in rows}


def test_a_crowd_shares_commits_and_each_is_kept_when_it_returns(
    store: SqlStore, tmp_path: Path
) -> None:
    commits: list[int] = []
    event.listen(store.engine, "commit", lambda _: commits.append(1))
    together = Barrier(8)

    def write(number: int) -> None:
        together.wait()
        for turn in range(10):
            with store.unit_of_work() as work:
                work.inbox.keep([update(number * 100 + turn)])
            assert number * 100 + turn in kept(tmp_path)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    assert len(kept(tmp_path)) == 80
    assert len(commits) < 80


def test_one_that_fails_takes_nothing_of_the_others_with_it(
    store: SqlStore, tmp_path: Path
) -> None:
    together = Barrier(6)

    def tried(number: int) -> list[int]:
        """The updates whose unit of work failed."""
        failed = []
        together.wait()
        for turn in range(20):
            try:
                with store.unit_of_work() as work:
                    work.inbox.keep([update(number * 100 + turn)])
                    if (number + turn) % 3 == 0:
                        raise LookupError(number)
            except LookupError:
                failed.append(number * 100 + turn)
        return failed

    with ThreadPoolExecutor(6) as threads:
        failed = {one for some in threads.map(tried, range(6)) for one in some}
    everybody = {number * 100 + turn for number in range(6) for turn in range(20)}
    assert failed
    assert kept(tmp_path) == everybody - failed


def test_a_claim_is_seen_by_another_process_as_soon_as_it_is_made(
    store: SqlStore, tmp_path: Path
) -> None:
    with store.claiming() as work:
        work.inbox.keep([update(1)])
    assert kept(tmp_path) == {1}


def test_claims_and_durable_work_mixed_lose_nothing(store: SqlStore, tmp_path: Path) -> None:
    together = Barrier(6)

    def write(number: int) -> None:
        together.wait()
        for turn in range(20):
            with store.claiming() if number % 2 else store.unit_of_work() as work:
                work.inbox.keep([update(number * 100 + turn)])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    assert len(kept(tmp_path)) == 120


def test_a_database_that_cannot_be_written_says_so_to_each_and_works_again(
    store: SqlStore, tmp_path: Path
) -> None:
    with store.unit_of_work() as work:
        work.inbox.keep([update(1)])
    store.engine.dispose()
    folder = tmp_path / "ankang.db"
    folder.rename(tmp_path / "away.db")
    folder.mkdir()
    with pytest.raises(StoreError), store.unit_of_work() as work:
        work.inbox.keep([update(2)])
    folder.rmdir()
    (tmp_path / "away.db").rename(folder)
    with store.unit_of_work() as work:
        work.inbox.keep([update(3)])
    assert kept(tmp_path) == {1, 3}
