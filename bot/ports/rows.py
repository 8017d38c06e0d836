"""The rows of the house, as the use cases read and write them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.audit import Chain, Head
from bot.domain.call import CallQuestion
from bot.domain.care_team import CareGroup, CareTeamMember
from bot.domain.checkin import CheckIn, Schedule, Streak
from bot.domain.clinical import ClinicalEntry
from bot.domain.erasure import Receipt, Tombstone
from bot.domain.escalation import AuditEvent, Escalation
from bot.domain.message import Attachment, Message, PatientId, Update
from bot.domain.observation import Observation
from bot.domain.outbox import OutboxState, Parcel, Said
from bot.domain.patient import Consent, Contact, Dialogue, Patient, PatientStatus
from bot.domain.rota import Shift
from bot.domain.suggestion import KeptSuggestion
from memory import Fact, Memory, Summary
from risk import RiskAssessment


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A kept update on its way to an answer."""

    id: int
    update: Update
    patient_id: PatientId | None
    attempts: int


class Patients(Protocol):
    """Patients, their consents and where they are reached."""

    def add(self, patient: Patient) -> None: ...
    def get(self, patient_id: PatientId) -> Patient | None: ...
    def some(self, patient_ids: Collection[PatientId]) -> dict[PatientId, Patient]:
        """Many at once; those whose key is lost are left out."""

    def save(self, patient: Patient) -> None: ...
    def all(self) -> list[Patient]: ...
    def paused_until(self, now: datetime, limit: int) -> list[Patient]:
        """Whose pause ends at or before ``now``."""

    def consent(self, consents: Iterable[Consent]) -> None: ...
    def contact_at(self, channel: str, bot: str, address: str) -> Contact | None: ...
    def contacts(self, patient_id: PatientId) -> list[Contact]: ...
    def contacts_of(self, patient_ids: Collection[PatientId]) -> dict[PatientId, list[Contact]]: ...
    def add_contact(self, contact: Contact) -> None: ...
    def reachable(self, channel: str, bot: str, address: str, yes: bool) -> None: ...
    def dialogue(self, patient_id: PatientId) -> Dialogue: ...
    def save_dialogue(self, dialogue: Dialogue) -> None: ...
    def erase(self, patient_id: PatientId, now: datetime) -> Receipt:
        """Delete every row and the key; what went and what stays."""

    def stop(self, patient_ids: Collection[PatientId]) -> int:
        """They have said STOP; how many were not stopped yet."""

    def status(self, patient_id: PatientId) -> PatientStatus | None:
        """How a patient stands, key or no key; None: there is no such patient."""

    def erased(self) -> list[Tombstone]:
        """Everybody who was erased."""


class Invitations(Protocol):
    """One-time codes, kept only as hashes."""

    def add(self, code: str, *, purpose: str, subject: str, expires_at: datetime) -> None: ...
    def withdraw(self) -> None:
        """After a restore: none of them works any more, for some were used since."""

    def redeem(self, code: str, now: datetime) -> tuple[str, str] | None:
        """(purpose, subject) the first time inside the time allowed, then never again."""


