"""Read one language's rules of what a patient's words state, with what each rule needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from memory.fact import KINDS
from memory.names import names_in, pattern_of
from memory.needed import GRAM, Index, needed

_FOLDER = Path(__file__).parent / "facts"
#: Lists too long to be read in the rules: names, one a line, in a file of their own.
_NAMED = ("medicines", "illnesses")
#: A letter that nobody writes, for a whole list, while a rule is asked what it needs.
_STAND_INS = {kind: chr(0xE000 + n) for n, kind in enumerate(_NAMED)}
_CAPITAL = re.compile(r"(?<!\\)(?:\\\\)*(?!P<)[A-Z]")
_SINGLE = (
    "sentence_end",
    "clause_end",
    "asked_for",
    "asks",
    "told",
    "of_others",
    "of_self",
    "reported",
    "corrects_others",
    "changed",
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A fact's `pattern`; it holds only where `needs` is said too, whatever gates it `ignores`,
    and not where the sentence says `unless`.

    A `whole` rule reads the sentence across its clauses and passes the sentence's gates alone. An
    `asked` rule reads questions too: "may I take my ramipril?" says that there is a ramipril.
    """

    kind: str
    pattern: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    text: str
    ignores: frozenset[str]
    whole: bool
    asked: bool


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A `part` of facts of this kind, found in the words of the fact, or in its whole sentence."""

    kind: str
    part: str
    pattern: re.Pattern[str]
    in_sentence: bool


@dataclass(frozen=True, kw_only=True)
class Corrects:
    """How people take back what they said: `pattern` gives `was`, and `now` where it is replaced.

    `act` is "ended", "denied" or "replaced"; `kind` is "" where any kind may be meant.
    """

    act: str
    kind: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One language's file.

    `kind_gates`: a sentence that matches its kind's gate states no fact of this kind. `asked_for`:
    the whole message speaks for somebody else. `asks`: a clause that is the question of a
    sentence; `told`: a clause beside it that states something all the same. `of_others`: from
    this clause on, until `of_self`, the sentence is about somebody else. `not_so`: kind and
    pattern of a sentence with its mark between « and », where the words around say that the mark
    is none.
    """

    sentence_end: re.Pattern[str]
    clause_end: re.Pattern[str]
    sentence_gates: Mapping[str, re.Pattern[str]]
    clause_gates: Mapping[str, re.Pattern[str]]
    kind_gates: Mapping[str, re.Pattern[str]]
    asked_for: re.Pattern[str]
    asks: re.Pattern[str]
    told: re.Pattern[str]
    of_others: re.Pattern[str]
    of_self: re.Pattern[str]
    reported: re.Pattern[str]
    statements: tuple[Rule, ...]
    index: Index
    details: tuple[Detail, ...]
    forms: Mapping[str, str]
    refuses: Mapping[str, re.Pattern[str]]
    corrections: tuple[Corrects, ...]
    corrects_others: re.Pattern[str]
    changed: re.Pattern[str]
    not_so: tuple[tuple[str, re.Pattern[str]], ...]
    families: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


def check() -> None:
    """Read both files now; raises ValueError naming the file and the field that is broken."""
    for language in ("en", "zh"):
        rules_of(language)


@lru_cache(maxsize=2)
def rules_of(language: str) -> Rules:
    """The rules of "en" or "zh". Raises ValueError for a broken file."""
    return read(_FOLDER / f"{language}.yaml")


