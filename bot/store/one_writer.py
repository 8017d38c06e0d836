"""SQLite's one writer: who waits for it shares the next commit with the others who wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.store.straight import frame

_LONGEST = 0.010  # seconds from the first of them to the commit, so that nobody waits for a crowd
_NAME = "one_of_them"


class _Shared:
    """One transaction of SQLite and those whose units of work are in it."""

    def __init__(self, connection: Connection, *, durable: bool) -> None:
        self.connection = connection
        self.units = 0  #: that ended well
        self.durable = durable
        self.began = time.monotonic()
        self.ended = Event()
        self.error: DBAPIError | None = None

    def undo(self) -> None:
        """Everything; there is nothing to commit any more."""
        transaction = self.connection.get_transaction()
        if transaction is not None:
            transaction.rollback()


class OneWriter:
    """Units of work one after the other; each returns when what it wrote is on the disk.

    A commit waits for the disk, and SQLite has one writer. So a unit of work behind which others
    wait leaves its transaction open for the next, and the last commits for all: under load one wait
    for the disk serves many, and a unit of work alone commits at once. Each but the first has a
    savepoint of its own, so that one that fails takes nothing of the others with it.

    What is not durable is committed without waiting for the disk: a power cut may undo it, a death
    of this process does not. The next durable commit carries it to the disk first.
    """

    def __init__(self, durable: Engine, hasty: Engine) -> None:
        self._engines = {True: durable, False: hasty}
        self._lock = Lock()
        self._counting = Lock()
        self._waiting = 0
        self._open: _Shared | None = None

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[Connection]:
        """A transaction to write in. Raises sqlalchemy's DBAPIError when it was not committed."""
        with self._counting:
            self._waiting += 1
        with self._lock:
            with self._counting:
                self._waiting -= 1
            shared = self._open = self._joined(durable)
            try:
                with _unit(shared):
                    yield shared.connection
            finally:
                if shared.error or not shared.units or not self._waiting or _is_old(shared):
                    self._open = None
                    _end(shared)
        shared.ended.wait()
        if shared.error is not None:
            raise shared.error

    def _joined(self, durable: bool) -> _Shared:
        """The open transaction, if it promises what is asked; else a new one."""
        if self._open is not None and durable and not self._open.durable:
            _end(self._open)
            self._open = None
        return self._open or self._begun(durable)

    def _begun(self, durable: bool) -> _Shared:
        connection = self._engines[durable].connect()
        try:
            connection.begin()
            frame(connection, "BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
        return _Shared(connection, durable=durable)


def _is_old(shared: _Shared) -> bool:
    return time.monotonic() - shared.began >= _LONGEST


@contextmanager
def _unit(shared: _Shared) -> Iterator[None]:
    """Undo this unit of work alone if its block fails; if that fails, all of them have failed."""
    if not shared.units:  # nobody before it: to undo it is to undo everything
        try:
            yield
        except BaseException:
            shared.undo()
            raise
        shared.units += 1
        return
    frame(shared.connection, f"SAVEPOINT {_NAME}")
    try:
        yield
    except BaseException:
        try:
            frame(shared.connection, f"ROLLBACK TO {_NAME}")
            frame(shared.connection, f"RELEASE {_NAME}")
        except DBAPIError as error:
            shared.error = error  # a full disk, say: SQLite has undone everything itself
        raise
    frame(shared.connection, f"RELEASE {_NAME}")
    shared.units += 1


def _end(shared: _Shared) -> None:
    """Commit for all of them, or say to all of them that nothing was kept."""
    try:
        with shared.connection as connection:
            transaction = connection.get_transaction()
            if transaction is not None and shared.error is None:
                transaction.commit()
    except DBAPIError as error:
        shared.error = error
    finally:
        shared.ended.set()
