"""One patient as the console shows them: read in one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.console import chart, words
from bot.console.plans import Row, Running, reminders, running
from bot.console.suggestions import OnItsWay, Shown, on_their_way, waiting
from bot.domain.carer import Carer
from bot.domain.checkin import CheckIn, Schedule
from bot.domain.clinical import ClinicalEntry
from bot.domain.escalation import Escalation
from bot.domain.message import Attachment, Direction, Kind, Message, PatientId, reply_id
from bot.domain.observation import Observation
from bot.domain.outbox import OutboxState
from bot.domain.patient import Contact, Dialogue, Patient, PatientStatus, Purpose
from bot.domain.quiet import allowed_from
from bot.ports import Reading
from memory import Fact, Summary
from risk import RiskAssessment

MESSAGES = 80
_FILES = (Kind.PHOTO, Kind.VOICE, Kind.FILE)
_CHARTED = 60  #: readings of one kind in the chart
_LISTED = 10  #: readings of one kind in the table
_PAST = 40  #: facts that hold no more
_MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message with what became of it."""

    message: Message
    author: str  #: a member's name; "" for the patient and the bot
    state: OutboxState | None
    reason: str
    goes_at: datetime | None  #: quiet hours hold it until then
    file: tuple[Attachment, bool] | None  #: (what it is, the bytes are here)
    drafted: str  #: the message it answers, where a language model was asked; or ""

    @property
    def anchor(self) -> str:
        """Its id in the page."""
        return words.anchor(self.message.id)

    @property
    def from_patient(self) -> bool:
        """The patient said it."""
        return self.message.direction is Direction.INBOUND


@dataclass(frozen=True, kw_only=True)
class Series:
    """Readings of one kind, the newest first."""

    code: str
    readings: tuple[Observation, ...]
    chart: chart.Chart | None


@dataclass(frozen=True, kw_only=True)
class Talk:
    """The live part of the page."""

    patient: Patient
    lines: tuple[Line, ...]
    dialogue: Dialogue
    holder: str  #: the name of who holds the conversation
    reachable: bool
    shared: bool  #: see ``shared``

    @property
    def version(self) -> str:
        """Changes with what is shown."""
        said = ";".join(
            f"{x.message.id}={x.state.value if x.state else ''}{x.goes_at}{x.file and x.file[1]}"
            for x in self.lines
        )
        seen = f"{self.dialogue.held_by}/{self.reachable}/{self.shared}"
        return f"{said}/{seen}/{self.patient.status.value}"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A patient's record, as the page shows it."""

    talk: Talk
    plans: tuple[Running, ...]  #: care plans with something that is still asked
    reminders: tuple[Row, ...]  #: what is asked outside a plan
    suggestions: tuple[Shown, ...]  #: to talk over, not decided
    on_their_way: tuple[OnItsWay, ...]  #: approved, and held by quiet hours
    quiet_until: datetime | None  #: quiet hours hold now what is approved
    known: tuple[ClinicalEntry, ...]  #: conditions, medicines, limits
    members: Mapping[str, str]  #: id → name
    open: tuple[Escalation, ...]
    series: tuple[Series, ...]
    facts: tuple[Fact, ...]  #: those that hold, by kind
    past: tuple[Fact, ...]  #: superseded or wrong, the newest first
    summaries: tuple[Summary, ...]  #: the newest month first
    assessments: tuple[RiskAssessment, ...]
    names: dict[str, str]  #: of the care team, by id
    contacts: tuple[Contact, ...]
    carers: tuple[Carer, ...]
    next_checkin: datetime | None
    schedule: Schedule | None
    waiting_checkin: CheckIn | None

    @property
    def patient(self) -> Patient:
        """Whose record this is."""
        return self.talk.patient

    @property
    def shared(self) -> bool:
        """See ``shared``."""
        return self.talk.shared


def shared(rows: Reading, patient: Patient) -> bool:
    """The patient agreed that nurses read along, or an open matter asks for it."""
    return Purpose.NURSES in patient.consents or bool(rows.escalations.open(patient.id))


