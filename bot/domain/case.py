"""An earlier case: what a finished matter was and how it ended, in codes alone.

No word anybody wrote, no name, no number, no day. Whose it was is a pseudonym that only the
patient's own key makes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Case:
    """One matter in codes; of a matter that is still open, the last three are empty."""

    about: str  #: the complaint of an interview, or a red flag
    age_band: str  #: "65-74"
    sex: str = ""  #: "female", "male" or empty
    red: tuple[str, ...] = ()  #: red flags
    conditions: tuple[str, ...] = ()  #: of the graph
    medicines: tuple[str, ...] = ()  #: classes of the graph
    level: str = ""  #: how an interview ended: "today", "days", "care"
    tier: str = ""
    outcome: str = ""  #: what the nurse recorded, one of ``OUTCOMES``
    took: str = ""  #: from raised to completed, one of the steps of cases.toml
    month: str = ""  #: "2026-11"


@dataclass(frozen=True, kw_only=True)
class KeptCase:
    """A case as a row; ``owner`` is the pseudonym of whose it was."""

    owner: str
    case: Case


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A case that is like the one at hand; ``same`` and the others name codes by their field."""

    case: Case
    count: int  #: so many cases are the same in every code
    score: float  #: 0 to 1
    same: Mapping[str, tuple[str, ...]]
    only_here: Mapping[str, tuple[str, ...]]
    only_there: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Similar:
    """What a look brought; ``now`` None: this matter cannot be put in codes."""

    now: Case | None
    kept: int  #: cases of other patients, shown or not
    hits: tuple[Alike, ...] = ()


#: How a matter can end; the words are in the catalogue as ``console.outcome_<code>``.
OUTCOMES = (
    "reached_advised",
    "reached_well",
    "ambulance_called",
    "went_to_hospital",
    "handed_over",
    "not_reached",
    "false_alarm",
)
