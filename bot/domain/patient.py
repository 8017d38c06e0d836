"""The person the house exists for. FHIR: Patient, Consent."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.message import PatientId


class PatientStatus(enum.Enum):
    """Where a patient stands with us."""

    ENROLLED = "enrolled"  #: invited; consent not given yet
    ACTIVE = "active"
    PAUSED = "paused"  #: silent for a while, as the patient asked
    STOPPED = "stopped"  #: wrote STOP or blocked the bot; only /start resumes
    DECEASED = "deceased"  #: marked by the care team: nothing begins by itself any more
    ERASED = "erased"

    @property
    def planned(self) -> bool:
        """Questions are planned, if only for the end of a pause: STOP has something to end."""
        return self in (PatientStatus.ACTIVE, PatientStatus.PAUSED)


class Pause(enum.Enum):
    """What is silent while a patient is paused."""

    ALL = "all"
    ORDINARY = "ordinary"  #: medicines, measurements and appointments go on


class Purpose(enum.Enum):
    """What consent is asked for, each by itself."""

    CARE_MESSAGES = "care_messages"
    REMINDERS = "reminders"
    NURSES = "nurses"
    LANGUAGE_MODEL = "language_model"
    SIMILAR_CASES = "similar_cases"  #: asked only where the clinic has switched it on


#: Raise it when the words of the consent questions change: everybody is asked again.
CONSENT_VERSION = "2026-11"
#: A yes to earlier words goes on for these until it is answered anew: to fall silent would harm.
#: What goes beyond one's own care waits for the new answer.
CARE = frozenset({Purpose.CARE_MESSAGES, Purpose.REMINDERS, Purpose.NURSES})


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One answer to one consent question; the newest of a purpose counts."""

    patient_id: PatientId
    purpose: Purpose
    granted: bool
    version: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Patient:
    """Who this is. Name, birth date and city lie encrypted under the patient's key."""

    id: PatientId
    status: PatientStatus
    language: str = "en"
    country: str = ""  #: ISO 3166-1 alpha-2, empty while unknown
    timezone: str = "UTC"  #: IANA name
    sex: str = ""  #: "female", "male" or empty
    name: str = ""
    city: str = ""
    birth_date: date | None = None
    demo: bool = False
    quiet_from: str = "21:30"  #: local "HH:MM"; the same as ``quiet_until``: no quiet hours
    quiet_until: str = "07:30"
    pause: Pause | None = None  #: None: not paused
    paused_until: datetime | None = None  #: None while paused: until the patient says so
    home_zone: str = ""  #: the IANA zone at home, while away from it; empty: not travelling
    home_country: str = ""
    home_city: str = ""
    created_at: datetime
    consents: frozenset[Purpose] = field(default_factory=frozenset)  #: granted
    outdated: frozenset[Purpose] = field(default_factory=frozenset)  #: answered to earlier words

    @property
    def zone(self) -> ZoneInfo:
        """The patient's own clock."""
        return ZoneInfo(self.timezone)

    def age(self, on: datetime) -> int | None:
        """Completed years on that day in the patient's own calendar, None while unknown."""
        if self.birth_date is None:
            return None
        day = on.astimezone(self.zone).date()
        before = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before

    @property
    def may_be_written_to(self) -> bool:
        """The bot may speak first to this person."""
        return self.status is PatientStatus.ACTIVE


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Where a person is reached: one chat at one bot."""

    channel: str
    bot: str
    address: str
    patient_id: PatientId
    reachable: bool = True


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """What the conversation is in the middle of; survives every restart."""

    patient_id: PatientId
    #: for example {"name": "enrolment", "step": "country"} or {"name": "risk", "form": {…}}
    topic: dict[str, object] = field(default_factory=dict)
    #: forms that were left half-way, by the name of their topic; "go on" takes them up again
    paused: dict[str, dict[str, object]] = field(default_factory=dict)
    held_by: str = ""  #: the care team member who is writing with the patient now
    held_since: datetime | None = None

    def put_off(self) -> Dialogue:
        """The open form laid aside, to be taken up again later."""
        name = str(self.topic.get("name", ""))
        return replace(self, topic={}, paused={**self.paused, name: self.topic})

    def take_up(self, name: str) -> Dialogue:
        """The form ``name`` that lay aside, open again. KeyError if there is none."""
        paused = {key: topic for key, topic in self.paused.items() if key != name}
        return replace(self, topic=self.paused[name], paused=paused)

    def close(self, name: str) -> Dialogue:
        """No topic, and nothing of the form ``name`` kept aside."""
        paused = {key: topic for key, topic in self.paused.items() if key != name}
        return replace(self, topic={}, paused=paused)