def talk(rows: Reading, patient_id: PatientId) -> Talk | None:
    """The conversation; None where there is no such patient, or they were erased."""
    patient = rows.patients.get(patient_id)
    if patient is None or patient.status is PatientStatus.ERASED:
        return None
    names = {member.id: member.name for member in rows.care_team.all()}
    states = rows.outbox.states(patient_id, 2 * MESSAGES)
    held = rows.outbox.held_until(patient_id)
    answers = {
        reply_id(one.subject): one.subject for one in rows.audit.drafted(patient_id, MESSAGES)
    }
    lines = []
    for message in rows.conversation.latest(patient_id, MESSAGES):
        state, reason = states.get(message.id, (None, ""))
        file = None
        if message.kind in _FILES and (found := rows.conversation.file(message.id)):
            file = (found[0], found[1] is not None)
        lines.append(
            Line(
                message=message,
                author=names.get(message.author, ""),
                state=state if message.direction is Direction.OUTBOUND else None,
                reason=reason,
                goes_at=held.get(message.id) if state is OutboxState.HELD else None,
                file=file,
                drafted=answers.get(message.id, ""),
            )
        )
    dialogue = rows.patients.dialogue(patient_id)
    return Talk(
        patient=patient,
        lines=tuple(lines),
        dialogue=dialogue,
        holder=names.get(dialogue.held_by, dialogue.held_by),
        reachable=any(contact.reachable for contact in rows.patients.contacts(patient_id)),
        shared=shared(rows, patient),
    )


def read(rows: Reading, patient_id: PatientId, now: datetime) -> Chart | None:
    """The whole record; None where there is no such patient, or they were erased."""
    found = talk(rows, patient_id)
    if found is None:
        return None
    schedules = rows.checkins.schedules(patient_id)
    facts = rows.facts.of(patient_id, everything=True)
    holding = (fact for fact in facts if fact.status == "current")
    return Chart(
        talk=found,
        plans=running(rows, found.patient, now),
        reminders=reminders(rows, found.patient, now),
        suggestions=waiting(rows, patient_id),
        on_their_way=on_their_way(rows, patient_id),
        quiet_until=quiet if (quiet := allowed_from(found.patient, now)) > now else None,
        known=tuple(rows.clinical.of(patient_id)),
        members={member.id: member.name for member in rows.care_team.all()},
        open=tuple(rows.escalations.open(patient_id)),
        series=_series(rows.record.observations(patient_id, limit=400)),
        facts=tuple(sorted(holding, key=lambda f: (not f.guarded, f.kind, f.recorded_at))),
        past=tuple(fact for fact in reversed(facts) if fact.status != "current")[:_PAST],
        summaries=tuple(s for s in reversed(rows.summaries.of(patient_id)) if s.sentences)[
            :_MONTHS
        ],
        assessments=tuple(rows.record.assessments(patient_id)),
        names={member.id: member.name for member in rows.care_team.all()},
        contacts=tuple(rows.patients.contacts(patient_id)),
        carers=tuple(rows.carers.of(patient_id)),
        schedule=schedules[0] if schedules else None,
        # A care plan's schedule has a rule instead of one daily time.
        next_checkin=min(
            (words.next_time(one.time, found.patient.zone, now) for one in schedules if one.time),
            default=None,
        ),
        waiting_checkin=next(iter(rows.checkins.open_for(patient_id)), None),
    )


def _series(observations: Sequence[Observation]) -> tuple[Series, ...]:
    """By kind, in the order in which they were last measured."""
    by_code: dict[str, list[Observation]] = {}
    for observation in observations:
        by_code.setdefault(observation.code, []).append(observation)
    series = []
    for code, readings in by_code.items():
        # One axis, one unit: a value kept in another unit stays in the table.
        same_unit = [o for o in readings if o.unit == readings[0].unit][:_CHARTED]
        series.append(
            Series(code=code, readings=tuple(readings[:_LISTED]), chart=chart.draw(same_unit))
        )
    return tuple(series)
