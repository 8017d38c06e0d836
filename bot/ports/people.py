"""Patients and the care team: who they are and where they are reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.care_team import CareGroup, CareTeamMember
from bot.domain.carer import Carer
from bot.domain.erasure import Receipt, Tombstone
from bot.domain.message import PatientId
from bot.domain.patient import Consent, Contact, Dialogue, Patient, PatientStatus
from bot.domain.rota import Shift


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
    def writer(self, channel: str, bot: str, address: str) -> tuple[Contact, Patient] | None:
        """Who writes from this chat; what ``contact_at`` and ``get`` give, read at once."""

    def contacts(self, patient_id: PatientId) -> list[Contact]: ...
    def contacts_of(self, patient_ids: Collection[PatientId]) -> dict[PatientId, list[Contact]]: ...
    def add_contact(self, contact: Contact) -> None: ...
    def reachable(self, channel: str, bot: str, address: str, yes: bool) -> None: ...
    def dialogue(self, patient_id: PatientId) -> Dialogue: ...
    def save_dialogue(self, dialogue: Dialogue) -> None: ...
    def held_by(self, member_id: str) -> list[PatientId]:
        """In whose conversations this member is writing."""

    def erase(self, patient_id: PatientId, now: datetime) -> Receipt:
        """Delete every row and the key; what went and what stays."""

    def status(self, patient_id: PatientId) -> PatientStatus | None:
        """How a patient stands, key or no key; None: there is no such patient."""

    def erased(self) -> list[Tombstone]:
        """Everybody who was erased."""


class Carers(Protocol):
    """Carers of patients; a chat is one patient's carer at a time."""

    def add(self, carer: Carer) -> bool: ...
    def at(self, channel: str, bot: str, address: str) -> Carer | None:
        """The carer who writes from this chat now."""

    def of(self, patient_id: PatientId, *, ended: bool = False) -> list[Carer]: ...
    def change(self, carer: Carer) -> None:
        """Keep its scopes and its end; one that has ended stays so."""


class Invitations(Protocol):
    """One-time codes, kept only as hashes."""

    def add(self, code: str, *, purpose: str, subject: str, expires_at: datetime) -> None: ...
    def withdraw(self) -> None:
        """After a restore: none of them works any more, for some were used since."""

    def find(self, code: str, now: datetime) -> tuple[str, str] | None:
        """(purpose, subject) while it can still be redeemed; that uses nothing up."""

    def redeem(self, code: str, now: datetime) -> tuple[str, str] | None:
        """(purpose, subject) the first time inside the time allowed, then never again."""


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
    def close_sessions(self, member_id: str = "") -> None:
        """Of one member; "": of everybody."""
