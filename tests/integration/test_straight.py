"""Statements that go straight to SQLite's driver: the same rows, and no value in an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, select
from sqlalchemy.exc import DBAPIError

from bot.store import tables as t
from bot.store.database import open_engine
from bot.store.migrate import migrate
from bot.store.straight import Straight

_IN_A_CHAT = select(t.contact).where(t.contact.c.address == bindparam("address"))
_PEOPLE = select(t.patient).order_by(t.patient.c.id)
_NEW = t.patient.insert().inline()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'ankang.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


def person(who: str, **more: object) -> dict[str, object]:
    return {
        "id": who, "status": "active", "language": "zh", "country": "CN", "sex": "female",
        "timezone": "Asia/Shanghai", "created_at": datetime(2026, 3, 1, 8, 30, 0, 17, tzinfo=UTC),
        "demo": False, "pause": "", "paused_until": None, **more,
    }  # fmt: skip


def test_rows_come_and_go_as_they_do_through_sqlalchemy(engine: Engine) -> None:
    later = datetime(2026, 4, 1, tzinfo=UTC)
    people = [person("alice"), person("bea", demo=True), person("charlie", paused_until=later)]
    with engine.begin() as connection:
        assert Straight(_NEW).add(connection, people[:2]) == 2
        assert Straight(_NEW).change(connection, people[2]) == 1
        ours = Straight(_PEOPLE).all(connection, {})
        theirs = connection.execute(_PEOPLE).all()
    assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
    assert [row.paused_until for row in ours] == [None, None, later]
    assert [row.demo for row in ours] == [False, True, False]


def test_what_a_change_returns_comes_as_it_does_through_sqlalchemy(engine: Engine) -> None:
    later = datetime(2026, 4, 1, tzinfo=UTC)
    pause = (
        t.patient.update()
        .where(t.patient.c.id == bindparam("who"))
        .values(paused_until=bindparam("until", type_=t.patient.c.paused_until.type))
        .returning(t.patient.c.id, t.patient.c.paused_until.label("again"))
    )
    with engine.begin() as connection:
        Straight(_NEW).add(connection, [person("alice"), person("charlie")])
        given = {"who": "alice", "until": later}
        [row] = Straight(pause).all(connection, given)
        assert (row.id, row.again) == ("alice", later)
        assert [tuple(row)] == [tuple(one) for one in connection.execute(pause, given).all()]
        assert Straight(pause).all(connection, given | {"who": "nobody"}) == []


def test_an_error_holds_no_value(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(DBAPIError) as raised:
        Straight(_NEW).change(connection, person("canary-7", language=None))
    assert "canary-7" not in str(raised.value)
    assert raised.value.params is None


def test_a_statement_that_is_written_anew_at_each_run_is_refused(engine: Engine) -> None:
    some = Straight(_IN_A_CHAT.where(t.contact.c.channel.in_(("telegram", "web"))))
    with engine.begin() as connection, pytest.raises(ValueError, match="anew"):
        some.all(connection, {"address": "1"})