def read(path: Path) -> Rules:
    """Read one file of rules; raises ValueError naming the file and the broken place."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: cannot be read: {error}") from error
    place = "the file"
    try:
        for place in ("source", "evidence", "reviewed_on", "reviewer"):
            raw[place]
        place = "lists"
        named = {
            kind: [n.lower() for n in names_in(_FOLDER / f"{kind}_{raw['language']}.txt")]
            for kind in _NAMED
        }
        lists = {kind: pattern_of(names) for kind, names in named.items()}
        begin = {
            _STAND_INS[kind]: frozenset(name[:GRAM] for name in names)
            for kind, names in named.items()
        }
        brief = dict(_STAND_INS)
        for name, value in raw["lists"].items():
            lists[name] = filled(value, lists)
            brief[name] = filled(value, brief)
        compiled: dict[str, Any] = {}
        for place in _SINGLE:
            compiled[place] = _compiled(raw[place], lists)
        place = "sentence_gates"
        gates = {name: _compiled(p, lists) for name, p in raw[place].items()}
        place = "clause_gates"
        inner = {name: _compiled(p, lists) for name, p in raw[place].items()}
        place = "kind_gates"
        of_kind = {kind: _compiled(p, lists) for kind, p in raw[place].items()}
        statements: list[Rule] = []
        demands: list[list[frozenset[str]]] = []
        for n, entry in enumerate(raw["statements"], 1):
            place = f"statements[{n}]"
            statements.append(_rule(entry, lists, inner.keys()))
            demands.append(_demands(entry, brief, begin))
        details = []
        for n, entry in enumerate(raw["details"], 1):
            place = f"details[{n}]"
            details.append(_detail(entry, lists))
        place = "refuses"
        refuses = {kind: _compiled(p, lists) for kind, p in raw[place].items()}
        place = "not_so"
        not_so = tuple((_kind(e), _compiled(e["pattern"], lists)) for e in raw[place])
        place = "families"
        families = tuple(
            (_compiled(group, lists), _compiled(members, lists))
            for group, members in raw[place].items()
        )
        corrections = []
        for n, entry in enumerate(raw["corrections"], 1):
            place = f"corrections[{n}]"
            corrections.append(_corrects(entry, lists))
        place = "forms"
        forms = {kind: str(raw[place][kind]) for kind in KINDS}
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise ValueError(f"{path.name}: {place} is missing or broken: {error}") from error
    return Rules(
        sentence_gates=gates,
        clause_gates=inner,
        kind_gates=of_kind,
        statements=tuple(statements),
        index=Index(demands),
        details=tuple(details),
        forms=forms,
        refuses=refuses,
        not_so=not_so,
        corrections=tuple(corrections),
        families=families,
        **compiled,
    )


def _rule(entry: Mapping[str, Any], lists: Mapping[str, str], gates: Set[str]) -> Rule:
    ignores = frozenset(entry.get("ignores", ()))
    if ignores - gates - {"kind"}:
        raise ValueError(f"it ignores {sorted(ignores - gates)}, which is no gate")
    return Rule(
        kind=_kind(entry),
        pattern=_small(entry["pattern"], lists),
        needs=_small(entry["needs"], lists) if "needs" in entry else None,
        unless=_compiled(entry["unless"], lists) if "unless" in entry else None,
        text=entry["text"],
        ignores=ignores,
        whole=entry.get("whole", False),
        asked=entry.get("asked", False),
    )


def _demands(
    entry: Mapping[str, Any], brief: Mapping[str, str], begin: Mapping[str, frozenset[str]]
) -> list[frozenset[str]]:
    """What a text must hold for this rule, found without the thousands of names."""
    sought = (filled(entry[part], brief) for part in ("pattern", "needs") if part in entry)
    return [found for one in sought if (found := needed(one, begin))]


def _detail(entry: Mapping[str, Any], lists: Mapping[str, str]) -> Detail:
    return Detail(
        kind=_kind(entry),
        part=entry["part"],
        pattern=_compiled(entry["pattern"], lists),
        in_sentence=entry.get("in", "fact") == "sentence",
    )


def _corrects(entry: Mapping[str, Any], lists: Mapping[str, str]) -> Corrects:
    if entry["act"] not in ("ended", "denied", "replaced"):
        raise ValueError(f"act {entry['act']} is not known")
    pattern = _compiled(entry["pattern"], lists)
    return Corrects(act=entry["act"], kind=entry.get("kind", ""), pattern=pattern)


def _kind(entry: Mapping[str, Any]) -> str:
    kind = str(entry["kind"])
    if kind not in KINDS:
        raise ValueError(f"kind {kind} is not known")
    return kind


def filled(pattern: str, lists: Mapping[str, str]) -> str:
    """The pattern with its {names} replaced by the lists of that name."""
    return re.sub(r"\{([a-z_]+)\}", lambda m: lists[m[1]], pattern)


def _compiled(pattern: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(filled(pattern, lists), re.IGNORECASE)


def _small(pattern: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    """The pattern for words in small letters, which is many times as quick; where it looks at
    capitals, for the words as they are."""
    whole = filled(pattern, lists)
    return re.compile(whole, 0 if _CAPITAL.search(whole) is None else re.IGNORECASE)
