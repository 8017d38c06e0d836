"""How much the chain over the trail costs the transactions that write to it, on PostgreSQL."""

from __future__ import annotations

import argparse
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import make_url, text

from bot.domain.escalation import AuditEvent
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate

_LOCK = 7_204_553


def main() -> None:
    """Three ways, the same threads and events; prints events a second and the p95."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
    options.add_argument("--threads", type=int, default=8)
    options.add_argument("--events", type=int, default=200, help="of each thread")
    given = options.parse_args()
    for name, way in {
        "no chain": _plain,
        "in the transaction": _locked,
        "afterwards": _plain,
    }.items():
        rate, p95, verified = _run(given, way, linking=name == "afterwards")
        print(f"{name:20} {rate:8.0f} events/s   p95 {p95 * 1000:6.1f} ms   verified {verified}")


def _event(n: int) -> AuditEvent:
    now = datetime.now(UTC)
    return AuditEvent(at=now, actor="bot", type="bench", subject=str(n), detail={"n": n})


def _plain(store: SqlStore, n: int) -> None:
    with store.unit_of_work() as work:
        work.audit.add(_event(n))


def _locked(store: SqlStore, n: int) -> None:
    """What it would cost to link inside: everybody waits for everybody's commit."""
    with store.unit_of_work() as work:
        work.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        work.audit.add(_event(n))
        work.audit.link()


def _run(
    given: argparse.Namespace, way: Callable[[SqlStore, int], None], *, linking: bool
) -> tuple[float, float, int]:
    name = f"ankang_bench_{secrets.token_hex(6)}"
    admin = open_engine(given.url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(make_url(given.url).set(database=name).render_as_string(False))
    try:
        migrate(engine)
        store = SqlStore(engine, KeyVault(bytes(32), engine))
        return _timed(store, given, way, linking)
    finally:
        engine.dispose()
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def _timed(
    store: SqlStore,
    given: argparse.Namespace,
    way: Callable[[SqlStore, int], None],
    linking: bool,
) -> tuple[float, float, int]:
    spent: list[float] = []
    done = threading.Event()

    def write() -> None:
        for n in range(given.events):
            begin = time.perf_counter()
            way(store, n)
            spent.append(time.perf_counter() - begin)

    def link() -> None:
        while not done.wait(0.5):
            with store.unit_of_work() as work:
                work.audit.link()

    threads = [threading.Thread(target=write) for _ in range(given.threads)]
    linker = threading.Thread(target=link)
    begin = time.perf_counter()
    if linking:
        linker.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - begin
    done.set()
    if linking:
        linker.join()
        with store.unit_of_work() as work:
            work.audit.link(everything=True)
    with store.reading() as rows:
        chain = rows.audit.verify(datetime.now(UTC))
    spent.sort()
    return len(spent) / lasted, spent[int(len(spent) * 0.95)], chain.events


if __name__ == "__main__":
    main()
