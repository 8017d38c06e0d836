"""What the record says about the writer, in the words of the safety room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import cast

from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.observation import Observation
from bot.domain.patient import Patient
from memory import Fact
from safety import EarlierReading, PatientFacts, PersonalLimit, Sex

_PREGNANT = re.compile(r"pregnan|怀孕|妊娠|有孕")
_PREGNANCY = timedelta(weeks=42)  #: so long after it was said nobody is pregnant any more
_OVERDUE = timedelta(days=28)  #: so long after the due date nobody is pregnant any more


def facts_of(
    patient: Patient,
    now: datetime,
    entries: Sequence[ClinicalEntry] = (),
    said: Iterable[Fact] = (),
) -> PatientFacts:
    """Facts for the screen; unknown stays unknown. ``said``: of the record, old ones too."""
    age, today = patient.age(now), now.astimezone(patient.zone).date()
    due, born = _newest(entries, EntryKind.PREGNANT), _newest(entries, EntryKind.BIRTH)
    return PatientFacts(
        language="zh" if patient.language == "zh" else "en",
        country=patient.country,
        city=patient.city,
        age_years=None if age is None else float(age),
        sex=cast(Sex, patient.sex),
        pregnant=True if due is not None and today <= due + _OVERDUE else None,
        postpartum_weeks=None if born is None else (today - born).days / 7,
        conditions=_names(entries, EntryKind.CONDITION),
        medicines=_names(entries, EntryKind.MEDICINE),
        told=told_in(said, now),
        limits=tuple(
            PersonalLimit(
                kind=entry.name,
                value=entry.value,
                signed_by=entry.set_by,
                signed_on=entry.set_at.date().isoformat(),
            )
            for entry in entries
            if entry.kind is EntryKind.LIMIT and entry.value is not None
        ),
    )


def told_in(said: Iterable[Fact], now: datetime) -> frozenset[str]:
    """Illnesses and medicines that hold now, whoever told of them; doubtful ones do not count."""
    return frozenset(
        fact.about
        for fact in said
        if fact.kind in ("Condition", "MedicationStatement")
        and fact.status == "current"
        and fact.verification == "certain"
        and not (fact.valid_until is not None and fact.valid_until <= now)
        and not (_PREGNANT.search(fact.about) and _since(fact) + _PREGNANCY < now)
    )


def tells_pregnancy(told: Iterable[str]) -> bool:
    """She said it herself, and not too long ago; see ``told_in``."""
    return any(_PREGNANT.search(one) for one in told)


def _since(fact: Fact) -> datetime:
    return fact.valid_from or fact.recorded_at


def _names(entries: Iterable[ClinicalEntry], kind: EntryKind) -> frozenset[str]:
    return frozenset(entry.name for entry in entries if entry.kind is kind)


def _newest(entries: Iterable[ClinicalEntry], kind: EntryKind) -> date | None:
    return max((date.fromisoformat(e.name) for e in entries if e.kind is kind), default=None)


def earlier_of(
    observations: Iterable[Observation], message_id: str, now: datetime
) -> tuple[EarlierReading, ...]:
    """The readings of the record before this message, for bands that look at a rise."""
    return tuple(
        EarlierReading(
            code=o.code,
            value=o.value,
            diastolic=o.diastolic,
            days_ago=(now - o.at).total_seconds() / 86_400,
        )
        for o in observations
        if o.source != message_id and o.at <= now
    )


def looks_chinese(text: str) -> bool:
    """At least one Han character: enough to answer a stranger in Chinese."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)
