"""Ring every worker's bells through PostgreSQL; a ring that is lost costs only time."""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable

import psycopg
from sqlalchemy import Engine

_log = logging.getLogger(__name__)
_CHANNEL = "ankang_bells"
_RETRY = 5.0  # seconds
_LOOK = 1.0


class NotifyWire:
    """One connection that tells and one that hears, each in a thread of its own."""

    def __init__(self, engine: Engine, heard: Callable[[tuple[str, ...]], None]) -> None:
        url = engine.url.set(drivername="postgresql")
        self._dsn = url.render_as_string(hide_password=False)
        self._heard = heard
        self._me = secrets.token_hex(4)
        self._told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to hear and to tell."""
        for act in (self._hear, self._tell):
            threading.Thread(target=act, name=act.__name__, daemon=True).start()

    def stop(self) -> None:
        """Fall silent; the threads end within a second."""
        self._stop.set()
        self._told.put(None)

    def tell(self, names: tuple[str, ...]) -> None:
        """Ring these bells in the other processes; returns at once."""
        self._told.put(",".join(names))

    def _hear(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    while not self._stop.is_set():
                        for notice in connection.notifies(timeout=_LOOK):
                            sender, _, names = notice.payload.partition(" ")
                            if sender != self._me:
                                self._heard(tuple(names.split(",")))
            except psycopg.Error:
                _log.warning("the bells of the other workers cannot be heard; trying again")
                time.sleep(_RETRY)

    def _tell(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    while (names := self._told.get()) is not None:
                        connection.execute(
                            "SELECT pg_notify(%s, %s)", (_CHANNEL, f"{self._me} {names}")
                        )
                    return
            except psycopg.Error:
                time.sleep(_RETRY)
