"""Where a risk form stands, as plain values that survive a restart."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import risk
from bot.conversation.risk_words import Doubt, Refusal


class ProblemCode(enum.Enum):
    """Why an answer was not taken."""

    NOT_AN_ANSWER = "not_an_answer"  #: something else: answer it, then ask again
    NOT_CLEAR = "not_clear"
    UNIT_NEEDED = "unit_needed"
    OUT_OF_RANGE = "out_of_range"
    LATER = "later"  #: not now: the form is laid aside
    STALE = "stale"  #: a button of an earlier question; say nothing


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An answer that was not taken, and what to say ("" where the bot has its own answer)."""

    code: ProblemCode
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question, ready to be sent."""

    name: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()  #: (label, data); data is at most 64 bytes


@dataclass(frozen=True, kw_only=True)
class Form:
    """Where the conversation stands. Encrypt it at rest: it holds personal values."""

    asked: str  #: what the person wants to know: chd, stroke, diabetes …
    country: str
    begun_at: datetime
    outcome: str = ""  #: what the model predicts for it
    model: str = ""
    variant: str = "base"
    horizon: int = 0
    inputs: Mapping[str, risk.Input] = field(default_factory=dict)  #: by the model's own names
    others: Mapping[str, risk.Input] = field(
        default_factory=dict
    )  #: by concept; another may use it
    reused: tuple[str, ...] = ()  #: names that came from the record
    unknown: tuple[str, ...] = ()  #: concepts that the person cannot say
    changed: str = ""  #: why another model was taken, until it is told
    unitless: float | None = None  #: a number whose unit has been asked for
    doubted: Doubt | None = None  #: a value outside the range, until it is confirmed or corrected
    ended: Refusal | None = None

    @property
    def uses(self) -> risk.AnyModel:
        """The model that the form is for."""
        return risk.open_model(self.model, variant=self.variant, horizon=self.horizon)

    def known(self) -> dict[str, risk.Input]:
        """Everything that has been said or was on record, by concept."""
        own = {risk.concept(self.model, name): given for name, given in self.inputs.items()}
        return {**self.others, **own}

    def to_dict(self) -> dict[str, Any]:
        """The form as JSON-ready values."""
        raw = dataclasses.asdict(self)
        raw["begun_at"] = self.begun_at.isoformat()
        for given in (*raw["inputs"].values(), *raw["others"].values()):
            given["as_of"] = given["as_of"] and given["as_of"].isoformat()
        return raw

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Form:
        """The form that ``to_dict`` wrote."""
        return cls(
            **{
                **raw,
                "begun_at": datetime.fromisoformat(raw["begun_at"]),
                "inputs": _inputs(raw["inputs"]),
                "others": _inputs(raw["others"]),
                "reused": tuple(raw["reused"]),
                "unknown": tuple(raw["unknown"]),
                "doubted": Doubt(**raw["doubted"]) if raw["doubted"] else None,
                "ended": Refusal(**raw["ended"]) if raw["ended"] else None,
            }
        )


def _inputs(raw: Mapping[str, Any]) -> dict[str, risk.Input]:
    return {
        name: risk.Input(
            **{**given, "as_of": given["as_of"] and datetime.fromisoformat(given["as_of"])}
        )
        for name, given in raw.items()
    }
