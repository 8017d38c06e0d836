"""The words of the safety room: tiers, findings, the verdict and what is known of the patient."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]
Sex = Literal["female", "male", ""]
Source = Literal["rule", "metric", "classifier", "model", "error"]


class Tier(enum.IntEnum):
    """How soon a person must look: P0 emergency now … P3 routine; the lower number is worse.

    Compare with ``is_more_urgent_than`` and ``Tier.worst_of`` rather than ``<``, which reads
    backwards for a clinician.
    """

    P0 = 0
    P1 = 1
    P2 = 2
    P3 = 3

    def is_more_urgent_than(self, other: Tier) -> bool:
        return self.value < other.value

    def is_at_least(self, other: Tier) -> bool:
        """True where this tier is as urgent as ``other`` or more."""
        return self.value <= other.value

    @classmethod
    def worst_of(cls, tiers: Iterable[Tier]) -> Tier:
        """The most urgent of the tiers; P3 when there is none."""
        return min(tiers, default=cls.P3, key=lambda tier: tier.value)


@dataclass(frozen=True, kw_only=True)
class PersonalLimit:
    """A limit that a clinician has set for this patient; ``kind`` as in personal_limits.toml."""

    kind: str
    value: float  #: in the unit of the kind
    signed_by: str = ""  #: who set it
    signed_on: str = ""  #: when, as a date


@dataclass(frozen=True, kw_only=True)
class PatientFacts:
    """What the record says about the writer; every field may be unknown.

    ``country`` is ISO 3166-1 alpha-2 or "". Age in years, postpartum in weeks since birth.
    ``conditions`` and ``medicines`` are lines that the care team set. ``told`` are illnesses and
    medicines from elsewhere (said by the patient, or read from another record): they may raise a
    finding like a line, and never stand in the way of one.
    """

    language: Language = "en"
    country: str = ""
    city: str = ""
    age_years: float | None = None
    sex: Sex = ""
    pregnant: bool | None = None
    postpartum_weeks: float | None = None
    conditions: frozenset[str] = frozenset()
    medicines: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    limits: tuple[PersonalLimit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One red flag seen in one message; ``start`` and ``end`` are offsets in the original text.

    ``asked``: the context is not a plain statement, so the patient gets one clarifying question.
    ``people_only``: no words of the patient close it, only people do.
    ``topic_private``: the topic is never named in a push preview.
    """

    flag: str
    tier: Tier
    start: int = 0
    end: int = 0
    source: Source = "rule"
    cues: tuple[str, ...] = ()
    asked: bool = False
    people_only: bool = False
    topic_private: bool = False

    @property
    def rank(self) -> tuple[int, bool, bool, int]:
        """Sort key, worst first: tier, stated before asked, people-only first, then position."""
        return (self.tier.value, self.asked, not self.people_only, self.start)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All findings of one message, worst first; the worst one decides the tier."""

    findings: tuple[Finding, ...] = ()
    rule_version: str = ""

    @property
    def worst(self) -> Finding | None:
        """The finding whose fixed words are sent, or None when nothing was found."""
        return min(self.findings, key=lambda finding: finding.rank, default=None)

    @property
    def tier(self) -> Tier:
        """The most urgent tier of all findings, asked or stated; P3 when there is none."""
        return Tier.worst_of(finding.tier for finding in self.findings)

    @property
    def asked(self) -> bool:
        """True where every finding of the worst tier is only asked: send the question first."""
        worst = [finding for finding in self.findings if finding.tier is self.tier]
        return bool(worst) and all(finding.asked for finding in worst)

    @property
    def question_flag(self) -> str | None:
        """The flag whose question to send when ``asked``, else None."""
        worst = self.worst
        return worst.flag if self.asked and worst is not None else None

    @property
    def flags(self) -> frozenset[str]:
        """The ids of every flag found."""
        return frozenset(finding.flag for finding in self.findings)
