"""How long the house keeps what: the classes of retention.toml, shown and applied."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.erasure import Receipt
from bot.domain.errors import SettingsError
from bot.domain.escalation import AuditEvent
from bot.ports import Services

_FILE = Path(__file__).with_name("retention.toml")
_AGAIN = timedelta(hours=12)  #: several processes apply it once a night
#: Deleted in this order: files before the messages they came with.
_TABLES = (
    "inbox", "outbox", "session", "invitation", "attachment", "message", "observation",
    "risk_assessment", "coded_case", "clinical_entry", "fact", "call_question", "summary", "memory",
    "suggestion", "carer", "check_in", "evidence",
)  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One class of rows: ``days`` since the last change, 0: until the patient is erased."""

    name: str
    title: str
    tables: tuple[str, ...]
    days: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The classes, what an erasure leaves, and how far a person has looked at them."""

    classes: tuple[Kept, ...]
    left: Mapping[str, Mapping[str, str]]
    beyond: Mapping[str, str]
    evidence: str
    reviewed_on: str
    reviewer: str


@cache
def rules(path: str = "") -> Rules:
    """The house's own file, or the clinic's. Raises SettingsError naming what is wrong."""
    file = Path(path) if path else _FILE
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
        classes = tuple(_kept(name, table) for name, table in raw["class"].items())
        return Rules(
            classes=classes,
            left=raw["kept"],
            beyond=raw["beyond"],
            evidence=raw["evidence"],
            reviewed_on=raw["reviewed_on"],
            reviewer=raw["reviewer"],
        )
    except OSError as error:
        raise SettingsError(f"ANKANG_RETENTION: {file} cannot be read") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"{file.name}: {error} is missing or wrong") from error


def _kept(name: str, table: Mapping[str, Any]) -> Kept:
    days, tables = table["days"], tuple(table["tables"])
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise ValueError(f"class.{name}.days: {days}")
    if unknown := [one for one in tables if one not in _TABLES]:
        raise ValueError(f"class.{name}.tables: {unknown[0]}")
    return Kept(name=name, title=table["title"], tables=tables, days=days, why=table["why"])


def due(services: Services, path: str = "") -> dict[str, int]:
    """How many rows of each table would go now."""
    now = services.clock()
    with services.store.reading() as rows:
        return {
            table: rows.retention.count(table, before)
            for table, before in _cutoffs(rules(path), now)
        }


def apply(services: Services, holder: str, path: str = "") -> dict[str, int] | None:
    """Delete what is over, some at a time; None: another process has done it lately."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        if not work.leases.take("retention", holder, now, _AGAIN):
            return None
    gone = {table: _delete(services, table, before) for table, before in _cutoffs(rules(path), now)}
    gone = {table: count for table, count in gone.items() if count}
    if gone:
        with services.store.unit_of_work() as work:
            detail: dict[str, object] = dict(gone)
            work.audit.add(
                AuditEvent(
                    at=now, actor="bot", type="retention.applied", subject="house", detail=detail
                )
            )
        services.store.forget_the_journal()
        _log.info("deleted by age: %s", gone)
    return gone


def told(receipt: Receipt) -> dict[str, Any]:
    """An erasure's receipt in words: what went, what stays and why, what is out of reach."""
    given = rules()
    return {
        "patient": receipt.patient_id,
        "at": receipt.at.isoformat(),
        "removed": dict(receipt.removed),
        "kept": [
            {"table": table, "rows": count, **given.left[table]}
            for table, count in receipt.kept.items()
            if count
        ],
        "out_of_reach": list(given.beyond.values()),
    }


def _cutoffs(given: Rules, now: datetime) -> list[tuple[str, datetime]]:
    days = {table: kept.days for kept in given.classes for table in kept.tables if kept.days}
    return [(table, now - timedelta(days=days[table])) for table in _TABLES if table in days]


def _delete(services: Services, table: str, before: datetime) -> int:
    total = 0
    while True:
        with services.store.unit_of_work() as work:
            if table == "memory":
                gone = work.retention.delete_memories(before)
                count = sum(len(ids) for ids in gone.values())
            else:
                gone, count = {}, work.retention.delete(table, before)
        for patient_id, ids in gone.items():  # after the rows: see bot/work/index.py
            services.memories.forget(patient_id, ids)
        total += count
        if not count:
            return total
