"""The people behind the bot. FHIR: CareTeam.participant."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Role(enum.Enum):
    """What a member may do."""

    NURSE = "nurse"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class CareTeamMember:
    """A nurse, a supervisor or the clinic's administrator."""

    id: str
    name: str
    role: Role
    username: str
    password_hash: str = ""
    language: str = "en"
    on_shift: bool = True
    telegram_id: str = ""  #: empty until linked
    email: str = ""  #: where pages go beside the chat; empty: nowhere
    failed_sign_ins: int = 0
    locked_until: datetime | None = None
    active: bool = True  #: False: has left; only the name stays, beside what they wrote and did


@dataclass(frozen=True, kw_only=True)
class CareGroup:
    """A chat group where nurses receive cards."""

    channel: str
    bot: str
    address: str
    title: str = ""
    topics: bool = False  #: a forum: one topic a patient
    language: str = "en"
