"""A whole house in a process of its own, with a Telegram before its door, for measuring."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.domain.message import PatientId
from bot.domain.patient import CONSENT_VERSION, Consent, Contact, Patient, PatientStatus, Purpose
from bot.post import short_id
from bot.store.crypto import KeyVault, master_key
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from tests.telegram_server import TelegramServer

TOKEN = "42:TEST-token-of-the-bench"
ROOT = Path(__file__).resolve().parents[1]
FIRST_CHAT = 7_000_001


@dataclass
class BenchHouse:
    """``with BenchHouse(patients=100) as house``: enrolled patients, and a house that runs.

    Patients are numbered from 0; every second one speaks Chinese.
    """

    patients: int
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="ankang-bench-")))
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.server = TelegramServer(TOKEN)
        self.server.start()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._enrol()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.server.stop()
        self.store.engine.dispose()
        if error is None:
            shutil.rmtree(self.folder)
        else:
            sys.stderr.write(f"the house's log: {self.folder / 'log'}\n")

    # --- the house -----------------------------------------------------------------------

    def start(self) -> None:
        """Start the real process; returns at once."""
        self.process = self.spawn("bot", "run")

    def spawn(self, *module: str, **pipes: int) -> subprocess.Popen[bytes]:
        """A module in a process that has this house's settings, its words in the folder's log."""
        outside = {k: v for k, v in os.environ.items() if not k.startswith("ANKANG_")}
        settings = {
            "ANKANG_DATA": str(self.folder),
            "ANKANG_PORT": str(self.port),
            "ANKANG_TELEGRAM_TOKEN": TOKEN,
            "ANKANG_TELEGRAM_API_BASE_URL": self.server.base_url,
        }
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                env=outside | settings | self.environment,
                **{"stdout": log, "stderr": log, **pipes},
            )

    def wait_until_awake(self) -> None:
        """Until it fetches messages, its memory has opened, and a few turns have warmed it."""
        self.start()
        self.until(lambda: self.server.made("getUpdates"), within=60)
        # The first of these waits for the encoder; patients get one each, so that no one's
        # limit of a message a second is near.
        for number, words in enumerate(("what did I tell you about my knee?", "hello") * 10):
            self.answered(number % self.patients, words, within=90)

    def wait_for_the_library(self) -> None:
        """Until the articles are searched by meaning: once for ever in a clinic, half a minute."""
        log = self.folder / "log"
        self.until(lambda: b"searched by meaning" in log.read_bytes(), within=400)

    def stop(self) -> None:
        """Ask it to end, as a system does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it between two instructions."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    @property
    def pid(self) -> int:
        """Of the house."""
        if self.process is None:
            raise RuntimeError("the house does not run")
        return self.process.pid

    # --- the people ----------------------------------------------------------------------

    def say(self, patient: int, words: str) -> int:
        """A patient writes; returns the update's number."""
        with self.server.lock:
            self.server.say(chat_of(patient), words)
            return self.server._next_update - 1

    def answered(self, patient: int, words: str, *, within: float = 20.0) -> float:
        """A patient writes and waits; returns the seconds until the first call arrived."""
        already = len(self.server.calls)
        began = time.time()
        self.say(patient, words)
        return self.first_call(patient, already, within=within) - began

    def first_call(self, patient: int, since: int, *, within: float) -> float:
        """When the first message to this patient after call number ``since`` arrived."""
        chat = str(chat_of(patient))

        def arrived() -> float:
            calls = self.server.calls[since:]
            sent = (c.at for c in calls if c.method != "getUpdates")
            told = (c.at for c in calls if c.params.get("chat_id") == chat)
            return next(told, 0.0) if any(sent) else 0.0

        return self.until(arrived, within=within)

    def until(self, reached: Callable[[], Any], *, within: float) -> Any:
        """Wait for something to become true. Raises TimeoutError, or RuntimeError if it died."""
        end = time.monotonic() + within
        while not (value := reached()):
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the house ended by itself, see {self.folder / 'log'}")
            if time.monotonic() > end:
                raise TimeoutError("it never became true")
            time.sleep(0.002)
        return value

    # --- the rows ------------------------------------------------------------------------

    @contextmanager
    def rows(self) -> Iterator[sqlite3.Connection]:
        """The database, to look and not to touch."""
        connection = sqlite3.connect(f"file:{self.folder / 'ankang.db'}?mode=ro", uri=True)
        try:
            yield connection
        finally:
            connection.close()

    def count(self, question: str) -> int:
        """The one number a query gives."""
        with self.rows() as connection:
            return int(connection.execute(question).fetchone()[0])

    def quiet(self) -> bool:
        """Nothing is left to be read, answered or sent."""
        return not self.count(
            "select (select count(*) from inbox where state in ('new', 'waiting')) + "
            "(select count(*) from outbox where state in ('new', 'held', 'sending'))"
        )

    def _enrol(self) -> None:
        engine = open_engine(f"sqlite:///{self.folder / 'ankang.db'}")
        vault = KeyVault(master_key("", self.folder), engine)
        migrate(engine)
        self.store = SqlStore(engine, vault)
        now = datetime.now(UTC)
        with self.store.unit_of_work() as work:
            for number in range(self.patients):
                patient = PatientId(f"{number:032x}")
                chinese = number % 2 == 1
                work.patients.add(
                    Patient(
                        id=patient,
                        status=PatientStatus.ACTIVE,
                        language="zh" if chinese else "en",
                        country="CN" if chinese else "GB",
                        timezone="Asia/Shanghai" if chinese else "Europe/London",
                        sex="female",
                        name="李梅" if chinese else "Alice",
                        birth_date=date(1961, 4, 12),
                        created_at=now,
                    )
                )
                work.patients.consent(
                    Consent(
                        patient_id=patient,
                        purpose=purpose,
                        granted=True,
                        version=CONSENT_VERSION,
                        at=now,
                    )
                    for purpose in Purpose
                )
                work.patients.add_contact(
                    Contact(
                        channel="telegram",
                        bot=TOKEN.partition(":")[0],
                        address=str(chat_of(number)),
                        patient_id=patient,
                    )
                )
                self.server.person(chat_of(number))


def chat_of(patient: int) -> int:
    """The private chat of this patient."""
    return FIRST_CHAT + patient


def id_of(update: int) -> str:
    """The id under which the house keeps the message of this update."""
    return short_id("message", "telegram", TOKEN.partition(":")[0], update)
