"""Everything held about one patient as a page that the patient can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import safety
from bot.domain.clinical import ClinicalEntry
from bot.domain.dates import day_in_words
from bot.domain.escalation import Escalation
from bot.domain.message import CARER, TO_CARER, PatientId
from bot.domain.observation import Observation
from bot.domain.patient import Patient, Purpose
from bot.export import trail
from bot.export.cases import words
from bot.export.resources import WITH_FILES
from bot.occurrences import rule_of
from bot.ports import Reading
from memory import Fact
from prompts import UnknownWords, say
from risk import RiskAssessment

_ALL = 1_000_000


def page(rows: Reading, patient_id: PatientId, *, clinic: str, now: datetime) -> str:
    """HTML in the patient's language, without anything from elsewhere. Raises KeyError."""
    patient = rows.patients.get(patient_id)
    if patient is None:
        raise KeyError(patient_id)
    shown = _Shown(patient)
    t = shown.tell
    name = patient.name or t("somebody")
    facts = rows.facts.of(patient_id, everything=True)
    names = trail.names(rows, patient_id, patient.language)
    names |= {"patient": t("who_patient"), "bot": t("who_bot")}
    names |= {CARER: t("who_carer"), TO_CARER: t("who_to_carer")}
    html: str = _template().render(
        t=t,
        language=patient.language,
        title=t("title", clinic=clinic, name=name),
        made=t("made", clinic=clinic, day=shown.day(now), zone=patient.timezone),
        about=list(shown.about([c.channel for c in rows.patients.contacts(patient_id)])),
        consents=[
            (say(f"commands.consent_{p.value}", patient.language), p in patient.consents)
            for p in Purpose
        ],
        known=[shown.entry(one) for one in rows.clinical.of(patient_id, ended=True)],
        facts=[(one.text, shown.fact(one)) for one in facts],
        readings=shown.readings(rows.record.observations(patient_id, limit=_ALL)),
        risks=[
            (
                f"{shown.word('console.risk_', a.prediction.outcome)}: " + shown.risk(a),
                f"{a.method} {a.version} · {shown.moment(a.occurred_at)}",
            )
            for a in rows.record.assessments(patient_id)
        ],
        questions=[
            " · ".join(part for part in (s.what, rule_of(s).brief()) if part)
            for s in rows.checkins.schedules(patient_id)
        ],
        matters=[shown.matter(one) for one in rows.escalations.of_patient(patient_id)],
        cases=[words(one, patient.language) for one in rows.cases.of(patient_id)],
        conversation=[
            (names.get(m.author, m.author), shown.moment(m.at), m.text, m.kind in WITH_FILES)
            for m in rows.conversation.latest(patient_id, _ALL)
        ],
        seen=[
            (
                shown.moment(e.at),
                names.get(e.actor, e.actor),
                shown.word("export.event_", e.type.replace(".", "_")),
            )
            for e in trail.seen(rows, patient_id)
        ],
    )
    return html


class _Shown:
    """Values in the patient's own language and clock."""

    def __init__(self, patient: Patient) -> None:
        self._patient = patient
        self.tell = partial(self._tell, patient.language)

    @staticmethod
    def _tell(language: str, key: str, /, **values: Any) -> str:
        return say(f"export.{key}", language, **values)

    def day(self, at: datetime) -> str:
        return day_in_words(at, self._patient.zone, self._patient.language)

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._patient.zone):%Y-%m-%d %H:%M}"

    def word(self, prefix: str, code: str) -> str:
        """The word for a code; one without a word is shown as it is."""
        try:
            return say(f"{prefix}{code.replace(' ', '_')}", self._patient.language)
        except UnknownWords:
            return code.replace("_", " ").replace(".", ": ")

    def risk(self, made: RiskAssessment) -> str:
        """The number of an assessment: people in a hundred, points, or both."""
        parts = []
        if made.points is not None:
            parts.append(self.tell("points", count=f"{made.points:g}"))
        if made.prediction.probability is not None:
            percent = made.prediction.probability * 100
            parts.append(self.tell("in_hundred", count=f"{percent:.1f}"))
        return ", ".join(parts)

    def event(self, kind: str) -> str:
        """What happened, as the trail calls it: "viewed.patient"."""
        return self.word("export.event_", kind.replace(".", "_"))

    def source(self, said_by: str, at: datetime) -> str:
        return f"{self.word('console.said_', said_by)} · {self.day(at)}"

    def fact(self, one: Fact) -> str:
        parts = [self.source(one.said_by, one.recorded_at)]
        if one.status != "current":
            parts.append(self.word("console.fact_", one.status.replace("-", "_")))
        elif one.verification == "unconfirmed":
            parts.append(self.word("console.fact_", "unconfirmed"))
        return " · ".join(parts)

    def about(self, channels: list[str]) -> Iterator[tuple[str, str]]:
        patient, t = self._patient, self.tell
        yield t("name"), patient.name or "–"
        born = patient.birth_date
        noon = datetime.combine(born, time(12), tzinfo=patient.zone) if born else None
        yield t("born"), self.day(noon) if noon else "–"
        yield t("sex"), t(f"sex_{patient.sex}") if patient.sex else "–"
        yield t("place"), ", ".join(p for p in (patient.city, patient.country) if p) or "–"
        yield t("language"), t(f"language_{'zh' if patient.language == 'zh' else 'en'}")
        yield t("since"), self.day(patient.created_at)
        yield t("chats"), ", ".join(self.word("console.channel_", c) for c in channels) or "–"

    def entry(self, one: ClinicalEntry) -> tuple[str, str]:
        value = f": {one.value:g}" if one.value is not None else ""
        note = self.day(one.set_at)
        if one.ended_at is not None:
            note += " · " + self.tell("ended", day=self.day(one.ended_at))
        return f"{self.tell(f'entry_{one.kind.value}')}: {one.name}{value}", note

    def readings(
        self, observations: list[Observation]
    ) -> list[tuple[str, list[tuple[str, str, str]]]]:
        by_code: dict[str, list[tuple[str, str, str]]] = {}
        for one in observations:
            line = (self.moment(one.at), one.shown, one.said)
            by_code.setdefault(one.code, []).append(line)
        return [(self.word("record.", code), lines) for code, lines in by_code.items()]

    def matter(self, one: Escalation) -> tuple[str, str]:
        try:
            reason = say(f"console.reason_{one.reason}", self._patient.language)
        except UnknownWords:
            reason = safety.flag_name(one.reason, self._patient.language).replace("_", " ")
        done = one.completed_at
        how = self.tell("matter_done", day=self.day(done)) if done else self.tell("matter_open")
        return reason, f"{self.moment(one.created_at)} · {how}"


@cache
def _template() -> Any:
    room = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    return room.get_template("page.html")
