"""Rows of patients, consents and contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from bot.domain.erasure import Receipt, Tombstone
from bot.domain.errors import KeyMissing
from bot.domain.message import PatientId
from bot.domain.patient import (
    CARE,
    CONSENT_VERSION,
    Consent,
    Contact,
    Dialogue,
    Patient,
    PatientStatus,
    Pause,
    Purpose,
)
from bot.store import patient_statements as ask
from bot.store import tables as t
from bot.store.among import among
from bot.store.crypto import KeyVault
from bot.store.erasure import erase
from bot.store.sealing import open_json, put, seal_json
from bot.store.whole import whole

_Answers = dict[str, tuple[bool, str]]  #: by purpose: granted, and to which version of the words
_COLUMNS = tuple(t.patient.c.keys())
_CONTACT = tuple(t.contact.c.keys())
_PURPOSES = {purpose.value: purpose for purpose in Purpose}


class PatientRows:
    """See ``bot.ports.people.Patients``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, patient: Patient) -> None:
        plain = {k: v for k, v in self._values(patient).items() if k != "sealed"}
        self._db.execute(t.patient.insert().values(plain))
        self._vault.make_key(patient.id, self._db)
        self.save(patient)

    def get(self, patient_id: PatientId) -> Patient | None:
        rows = ask.PATIENT.all(self._db, {"patient": patient_id})
        return self._one(rows) if rows else None

    def writer(self, channel: str, bot: str, address: str) -> tuple[Contact, Patient] | None:
        at = {"channel": channel, "bot": bot, "address": address}
        rows = ask.WRITER.all(self._db, at)
        if not rows:
            return None
        person = self._one(rows)
        return Contact(**at, patient_id=person.id, reachable=rows[0].reachable), person

    def _one(self, rows: Sequence[Any]) -> Patient:
        self._vault.seen(rows[0].id, rows[0].wrapped)
        newest = {row.purpose: (row.granted, row.version) for row in rows if row.purpose}
        return self._patient(rows[0], answers=newest)

    def some(self, patient_ids: Collection[PatientId]) -> dict[PatientId, Patient]:
        lost = self._vault.warm(patient_ids, self._db)
        ids = [one for one in patient_ids if one not in lost]
        c = t.consent.c
        given: defaultdict[str, _Answers] = defaultdict(dict)
        answers = self._db.execute(
            select(c.patient_id, c.purpose, c.granted, c.version)
            .where(among(self._db, c.patient_id, ids))
            .order_by(c.id)
        )
        for owner, purpose, granted, version in answers.all():
            given[owner][purpose] = granted, version  # the newest has the last word
        rows = self._db.execute(select(t.patient).where(among(self._db, t.patient.c.id, ids))).all()
        return {PatientId(row.id): self._patient(row, answers=given[row.id]) for row in rows}

    def save(self, patient: Patient) -> None:
        # In another zone every slot comes at another moment: what was planned is planned anew.
        self._db.execute(ask.NEW_ZONE, {"patient": patient.id, "zone": patient.timezone})
        self._db.execute(
            update(t.patient)
            .where(t.patient.c.id == patient.id, t.patient.c.status != PatientStatus.ERASED.value)
            .values(self._values(patient))
        )

    def all(self) -> list[Patient]:
        rows = self._db.execute(
            select(t.patient)
            .where(t.patient.c.status != PatientStatus.ERASED.value)
            .order_by(t.patient.c.created_at)
        )
        # One lost key must not hide the other patients.
        return [self._patient(row, unreadable_too=True) for row in rows]

    def consent(self, consents: Iterable[Consent]) -> None:
        rows = [
            {
                "patient_id": c.patient_id,
                "purpose": c.purpose.value,
                "granted": c.granted,
                "version": c.version,
                "at": c.at,
            }
            for c in consents
        ]
        if rows:
            self._db.execute(t.consent.insert(), rows)

    def contact_at(self, channel: str, bot: str, address: str) -> Contact | None:
        at = {"channel": channel, "bot": bot, "address": address}
        row = self._db.execute(ask.CONTACT_AT, at).first()
        return Contact(**row._mapping) if row else None

    def contacts(self, patient_id: PatientId) -> list[Contact]:
        rows = self._db.execute(select(t.contact).where(t.contact.c.patient_id == patient_id))
        return [Contact(**row._mapping) for row in rows]

    def contacts_of(self, patient_ids: Collection[PatientId]) -> dict[PatientId, list[Contact]]:
        found: defaultdict[PatientId, list[Contact]] = defaultdict(list)
        rows = self._db.execute(
            select(t.contact).where(among(self._db, t.contact.c.patient_id, patient_ids))
        )
        for row in rows.all():
            contact = whole(Contact, dict(zip(_CONTACT, row, strict=True)))
            found[contact.patient_id].append(contact)
        return found

    def add_contact(self, contact: Contact) -> None:
        put(
            self._db,
            t.contact,
            {
                "channel": contact.channel,
                "bot": contact.bot,
                "address": contact.address,
                "patient_id": contact.patient_id,
                "reachable": contact.reachable,
            },
        )

    def reachable(self, channel: str, bot: str, address: str, yes: bool) -> None:
        self._db.execute(update(t.contact).where(*_at(channel, bot, address)).values(reachable=yes))

    def dialogue(self, patient_id: PatientId) -> Dialogue:
        rows = ask.DIALOGUE.all(self._db, {"patient": patient_id})
        if not rows:
            return Dialogue(patient_id=patient_id)
        row = rows[0]
        return Dialogue(
            patient_id=patient_id,
            topic=open_json(self._vault, patient_id, row.sealed),
            paused=open_json(self._vault, patient_id, row.paused),
            held_by=row.held_by,
            held_since=row.held_since,
        )

    def save_dialogue(self, dialogue: Dialogue) -> None:
        def sealed(value: dict[str, Any]) -> str | None:
            return seal_json(self._vault, dialogue.patient_id, value) if value else None

        put(
            self._db,
            t.dialogue,
            {
                "patient_id": dialogue.patient_id,
                "sealed": sealed(dialogue.topic),
                "paused": sealed(dialogue.paused),
                "held_by": dialogue.held_by,
                "held_since": dialogue.held_since,
            },
        )

    def held_by(self, member_id: str) -> list[PatientId]:
        c = t.dialogue.c
        return [
            PatientId(one)
            for one in self._db.scalars(select(c.patient_id).where(c.held_by == member_id))
        ]

    def erase(self, patient_id: PatientId, now: datetime) -> Receipt:
        return erase(self._db, self._vault, patient_id, now)

    def paused_until(self, now: datetime, limit: int) -> list[Patient]:
        c = t.patient.c
        rows = self._db.execute(
            select(t.patient)
            .where(c.status == PatientStatus.PAUSED.value, c.paused_until <= now)
            .order_by(c.paused_until)
            .limit(limit)
        )
        return [self._patient(row, unreadable_too=True) for row in rows.all()]

    def status(self, patient_id: PatientId) -> PatientStatus | None:
        rows = ask.STATUS.all(self._db, {"patient": patient_id})
        return PatientStatus(rows[0].status) if rows else None

    def erased(self) -> list[Tombstone]:
        rows = self._db.execute(select(t.erasure.c.patient_id, t.erasure.c.at))
        return [Tombstone(patient_id=PatientId(row.patient_id), at=row.at) for row in rows]

    def _values(self, patient: Patient) -> dict[str, Any]:
        private = {
            "name": patient.name,
            "city": patient.city,
            "home_city": patient.home_city,
            "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        }
        return {
            "id": patient.id,
            "status": patient.status.value,
            "language": patient.language,
            "country": patient.country,
            "timezone": patient.timezone,
            "sex": patient.sex,
            "demo": patient.demo,
            "quiet_from": patient.quiet_from,
            "quiet_until": patient.quiet_until,
            "pause": patient.pause.value if patient.pause else "",
            "paused_until": patient.paused_until,
            "home_zone": patient.home_zone,
            "home_country": patient.home_country,
            "created_at": patient.created_at,
            "sealed": seal_json(self._vault, patient.id, private)
            if self._has_key(patient)
            else None,
        }

    def _has_key(self, patient: Patient) -> bool:
        return patient.status is not PatientStatus.ERASED and bool(
            self._db.scalar(
                select(func.count())
                .select_from(t.patient_key)
                .where(t.patient_key.c.patient_id == patient.id)
            )
        )

    def _patient(
        self,
        row: Row[Any],
        *,
        unreadable_too: bool = False,
        answers: _Answers | None = None,
    ) -> Patient:
        try:
            private = open_json(self._vault, row.id, row.sealed)
        except KeyMissing:
            if not unreadable_too:
                raise
            private = {}
        born = private.get("birth_date")
        answers = self._answers(row.id) if answers is None else answers
        consents, outdated = _read(tuple(answers.items()))
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=False))  # consents may follow
        del values["sealed"]
        values |= {
            "status": PatientStatus(values["status"]),
            "pause": Pause(values["pause"]) if values["pause"] else None,
            "home_city": private.get("home_city", ""),
            "name": private.get("name", ""),
            "city": private.get("city", ""),
            "birth_date": date.fromisoformat(born) if born else None,
            "consents": consents,
            "outdated": outdated,
        }
        return whole(Patient, values)

    def _answers(self, patient_id: str) -> _Answers:
        rows = self._db.execute(ask.CONSENTS, {"patient": patient_id})
        return {row.purpose: (row.granted, row.version) for row in rows}


@lru_cache(maxsize=256)  # many people have answered alike
def _read(
    newest: tuple[tuple[str, tuple[bool, str]], ...],
) -> tuple[frozenset[Purpose], frozenset[Purpose]]:
    """(granted, answered to earlier words): what is granted is a yes to the words of today, and
    for the patient's own care one to earlier words."""
    earlier = {_PURPOSES[name] for name, (_, version) in newest if version != CONSENT_VERSION}
    granted = {_PURPOSES[name] for name, (yes, _) in newest if yes}
    return frozenset(granted - (earlier - CARE)), frozenset(earlier)


def _at(channel: str, bot: str, address: str) -> tuple[Any, ...]:
    c = t.contact.c
    return (c.channel == channel, c.bot == bot, c.address == address)
