"""Read the files of the eval commands, or say which line and which field is wrong."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from safety import COUNTRIES, Language, PatientFacts, ReviewContext, Sex, Tier

_CJK = re.compile(r"[\u3400-\u9fff]")
_CASE = ("id", "text", "lang", "patient", "tier", "acceptable", "group", "kind")
_PATIENT = ("age", "sex", "pregnant", "conditions", "medicines", "country")
_REVIEW = tuple(ReviewContext.__dataclass_fields__)
_SEXES = ("female", "male", "")
_OLDEST = 130


class LineError(ValueError):
    """One line of the file cannot be used; the text names the line and the field."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One message to screen, with its labels where the file gives them."""

    id: str | int
    text: str
    patient: PatientFacts
    tier: Tier | None = None
    acceptable: frozenset[Tier] = frozenset()
    group: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One message and the same message told otherwise, which must not come out lower."""

    id: str | int
    base: Case
    variant: Case


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One draft to review."""

    id: str | int
    draft: str
    context: ReviewContext


class _Fields:
    """The fields of one object of one line."""

    def __init__(
        self, data: Mapping[str, Any], where: str, known: Sequence[str], alike: float = 0.75
    ) -> None:
        self.data, self.where = data, where
        for name in data:
            if name not in known and (near := difflib.get_close_matches(name, known, 1, alike)):
                raise LineError(f"{where}: field {name!r} is unknown (did you mean {near[0]!r}?)")

    def wrong(self, name: str, must: str) -> LineError:
        return LineError(f"{self.where}: field {name!r} must be {must}")

    def id(self) -> str | int:
        value = self.data.get("id")
        if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
            raise self.wrong("id", "a text or a whole number")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        value = self.data.get(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        return value

    def flag(self, name: str) -> bool:
        value = self.data.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def words(self, name: str) -> frozenset[str]:
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(name, "a list of texts")
        return frozenset(value)

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.data.get(name, default)
        if value is None:
            return default
        if value not in allowed:
            raise self.wrong(name, "one of " + ", ".join(repr(one) for one in allowed))
        return cast(str, value)

    def tier(self, name: str) -> Tier | None:
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in Tier.__members__:
            raise self.wrong(name, "one of P0, P1, P2, P3")
        return Tier[value]


def objects(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line as an object, with "FILE line 3" to name it by; blank lines are passed over."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise LineError(f"{file.name}: cannot be read: {problem}") from problem
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{file.name} line {number}"
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise LineError(f"{where}: is not JSON: {problem}") from problem
        if not isinstance(data, dict):
            raise LineError(f"{where}: must be an object, as in {{...}}")
        yield where, data


def cases(file: Path) -> list[Case]:
    """The lines of a screening file; ``LineError`` names the first wrong line and field."""
    found = []
    for where, data in objects(file):
        row = _Fields(data, where, _CASE)
        tier, acceptable = row.tier("tier"), data.get("acceptable") or []
        if not isinstance(acceptable, list) or not all(
            isinstance(one, str) and one in Tier.__members__ for one in acceptable
        ):
            raise row.wrong("acceptable", "a list of P0, P1, P2, P3")
        text = row.text("text")
        found.append(
            Case(
                id=row.id(),
                text=text,
                patient=_patient(row, text),
                tier=tier,
                acceptable=frozenset(Tier[one] for one in acceptable),
                group=row.text("group", ""),
                kind=row.text("kind", ""),
            )
        )
    return found


def pairs(file: Path) -> list[Pair]:
    """The lines of a file of pairs."""
    found = []
    for where, data in objects(file):
        row = _Fields(data, where, ("id", "base", "variant", "lang", "patient"))
        base, variant = (
            Case(id=row.id(), text=row.text(name), patient=_patient(row, row.text(name)))
            for name in ("base", "variant")
        )
        found.append(Pair(id=row.id(), base=base, variant=variant))
    return found


def drafts(file: Path) -> list[Draft]:
    """The lines of a file of drafts; ``context`` holds fields of ``safety.ReviewContext``."""
    found = []
    for where, data in objects(file):
        row = _Fields(data, where, ("id", "draft", "context"))
        given = data.get("context") or {}
        if not isinstance(given, dict):
            raise row.wrong("context", "an object")
        draft = row.text("draft")
        inner = _Fields(given, f"{where}: context", _REVIEW)
        numbers = given.get("allowed_numbers", [])
        if not isinstance(numbers, list) or not all(
            isinstance(one, (str, int, float)) and not isinstance(one, bool) for one in numbers
        ):
            raise inner.wrong("allowed_numbers", "a list of numbers or texts")
        context = ReviewContext(
            language=_language(inner, "language", draft),
            allowed_numbers=tuple(numbers),
            medicines=inner.words("medicines"),
            conditions=inner.words("conditions"),
            other_names=inner.words("other_names"),
            patient_names=inner.words("patient_names"),
            flagged_tier=inner.tier("flagged_tier"),
            approved=inner.flag("approved"),
            nurse_status_true=inner.flag("nurse_status_true"),
            kind=inner.text("kind", "reply"),
            by_person=inner.flag("by_person"),
        )
        found.append(Draft(id=row.id(), draft=draft, context=context))
    return found


def _language(row: _Fields, name: str, text: str) -> Language:
    """As given, else Chinese where there is a Chinese character."""
    default = "zh" if _CJK.search(text) else "en"
    return cast(Language, row.one_of(name, ("en", "zh"), default))


def _patient(row: _Fields, text: str) -> PatientFacts:
    language = _language(row, "lang", text)
    given = row.data.get("patient")
    if given is None:
        return PatientFacts(language=language)
    if not isinstance(given, dict):
        raise row.wrong("patient", "an object")
    inner = _Fields(given, f"{row.where}: patient", _PATIENT, alike=0.6)
    age, pregnant = given.get("age"), given.get("pregnant")
    if age is not None and (
        isinstance(age, bool) or not isinstance(age, (int, float)) or not 0 <= age <= _OLDEST
    ):
        raise inner.wrong("age", f"years, 0 to {_OLDEST}")
    if pregnant is not None and not isinstance(pregnant, bool):
        raise inner.wrong("pregnant", "true or false")
    return PatientFacts(
        language=language,
        country=inner.one_of("country", ("", *sorted(COUNTRIES)), ""),
        age_years=None if age is None else float(age),
        sex=cast(Sex, inner.one_of("sex", _SEXES, "")),
        pregnant=pregnant,
        conditions=inner.words("conditions"),
        medicines=inner.words("medicines"),
    )
