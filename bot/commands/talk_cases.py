"""The cases of a conversation: what the last answer must hold, must not hold, and how it is put."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "zh")
MANNERS = ("polite", "calm", "one question", "source")
_FIELDS = {"id", "lang", "patient", "record", "turns", "must", "must not", "manner", "longest"}
_PATIENT = {"country": str, "timezone": str, "sex": str, "name": str, "born": date}
_KINDS = ("condition", "medicine", "pregnant", "birth")
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|\"[^\"]*\"|^> .*$", re.MULTILINE)
_SOURCE = re.compile(r"\[\d+\]")


class CaseError(ValueError):
    """A file of cases that cannot be used, by file, case and field."""


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """One conversation and what is asked of its last answer."""

    id: str
    area: str
    lang: str
    patient: Mapping[str, Any]
    record: tuple[tuple[str, str], ...]  #: kind and name, as a nurse enters them
    turns: tuple[str, ...]
    must: tuple[tuple[str, ...], ...]  #: of each group one
    must_not: tuple[str, ...]
    manner: tuple[str, ...]
    longest: int  #: characters; 0: as many as it likes


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One answer held against its rubric; a part is None where the rubric asks nothing of it."""

    case: Rubric
    heard: str
    missing: tuple[str, ...]
    said: tuple[str, ...]
    manner: tuple[str, ...]

    @property
    def passed(self) -> Mapping[str, bool | None]:
        """By part."""
        case = self.case
        return {
            "must": not self.missing if case.must else None,
            "must not": not self.said if case.must_not else None,
            "style": not self.manner if case.manner or case.longest else None,
        }


def judge(case: Rubric, heard: str) -> Judged:
    """Capital letters do not matter; a missing group is shown as it is written in the file."""
    low = heard.casefold()
    bad = [name for name in case.manner if not _mannered(name, heard)]
    if case.longest and len(heard) > case.longest:
        bad.append(f"longer than {case.longest}: {len(heard)}")
    return Judged(
        case=case,
        heard=heard,
        missing=tuple("|".join(g) for g in case.must if not any(w.casefold() in low for w in g)),
        said=tuple(words for words in case.must_not if words.casefold() in low),
        manner=tuple(bad),
    )


def _mannered(name: str, heard: str) -> bool:
    own = _QUOTED.sub("", heard)  # what the patient wrote may be read back as it was written
    if name == "polite":
        return "你" not in own
    if name == "calm":
        return not set(own) & set("!！")
    if name == "one question":
        return sum(own.count(mark) for mark in "?？") <= 1
    return _SOURCE.search(heard) is not None


def cases(folder: Path) -> list[Rubric]:
    """Every case of every ``*.yaml``, by file and place. Raises CaseError."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise CaseError(f"{folder}: there is no .yaml file of cases")
    found: dict[str, Rubric] = {}
    for file in files:
        for case in _read(file):
            if case.id in found:
                raise CaseError(f"{file.name}: case {case.id}: id is used twice")
            found[case.id] = case
    return list(found.values())


def _read(file: Path) -> Iterator[Rubric]:
    try:
        rows = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise CaseError(f"{file.name}: cannot be read: {reason}") from None
    if not isinstance(rows, list):
        raise CaseError(f"{file.name}: a list of cases is needed")
    for number, row in enumerate(rows, 1):
        named = isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"]
        where = f"{file.name}: case {named or number}"
        if not isinstance(row, dict):
            raise CaseError(f"{where}: fields are needed")
        yield _case(row, file.stem, where)


def _case(row: dict[str, Any], area: str, where: str) -> Rubric:
    if strange := sorted(str(key) for key in row if key not in _FIELDS):
        raise CaseError(f"{where}: {strange[0]}: there is no such field")
    if not isinstance(row.get("id"), str) or not row["id"].strip():
        raise CaseError(f"{where}: id is missing")
    if row.get("lang") not in LANGUAGES:
        raise CaseError(f"{where}: lang must be en or zh")
    turns, must = _texts(row, "turns", where), _texts(row, "must", where)
    must_not = _texts(row, "must not", where)
    manner = _texts(row, "manner", where)
    if not turns:
        raise CaseError(f"{where}: turns is missing")
    if strange := [name for name in manner if name not in MANNERS]:
        raise CaseError(f"{where}: manner: {strange[0]!r} is none of {', '.join(MANNERS)}")
    longest = row.get("longest", 0)
    if not isinstance(longest, int) or isinstance(longest, bool) or longest < 0:
        raise CaseError(f"{where}: longest must be a number of characters")
    if not (must or must_not or manner or longest):
        raise CaseError(f"{where}: must: nothing is asked of the answer")
    return Rubric(
        id=row["id"],
        area=area,
        lang=row["lang"],
        patient=_patient(row, where),
        record=_record(row, where),
        turns=turns,
        must=tuple(tuple(_words(group, "must", where)) for group in must),
        must_not=must_not,
        manner=manner,
        longest=longest,
    )


def _words(group: str, field: str, where: str) -> list[str]:
    words = [one.strip() for one in group.split("|")]
    if not all(words):
        raise CaseError(f"{where}: {field}: {group!r} has an empty choice")
    return words


def _texts(row: dict[str, Any], field: str, where: str) -> tuple[str, ...]:
    value = row.get(field, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise CaseError(f"{where}: {field} must be a list of texts")
    return tuple(value)


def _patient(row: dict[str, Any], where: str) -> Mapping[str, Any]:
    value = row.get("patient", {})
    if not isinstance(value, dict):
        raise CaseError(f"{where}: patient must hold fields")
    for key, one in value.items():
        if key not in _PATIENT:
            raise CaseError(f"{where}: patient: {key}: there is no such field")
        if not isinstance(one, _PATIENT[key]):
            kind = "a date" if _PATIENT[key] is date else "a text in quotes"
            raise CaseError(f"{where}: patient: {key} must be {kind}")
    return value


def _record(row: dict[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    lines = []
    for line in _texts(row, "record", where):
        kind, _, name = line.partition(" ")
        if kind not in _KINDS or not name.strip():
            raise CaseError(f"{where}: record: {line!r} must begin with {', '.join(_KINDS)}")
        lines.append((kind, name.strip()))
    return tuple(lines)
