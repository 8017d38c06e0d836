"""One message in, what is said back, and everything decided in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from bot.domain.carer import Carer
from bot.domain.checkin import CheckIn, CheckInState, Schedule
from bot.domain.clinical import ClinicalEntry
from bot.domain.escalation import Escalation
from bot.domain.message import Incoming, Message, PatientId
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.patient import Consent, Contact, Dialogue, Patient
from memory import Fact, Found, Statement, learn
from risk import RiskAssessment
from safety import Verdict

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Something a person on the care team should see, raised by the conversation itself."""

    reason: str
    tier: str  #: "P0" … "P3"
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One answer after words of self-harm, with all answers so far and the level they make."""

    question: str
    answer: str  #: "yes", "no" or "rather_not"
    answers: dict[str, str]
    level: str  #: "high", "moderate", "low" or "none"


@dataclass(frozen=True, kw_only=True)
class Drafting:
    """How a language model's answer came about, kept for whoever reviews it."""

    detail: Mapping[str, object]  #: without words, for the trail
    kept: dict[str, Any]  #: draft, passages and verdicts, under the patient's key


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Handed from room to room and replaced, never changed in place."""

    row_id: int
    incoming: Incoming
    patient: Patient
    contact: Contact
    message: Message
    screened: Verdict
    dialogue: Dialogue
    now: datetime
    #: what the record held when the turn began; None: unknown, so that it is written again
    patient_before: Patient | None = None
    topic_before: dict[str, Any] | None = None
    paused_before: dict[str, Any] | None = None
    observations: tuple[Observation, ...] = ()
    entries: tuple[ClinicalEntry, ...] = ()  #: conditions, medicines, limits of the record
    known: tuple[Fact, ...] = ()  #: every statement kept, superseded too, whoever made it
    history: tuple[Message, ...] = ()
    emergency: Escalation | None = None  #: open for these hours, and nobody has reached them yet
    open_checkins: tuple[CheckIn, ...] = ()  #: asked and not answered, the newest first
    schedules: tuple[Schedule, ...] = ()
    #: what the rooms decided
    marked: tuple[Found, ...] | None = None  #: what the tagger sees stated; None: it did not read
    drafts: tuple[Draft, ...] = ()
    carers: tuple[Carer, ...] = ()  #: as the patient wants them from now on
    observed: tuple[Observation, ...] = ()
    withdrawn: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()  #: known facts as they are from now on
    new_facts: tuple[Fact, ...] = ()  #: besides what the words themselves state
    forgotten: tuple[str, ...] = ()  #: ids of memories
    forgotten_sources: tuple[str, ...] = ()  #: messages whose words are to be remembered no more
    unremembered: bool = False  #: these words ask or forget; they are no memory themselves
    alarm: str = ""  #: "open": an emergency of theirs is; "asked": and help was asked for just now
    wished: bool = False  #: a medicine in these words is only thought of, not taken
    assessment: RiskAssessment | None = None
    consents: tuple[Consent, ...] = ()
    asked_anew: bool = False  #: the consent questions have changed, and are asked beside this
    scheduled: tuple[Schedule, ...] = ()  #: new or changed; inactive: ended
    answers: tuple[tuple[CheckIn, CheckIn], ...] = ()  #: check-ins as they were → as they are
    edits: tuple[tuple[str, str], ...] = ()  #: (outbox key of a message, its new words)
    concerns: tuple[Concern, ...] = ()
    told: tuple[Told, ...] = ()
    intercepted: tuple[str, ...] = ()  #: kinds of request with fixed words, for the trail
    drafting: Drafting | None = None
    improvable: bool = False  #: a language model may word the first draft better
    stop: bool = False  #: every proactive message ends now
    handled: bool = False  #: a room has dealt with it; later rooms pass it on
    read_off: dict[Any, Any] = field(
        default_factory=dict, compare=False, repr=False
    )  #: by ``once``

    @property
    def language(self) -> str:
        """The language to answer in."""
        return self.patient.language

    @property
    def text(self) -> str:
        """The words of this message."""
        return self.message.text

    @property
    def patient_id(self) -> PatientId:
        """Whose turn it is."""
        return self.patient.id

    def once(self, read: Callable[..., T], /, *args: Any, **named: Any) -> T:
        """``read(…)``, worked out once in a turn however many rooms ask; it goes with the turn."""
        key = (read, args, *named.items())
        if key not in self.read_off:
            self.read_off[key] = read(*args, **named)
        return cast(T, self.read_off[key])

    @property
    def stated(self) -> tuple[Statement, ...]:
        """The facts that these words state about the patient."""
        return self.once(
            learn, self.text, language=self.language, said_by="patient", marked=self.marked
        )

    def say(self, *drafts: Draft, **changes: Any) -> Turn:
        """This turn with these drafts added, dealt with."""
        return replace(self, drafts=self.drafts + drafts, handled=True, **changes)

    def open_of(self, *kinds: str) -> CheckIn | None:
        """The newest unanswered check-in of these kinds."""
        return next((c for c in self.open_checkins if c.kind in kinds), None)

    def answered(self, checkin: CheckIn, answer: str) -> tuple[CheckIn, CheckIn]:
        """``checkin`` before and after this answer."""
        return checkin, replace(
            checkin, state=CheckInState.ANSWERED, answered_at=self.now, answer=answer
        )

    def topic(self, topic: dict[str, Any]) -> Dialogue:
        """The dialogue turned to another topic; empty: to none."""
        return replace(self.dialogue, topic=topic)
