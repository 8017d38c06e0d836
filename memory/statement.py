"""One fact as a message states it, and its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from memory.rules import Rules, rules_of

_SHARED = re.compile(r"\s*(?:,| and | or |、|和|跟|还有|以及)\s*")
EDGES = " .!:。！，,;；"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One stated fact: `text` says it in a few words, [start, end) is where the message said it.

    `kind` is a FHIR R4 resource, or Preference and SocialHistory (Observations in FHIR).
    `certain` is False for what others are reported to have said, and for what no rule knows:
    `by` is "tagger" then. `values` are its parts as the patient put them; see `Fact`.
    """

    kind: str
    text: str
    start: int
    end: int
    certain: bool
    values: Mapping[str, str] = field(default_factory=dict)
    by: Literal["rule", "tagger"] = "rule"


def refused(kind: str, about: str, language: str) -> bool:
    """Whether a fact of this kind is never about this: "allergic to it", to one's own lips."""
    never = rules_of(language).refuses.get(kind)
    return never is not None and never.search(about) is not None


def with_details(statement: Statement, sentence: str, rules: Rules) -> Statement:
    """The statement with its parts by name: a medicine's dose, a symptom's onset."""
    what = statement.values.get("what", statement.text)
    values = {"what": what}
    if how := statement.values.get("how"):
        values["reaction"] = how
    for detail in rules.details:
        if detail.kind == statement.kind and detail.part not in values:
            match = detail.pattern.search(sentence if detail.in_sentence else what)
            if match:
                values[detail.part] = (match.groupdict().get("it") or match[0]).strip(EDGES)
    if statement.kind == "AllergyIntolerance":
        values["substance"] = values.pop("what")
    elif statement.kind == "MedicationStatement":
        values.setdefault("name", _rest(values.pop("what"), values))
        values.pop("what", None)
    return replace(statement, values=values)


def _rest(what: str, values: Mapping[str, str]) -> str:
    """What is left of a medicine's words when dose and times are taken out: its name."""
    for part in ("dose", "times"):
        what = what.replace(values.get(part, ""), " ") if values.get(part) else what
    return re.sub(r"^(?:of|the|my)\s+|\s+", " ", what.strip(EDGES + "的")).strip() or what


def each(statement: Statement) -> tuple[Statement, ...]:
    """An allergy to two things is two facts: one may be corrected without the other."""
    parts = _SHARED.split(statement.values.get("substance", ""))
    parts = [part for part in parts if part]
    if statement.kind != "AllergyIntolerance" or len(parts) < 2:
        return (statement,)
    whole = statement.values["substance"]
    return tuple(
        replace(
            statement,
            text=statement.text.replace(whole, part),
            values={**statement.values, "substance": part},
        )
        for part in parts
    )


def in_words(kind: str, what: str, language: str) -> str:
    """`what` as a statement of this kind: "Allergic to ampicillin"."""
    return rules_of("zh" if language == "zh" else "en").forms[kind].format(what=what)