class Inbox(Protocol):
    """Room 1: what arrived, before anybody read it."""

    def keep(self, updates: Sequence[Update]) -> int:
        """Insert what is new by (channel, bot, external id); returns how many were."""

    def claim_new(self, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        """Unread updates in order of arrival, leased to the caller."""

    def screened(self, row_id: int, patient_id: PatientId | None, order_key: str) -> None: ...
    def claim_turns(self, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        """Screened updates, at most one of each order key, the oldest first."""

    def done(self, row_id: int) -> None:
        """Finish it and drop its sealed body: the words live on as a Message."""

    def retry(self, row_id: int, at: datetime) -> None: ...
    def set_aside(self, row_id: int, reason: str) -> None:
        """Keep it, visibly, out of everybody's way."""

    def release_all(self) -> None:
        """End every lease: for the only process of an embedded house, at its start."""

    def counts(self) -> dict[str, int]: ...
    def state(self, channel: str, bot: str, external_id: str) -> str:
        """ "new", "waiting", "done", "aside", or "" for an update nobody has brought."""


class Conversation(Protocol):
    """What was said."""

    def add(self, *messages: Message) -> None: ...
    def latest(self, patient_id: PatientId, limit: int) -> list[Message]:
        """The newest messages, oldest of them first."""

    def get(self, message_id: str) -> Message | None: ...
    def attach(
        self, message: Message, attachment: Attachment, *, channel: str, bot: str
    ) -> None: ...
    def unfetched(self, limit: int) -> list[tuple[str, str, str, Attachment]]:
        """(message id, channel, bot, attachment) of files still lying at a channel."""

    def keep_file(self, message_id: str, content: bytes | None) -> None:
        """Encrypt and keep the file; None: it could not be had."""

    def file(self, message_id: str) -> tuple[Attachment, bytes | None] | None: ...


class Record(Protocol):
    """Observations, risk assessments and memories of a patient."""

    def observe(self, observations: Iterable[Observation]) -> None: ...
    def observations(
        self, patient_id: PatientId, code: str | None = None, limit: int = 200
    ) -> list[Observation]:
        """The newest first; withdrawn ones left out."""

    def withdraw(self, patient_id: PatientId, observation_id: str) -> None: ...
    def assess(self, assessment: RiskAssessment) -> None: ...
    def assessments(self, patient_id: PatientId) -> list[RiskAssessment]: ...
    def assessments_since(self, since: datetime) -> list[RiskAssessment]:
        """Everybody's, the oldest first: for watching the models, never for a patient's eyes."""

    def remember(self, memories: Iterable[Memory]) -> None: ...
    def memories(self, patient_id: PatientId, kind: str | None = None) -> list[Memory]: ...
    def forget(self, patient_id: PatientId, ids: Sequence[str]) -> int: ...
    def unindexed_of(self, patient_id: PatientId) -> list[Memory]: ...


AGAIN = "again"  #: a row of memory whose vector is to be made anew
NO_KEY = "no key"  #: a row of memory that cannot be opened, and so not encoded


@dataclass(frozen=True, kw_only=True)
class ToIndex:
    """Rows of memory to encode; ``keyless``: whose rows could not be opened."""

    memories: tuple[Memory, ...] = ()
    keyless: tuple[PatientId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.memories or self.keyless)


class Index(Protocol):
    """Which memories have their vectors: the rows say so, the index can be made from them."""

    def new(self, limit: int) -> ToIndex:
        """Memories that were never encoded, the oldest first."""

    def again(self) -> ToIndex:
        """All memories of one patient who has some that are to be encoded anew."""

    def encoded(self, ids: Collection[str], encoder: str, now: datetime) -> set[str]:
        """They lie in the index, by this model; returns which of them still exist as rows."""

    def late(self, patient_id: PatientId, ids: Collection[str]) -> int:
        """Encode again what this patient has beside ``ids``; returns how many."""

    def keyless(self, patient_ids: Collection[str]) -> None:
        """Set aside what cannot be opened, so that it holds up nobody."""

    def counts(self) -> Mapping[PatientId, int]:
        """How many memories of each patient should lie in the index."""

    def lost(self, patient_ids: Collection[str] | None = None) -> int:
        """The index lost them (None: everything): recall reads the rows until they are back."""

    def refresh(self, encoder: str | None = None) -> int:
        """Encode anew what lies there (by another model than ``encoder``); returns how many."""

    def refresh_of(self, patient_ids: Collection[str]) -> int:
        """Encode anew what these patients have."""

    def models(self) -> Mapping[str, int]:
        """How many rows each model has encoded; "", AGAIN and NO_KEY: the ones it has not."""

    def without_key(self) -> Sequence[PatientId]:
        """Whose memories were set aside because their key is missing."""


class Clinical(Protocol):
    """What the care team knows of a patient: conditions, medicines, limits."""

    def add(self, entry: ClinicalEntry) -> bool: ...
    def end(self, patient_id: PatientId, entry_id: str, member_id: str, now: datetime) -> bool: ...
    def of(self, patient_id: PatientId, *, ended: bool = False) -> list[ClinicalEntry]:
        """The current entries, the oldest first; ``ended``: those that were ended too."""


class Facts(Protocol):
    """Dated statements about a patient. See ``memory.Fact``."""

    def add(self, facts: Iterable[Fact]) -> int:
        """Keep those whose ids are new; returns how many."""

    def of(self, patient_id: PatientId, *, everything: bool = False) -> list[Fact]:
        """The current ones, the oldest first; ``everything``: superseded and wrong ones too.

        Forgotten ones have no words left and never come back.
        """

    def change(self, facts: Iterable[Fact]) -> None:
        """Write status, verification, validity and links; a forgotten one loses its words."""

    def unread(self, since: datetime, limit: int) -> tuple[list[Memory], list[str]]:
        """Turns of patients, kept ``since`` then, that no language model has read for facts; and
        the ids of those that cannot be opened."""

    def read(self, memory_ids: Collection[str], now: datetime) -> None:
        """A language model has read these, or must not."""


class Summaries(Protocol):
    """Months of what a patient said, in a few sentences. See ``memory.summary``."""

    def put(self, summary: Summary) -> None:
        """Keep it in place of an earlier one of the same month."""

    def of(self, patient_id: PatientId) -> list[Summary]:
        """The oldest month first."""

    def forget(self, patient_id: PatientId, sources: Collection[str]) -> None:
        """Take out every sentence that rests on one of these messages."""

    def behind(self, since: datetime, least: int, limit: int) -> list[tuple[PatientId, str]]:
        """Months whose summary counts other turns than there are, among the patients who had
        anything kept ``since`` then and have at least ``least`` turns in all."""


class Suggestions(Protocol):
    """What there is to talk over with a patient."""

    def add(self, suggestions: Iterable[KeptSuggestion]) -> int:
        """Keep those whose ids are new; returns how many."""

    def of(self, patient_id: PatientId) -> list[KeptSuggestion]:
        """All of them, decided ones too, the oldest first."""

    def waiting(self) -> Mapping[PatientId, int]:
        """How many of each patient wait for a nurse."""

    def change(self, was: KeptSuggestion, new: KeptSuggestion) -> bool:
        """False if somebody else changed it first."""


class CheckIns(Protocol):
    """Schedules and their occurrences."""

    def set_schedule(self, schedule: Schedule) -> None: ...
    def schedules(self, patient_id: PatientId | None = None) -> list[Schedule]:
        """The active ones."""

    def schedule(self, schedule_id: str) -> Schedule | None: ...
    def some(self, schedule_ids: Collection[str]) -> dict[str, Schedule]: ...
    def unplanned(self, now: datetime, limit: int) -> list[tuple[Schedule, datetime | None]]:
        """Schedules whose rows run out soon, with the moment up to which they are planned.

        Leased to the caller's transaction; None: new, or its clock has changed.
        """

    def forget_coming(self, schedule_ids: Collection[str], now: datetime) -> None:
        """Delete what is planned after ``now`` and was never asked."""

    def planned(self, schedule_ids: Sequence[str], until: datetime) -> None: ...
    def materialise(self, checkins: Iterable[CheckIn]) -> int:
        """Insert what is new by (schedule, local slot)."""

    def cancel_due(self, patient_id: PatientId, schedule_id: str | None = None) -> int: ...
    def due(self, now: datetime, limit: int) -> list[CheckIn]: ...
    def take_due(self, now: datetime, limit: int) -> list[CheckIn]:
        """The oldest due ones, held for the caller's transaction: no other worker sees them."""

    def take_backlog(self, now: datetime, before: datetime, limit: int) -> list[CheckIn]:
        """All that is due for patients who have something due since ``before``; no other worker
        takes anything of theirs meanwhile. Some patients at a time, about ``limit`` rows."""

    def streaks(
        self, schedule_ids: Collection[str], since: datetime, until: datetime
    ) -> dict[str, Streak]:
        """By schedule, from what fell due in between; those never asked are left out."""

    def asked(self, checkins: Sequence[CheckIn]) -> None:
        """Keep as asked what ``take_due`` gave; an older open one of a schedule makes way."""

    def cancel(self, checkin_ids: Collection[str]) -> None: ...
    def silent(self, now: datetime, limit: int) -> list[CheckIn]:
        """Asked, unanswered, and past the time of the nag or of the miss."""

    def get(self, checkin_id: str) -> CheckIn | None: ...
    def open_for(self, patient_id: PatientId) -> list[CheckIn]:
        """Asked and not answered, the newest first."""

    def between(self, patient_id: PatientId, start: datetime, end: datetime) -> list[CheckIn]: ...
    def change(self, was: CheckIn, new: CheckIn) -> bool:
        """False if somebody else changed it first."""


class Escalations(Protocol):
    """Matters for the care team."""

    def add(self, escalation: Escalation) -> bool:
        """False when one with this id is kept already."""

    def get(self, escalation_id: str) -> Escalation | None: ...
    def open(self, patient_id: PatientId | None = None) -> list[Escalation]: ...
    def of_patient(self, patient_id: PatientId) -> list[Escalation]: ...
    def recent(self, limit: int) -> list[Escalation]: ...
    def due(self, now: datetime, limit: int) -> list[Escalation]: ...
    def change(self, was: Escalation, new: Escalation) -> bool:
        """False if somebody else changed it first."""


class Calls(Protocol):
    """ "Have you been able to call?", asked after an emergency."""

    def add(self, questions: Iterable[CallQuestion]) -> int: ...
    def get(self, question_id: str) -> CallQuestion | None: ...
    def due(self, now: datetime, limit: int) -> list[CallQuestion]:
        """To be asked, or asked and silent for too long."""

    def of(self, escalation_id: str) -> list[CallQuestion]: ...
    def asked_since(self, patient_id: PatientId, since: datetime) -> bool: ...
    def change(self, was: CallQuestion, new: CallQuestion) -> bool:
        """False if somebody else changed it first."""


class Audit(Protocol):
    """The append-only trail; the database refuses to change it."""

    def add(self, *events: AuditEvent) -> None: ...
    def of(self, subject: str, limit: int = 100) -> list[AuditEvent]: ...
    def views(self, patient_id: PatientId, limit: int) -> list[AuditEvent]:
        """Who opened this patient's pages, the newest first."""

    def last(self) -> int: ...
    def seal(
        self, patient_id: PatientId, evidence_id: str, at: datetime, value: dict[str, Any]
    ) -> dict[str, object]:
        """Keep what a decision rested on under the patient's key, once for ``evidence_id``.

        Returns what the event's detail holds of it: its id, and the digest of what was sealed.
        """

    def evidence(self, evidence_id: str) -> dict[str, Any] | None:
        """What was sealed; None: there is none, or it was erased with its patient."""

    def link(self, *, everything: bool = False) -> int:
        """Add links for the events that have none; returns how many. One process at a time."""

    def head(self) -> Head: ...
    def verify(
        self, now: datetime, *, evidence: bool = False, expected: Head | None = None
    ) -> Chain:
        """Compute the whole chain anew; ``expected``: a head noted down earlier."""


class Outbox(Protocol):
    """Words on their way out."""

    def add(self, parcel: Parcel) -> bool:
        """False when one with this key is kept already."""

    def add_all(self, parcels: Sequence[Parcel]) -> None:
        """Keep those whose key is not kept already."""

    def mark(self, patient_id: PatientId | None, text: str) -> str:
        """The same for the same words to the same person; says nothing about them."""

    def said_since(
        self, patient_ids: Collection[PatientId], since: datetime
    ) -> Mapping[PatientId, list[Said]]:
        """What the house has put in the post for these people since then; denied ones left out."""

    def due(self, now: datetime, *, channel: str, bot: str) -> bool:
        """Is there anything to claim? Asked often, so that an idle house writes nothing."""

    def claim(
        self, now: datetime, lease: timedelta, limit: int, *, channel: str, bot: str
    ) -> list[Parcel]:
        """What may go now, the most urgent class first, then the oldest; leased, not started."""

    def start(self, parcel_id: int, until: datetime) -> bool:
        """The next act is the wire: if we die before ``finish``, its outcome is unknown.

        False: it is no longer to be sent, for the patient has said STOP.
        """

    def interrupted(self, now: datetime) -> list[Parcel]:
        """Started by a process that died before it could say how it went."""

    def release_all(self) -> None:
        """End every lease: for the only process of an embedded house, at its start."""

    def finish(
        self,
        parcel_id: int,
        state: OutboxState,
        now: datetime,
        *,
        external_id: str = "",
        reason: str = "",
    ) -> None: ...
    def later(self, parcel_id: int, at: datetime, *, drop_thread: bool = False) -> None:
        """Try it again from ``at``, unless it has been settled meanwhile."""

    def readdress(self, channel: str, bot: str, old: str, new: str) -> None: ...
    def external_id(self, key: str) -> str: ...
    def newest_page(self, escalation_id: str, *, channel: str, bot: str, address: str) -> str:
        """The key of the last page about this matter that arrived at this address, or ""."""

    def newest_card(self, escalation_id: str, address: str) -> str:
        """The key of the newest page about this matter that stands in this chat, or ""."""

    def stop(self, patient_id: PatientId) -> int:
        """Deny every unsent message the bot would send of its own accord."""

    def clear(self, keys: Collection[str]) -> int:
        """Their purpose is met: what of these still waits is not sent."""

    def silence(self, patient_id: PatientId) -> int:
        """Deny every unsent message to this patient, whatever it is."""

    def doubt(self, now: datetime) -> int:
        """After a restore: what waits may have been sent since. Emergencies and pages stay."""

    def states(self, patient_id: PatientId, limit: int) -> dict[str, tuple[OutboxState, str]]:
        """Message id → (state, reason) of the newest parcels of a patient."""

    def counts(self) -> dict[str, int]: ...
    def pending(self, channel: str, bot: str, address: str) -> int:
        """How many messages to this address are not settled yet."""


class CareTeam(Protocol):
    """Nurses, their groups and their sessions."""

    def add(self, member: CareTeamMember) -> None: ...
    def save(self, member: CareTeamMember) -> None: ...
    def get(self, member_id: str) -> CareTeamMember | None: ...
    def by_username(self, username: str) -> CareTeamMember | None: ...
    def by_telegram(self, telegram_id: str) -> CareTeamMember | None: ...
    def all(self) -> list[CareTeamMember]: ...
    def shifts(self) -> list[Shift]:
        """Every shift of the rota, by member."""

    def add_shift(self, shift: Shift) -> None: ...
    def remove_shift(self, shift_id: str) -> None: ...
    def add_group(self, group: CareGroup) -> None: ...
    def groups(self) -> list[CareGroup]: ...
    def move_group(self, channel: str, bot: str, old: str, new: str) -> None: ...
    def topic(self, channel: str, address: str, patient_id: PatientId) -> str | None: ...
    def set_topic(
        self, channel: str, address: str, patient_id: PatientId, thread: str | None
    ) -> None: ...
    def open_session(self, token: str, member_id: str, csrf: str, expires_at: datetime) -> None: ...
    def session(self, token: str, now: datetime) -> tuple[CareTeamMember, str] | None:
        """(member, CSRF token) of a session that has not run out."""

    def close_session(self, token: str) -> None: ...
    def close_sessions(self) -> None: ...


class Leases(Protocol):
    """Who may do what only one process may do at a time."""

    def take(self, name: str, holder: str, now: datetime, lasting: timedelta) -> bool: ...
    def release(self, name: str, holder: str) -> None: ...
    def until(self, name: str) -> datetime | None:
        """When this lease ends or ended; None: it was never taken."""

    def release_everything(self) -> None:
        """For the only process of an embedded house, at its start."""


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """Rows of one kind that should have moved on by now."""

    kind: str  #: "escalation", "check_in", "outbox" or "inbox"
    count: int
    ids: tuple[str, ...]  #: the first few


class Watch(Protocol):
    """What the auditor counts."""

    def overdue(self, now: datetime) -> list[Overdue]:
        """What lies still: two minutes past its time, or unread for one."""

    def last(self, subject: str, *types: str) -> AuditEvent | None:
        """The newest event about ``subject`` of one of these types."""


class Retention(Protocol):
    """Rows that are over and older than a moment, by table."""

    def count(self, table: str, before: datetime) -> int: ...
    def delete(self, table: str, before: datetime) -> int:
        """Some thousands at most; how many went. 0: there are none left."""

    def delete_memories(self, before: datetime) -> Mapping[PatientId, list[str]]:
        """The same for memories; which ids of whom went, for the index to forget."""


class UnitOfWork(Protocol):
    """One transaction: commits at the end of its block, rolls back on an error."""

    @property
    def patients(self) -> Patients: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def conversation(self) -> Conversation: ...
    @property
    def record(self) -> Record: ...
    @property
    def clinical(self) -> Clinical: ...
    @property
    def index(self) -> Index: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def summaries(self) -> Summaries: ...
    @property
    def suggestions(self) -> Suggestions: ...
    @property
    def checkins(self) -> CheckIns: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def care_team(self) -> CareTeam: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def watch(self) -> Watch: ...
    @property
    def retention(self) -> Retention: ...


Reading = UnitOfWork  #: the same rows, in a transaction that writes nothing


class Store(Protocol):
    """The database. Its calls block: from async code they run in a thread."""

    def unit_of_work(self) -> AbstractContextManager[UnitOfWork]:
        """A writing transaction, kept when its block has ended well. Raises StoreError."""

    def claiming(self) -> AbstractContextManager[UnitOfWork]:
        """A writing transaction that a power cut may undo, for leases. Raises StoreError."""

    def reading(self) -> AbstractContextManager[Reading]:
        """A reading snapshot. Raises StoreError."""

    def forget_the_journal(self) -> None:
        """After an erasure: the database's files keep nothing of what was deleted."""


class Tombstones(Protocol):
    """Who was erased, kept beside the database: an older backup cannot undo it."""

    def add(self, *tombstones: Tombstone) -> None:
        """On the disk when it returns."""

    def read(self) -> list[Tombstone]:
        """All of them. Raises StoreError."""
