"""Made-up patients with daily questions, written in bulk, and services without a memory room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam

from bot.domain.checkin import Schedule
from bot.domain.message import PatientId
from bot.domain.patient import CONSENT_VERSION, Patient, PatientStatus, Purpose
from bot.ports import Clinic, Services, Store
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import seal_json

BOT = "42"
_NAMES = {
    "en": ("Alice", "Ben", "Carol", "Dev", "Edith", "Frank", "Grace", "Hugh", "Iris", "Jo"),
    "zh": ("李梅", "王强", "张丽", "刘洋", "陈静", "杨帆", "赵敏", "黄磊", "周洁", "吴刚"),
}
_FAMILIES = {
    "en": ("Hill", "Shah", "Reid", "Cole", "Wood", "Khan", "Bell", "Moss", "Lowe", "Pike"),
    "zh": ("阿姨", "叔叔", "奶奶", "爷爷", "老师", "女士", "先生", "大姐", "大哥", "师傅"),
}

_ROW, _SEALED = bindparam("row"), bindparam("words")


class Silent:
    """Bells that nobody hears."""

    def ring(self, *names: str) -> None: ...


@dataclass(frozen=True)
class Channel:
    """Where the pages of the care team go; the bench puts parcels on the wire itself."""

    name: str = "telegram"
    bot: str = BOT


def services_on(
    store: Store, vault: KeyVault, clock: Callable[[], datetime], bells: Any = None
) -> Services:
    """What check-ins and escalations need, and no more."""
    return Services(
        store=store,
        clock=clock,
        bells=bells or Silent(),
        vault=vault,
        clinic=Clinic(name="Bench"),
        memories=None,  # type: ignore[arg-type]
        channels={"telegram": Channel()},  # type: ignore[dict-item]
    )


def person(number: int, zone: str, now: datetime) -> Patient:
    """Every second one speaks Chinese; a hundred names of each language, as in a real town."""
    language = "zh" if number % 2 else "en"
    first, family = _NAMES[language][number // 2 % 10], _FAMILIES[language][number // 20 % 10]
    return Patient(
        id=PatientId(f"{number:032x}"),
        status=PatientStatus.ACTIVE,
        language=language,
        country="CN" if language == "zh" else "GB",
        timezone=zone,
        sex="female",
        name=f"{first[0]}{first[-1]}{family}" if language == "zh" else f"{first} {family}",
        created_at=now,
    )


def enrol(db: Connection, vault: KeyVault, patients: Sequence[Patient]) -> None:
    """Patients who agreed to everything, each with one chat."""
    now = patients[0].created_at
    db.execute(
        t.patient.insert(),
        [
            {
                "id": p.id, "status": p.status.value, "language": p.language,
                "country": p.country, "timezone": p.timezone, "sex": p.sex, "demo": False,
                "created_at": now,
            }
            for p in patients
        ],
    )  # fmt: skip
    for p in patients:
        vault.make_key(p.id, db)
    db.execute(
        t.patient.update().where(t.patient.c.id == _ROW).values(sealed=_SEALED),
        [
            {"row": p.id, "words": seal_json(vault, p.id, {"name": p.name, "city": ""})}
            for p in patients
        ],
    )
    db.execute(
        t.consent.insert(),
        [
            {
                "patient_id": p.id, "purpose": purpose.value, "granted": True,
                "version": CONSENT_VERSION, "at": now,
            }
            for p in patients
            for purpose in Purpose
        ],
    )  # fmt: skip
    db.execute(
        t.contact.insert(),
        [
            {
                "channel": "telegram", "bot": BOT, "address": str(7_000_000 + int(p.id, 16)),
                "patient_id": p.id, "reachable": True,
            }
            for p in patients
        ],
    )  # fmt: skip


def appoint(db: Connection, vault: KeyVault, schedules: Sequence[Schedule]) -> None:
    """Keep many schedules at once."""
    db.execute(
        t.schedule.insert(),
        [
            {
                "id": s.id, "patient_id": s.patient_id, "kind": s.kind, "time": s.time,
                "rule": s.rule, "home_zone": s.home_zone, "plan": s.plan, "active": s.active,
                "sealed": vault.seal(s.patient_id, s.what) if s.what else None,
            }
            for s in schedules
        ],
    )  # fmt: skip
