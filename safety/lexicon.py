"""Load the red-flag files, check them, compile them once, and find the patterns worth trying."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.files import list_field, read_toml, table_field, text_field
from safety.index import Index
from safety.normalise import fold
from safety.patterns import Element, compile_fact, compile_pattern, expression
from safety.verdict import Finding, Language, PatientFacts, Tier

_ROOM = Path(__file__).parent
_FOLDER = _ROOM / "red_flags"
_DECIDING = (
    "characters.toml", "context_en.toml", "context_zh.toml", "metric_rules.toml",
    "mixed.toml",     "personal_limits.toml", "spelling.toml", "units.toml",
)  # fmt: skip
_NOT_GROUPS = ("sources.toml", "words.toml", "facts.toml")
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, kw_only=True)
class Flag:
    """One red flag with its words; texts by language, ``unless`` makes a question of it."""

    id: str
    group: str
    tier: Tier
    name: Mapping[str, str]
    first_message: Mapping[str, str]
    ask: Mapping[str, str]
    sources: tuple[str, ...]
    evidence: str
    window_days: int
    people_only: bool
    topic_private: bool
    safe_word: bool  #: its first words ask for a word when it is safe to talk
    passed: str
    unless: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One pattern of one flag in one language."""

    flag: Flag
    language: Language
    tier: Tier  #: of the flag, or P0 for its urgent patterns
    elements: tuple[Element, ...]


@dataclass(frozen=True, kw_only=True)
class Record:
    """How a fact looks in the record; any one line of it is enough."""

    conditions: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    pregnant: bool = False
    postpartum_weeks: float | None = None
    age: tuple[float, float] | None = None

    def holds(self, patient: PatientFacts) -> bool:
        """True where the record says it; an unknown field says nothing."""
        weeks, years = patient.postpartum_weeks, patient.age_years
        return (
            _among(self.conditions, patient.conditions | patient.told)
            or _among(self.medicines, patient.medicines | patient.told)
            or (self.pregnant and patient.pregnant is True)
            or (
                self.postpartum_weeks is not None
                and weeks is not None
                and 0 <= weeks <= self.postpartum_weeks
            )
            or (self.age is not None and years is not None and self.age[0] <= years < self.age[1])
        )


def _among(words: tuple[str, ...], known: frozenset[str]) -> bool:
    said = [one.lower().replace("_", " ") for one in known]
    return any(word in one for word in words for one in said)


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Everything the screen looks for, with an index from letters to rules."""

    flags: Mapping[str, Flag]
    rules: tuple[Rule, ...]
    version: str
    index: Index
    records: Mapping[str, Record]
    numbers: Mapping[str, tuple[int, ...]]  #: of the rules of each flag

    def compile(self) -> None:
        """Compile every expression now (seconds), not each at the first message that needs it."""
        for rule in self.rules:
            for element in rule.elements:
                _ = element.regex

    def held(self, patient: PatientFacts) -> frozenset[str]:
        """The facts that the record of this patient holds."""
        return frozenset(name for name, record in self.records.items() if record.holds(patient))

    def candidates(self, text: str, settled: Set[int] = frozenset()) -> list[Rule]:
        """The rules of which every element has one of its literals in the (folded) text."""
        return [self.rules[number] for number in self.index.candidates(text, settled)]

    def answered_by(self, finding: Finding) -> Iterable[int]:
        """The numbers of the rules that could add nothing to this finding."""
        if finding.asked:
            return ()
        numbers = self.numbers.get(finding.flag, ())
        return (n for n in numbers if self.rules[n].tier >= finding.tier)


@functools.cache
def load(folder: Path = _FOLDER) -> Lexicon:
    """The lexicon of the rule files; ValueError names the file and the field that is wrong."""
    words = read_toml(folder / "words.toml")
    slots: dict[str, dict[str, list[str]]] = {
        language: {
            name: [fold_pattern(word) for word in list_field(lists, name, "words.toml")]
            for name in lists
        }
        for language in LANGUAGES
        if (lists := table_field(words, language, "words.toml"))
    }
    sources = read_toml(folder / "sources.toml")
    records, facts = _facts(folder / "facts.toml", slots)
    flags: dict[str, Flag] = {}
    rules: list[Rule] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name in _NOT_GROUPS:
            continue
        data = read_toml(path)
        group = text_field(data, "group", path.name)
        for name, table in table_field(data, "flag", path.name).items():
            where = f"{path.name}: {name}"
            if name in flags:
                raise ValueError(f"{where}: the flag is there twice")
            flag = _flag(name, group, table, where, slots, sources)
            flags[name] = flag
            rules += _rules(flag, flag.tier, table.get("patterns", {}), where, slots, facts)
            rules += _rules(flag, Tier.P0, table.get("urgent", {}), where, slots, facts)
    for flag in flags.values():
        if flag.passed and flag.passed not in flags:
            raise ValueError(f"{flag.group}.toml: {flag.id}: passed: no flag {flag.passed!r}")
    index = Index([rule.elements for rule in rules])
    numbers: dict[str, tuple[int, ...]] = {}
    for number, rule in enumerate(rules):
        numbers[rule.flag.id] = (*numbers.get(rule.flag.id, ()), number)
    return Lexicon(
        flags=flags,
        rules=tuple(rules),
        version=_version(folder),
        index=index,
        records=records,
        numbers=numbers,
    )


def _facts(
    path: Path, slots: Mapping[str, Mapping[str, list[str]]]
) -> tuple[dict[str, Record], dict[str, dict[str, Element]]]:
    """What may stand in the record, and by language the words that say the same."""
    records: dict[str, Record] = {}
    words: dict[str, dict[str, Element]] = {language: {} for language in LANGUAGES}
    for name, table in table_field(read_toml(path), "fact", path.name).items():
        where = f"{path.name}: {name}"
        age = table.get("age")
        if age is not None and (not isinstance(age, list) or len(age) != 2):
            raise ValueError(f"{where}: age must be [from, to) in years")
        records[name] = Record(
            conditions=tuple(word.lower() for word in list_field(table, "conditions", where)),
            medicines=tuple(word.lower() for word in list_field(table, "medicines", where)),
            pregnant=bool(table.get("pregnant", False)),
            postpartum_weeks=table.get("postpartum_weeks"),
            age=None if age is None else (float(age[0]), float(age[1])),
        )
        for language in LANGUAGES:
            sources = [fold_pattern(one) for one in list_field(table, language, where)]
            try:
                words[language][name] = compile_fact(name, sources, language, slots[language])
            except (ValueError, re.error) as problem:
                raise ValueError(f"{where}: {language}: {problem}") from problem
    return records, words


def _flag(
    name: str,
    group: str,
    table: Mapping[str, Any],
    where: str,
    slots: Mapping[str, Mapping[str, list[str]]],
    sources: Mapping[str, Any],
) -> Flag:
    tier = text_field(table, "tier", where)
    if tier not in Tier.__members__:
        raise ValueError(f"{where}: tier must be one of P0, P1, P2, P3")
    from_sources = list_field(table, "sources", where)
    for source in from_sources:
        if source not in sources:
            raise ValueError(f"{where}: sources: {source!r} is not in sources.toml")
    window = table.get("window_days", 2)
    if not isinstance(window, int) or window < 0:
        raise ValueError(f"{where}: window_days must be a whole number of days")
    unless = table.get("unless", {})
    return Flag(
        id=name,
        group=group,
        tier=Tier[tier],
        name=_both(table, "name", where),
        first_message=_both(table, "first_message", where),
        ask=_both(table, "ask", where) if "ask" in table else {},
        sources=tuple(from_sources),
        evidence=text_field(table, "evidence", where),
        window_days=window,
        people_only=bool(table.get("people_only", False)),
        topic_private=bool(table.get("topic_private", False)),
        safe_word=bool(table.get("safe_word", False)),
        passed=str(table.get("passed", "")),
        unless={
            language: joined(list_field(unless, language, where), language, slots[language], where)
            for language in LANGUAGES
            if unless.get(language)
        },
    )


def _both(table: Mapping[str, Any], field: str, where: str) -> dict[str, str]:
    texts = table_field(table, field, where)
    return {language: text_field(texts, language, f"{where}: {field}") for language in LANGUAGES}


def _rules(
    flag: Flag,
    tier: Tier,
    patterns: Mapping[str, Any],
    where: str,
    slots: Mapping[str, Mapping[str, list[str]]],
    facts: Mapping[str, Mapping[str, Element]],
) -> list[Rule]:
    found = []
    for language in LANGUAGES:
        for source in list_field(patterns, language, where):
            try:
                pattern = compile_pattern(
                    fold_pattern(source), language, slots[language], facts[language]
                )
            except (ValueError, re.error) as problem:
                raise ValueError(f"{where}: patterns: {problem}") from problem
            if not any(element.needs for element in pattern.elements if not element.fact):
                raise ValueError(f"{where}: patterns: {source!r} has no word of its own")
            found.append(Rule(flag=flag, language=language, tier=tier, elements=pattern.elements))
    return found


def fold_pattern(source: str) -> str:
    """The folding of messages, for the words inside a pattern, its marks left alone."""
    return re.sub(r"[^\s()\[\]|!^~#<>&?*,.@]+", lambda match: _fold_word(match[0]), source)


@functools.lru_cache(maxsize=16_384)
def _fold_word(word: str) -> str:
    return fold(word).text


def joined(
    sources: list[str], language: str, slots: Mapping[str, list[str]], where: str
) -> re.Pattern[str]:
    """One compiled expression for a list of patterns."""
    try:
        return re.compile(expression([fold_pattern(one) for one in sources], language, slots))
    except (ValueError, re.error) as problem:
        raise ValueError(f"{where}: {problem}") from problem


def _version(folder: Path) -> str:
    """A short hash of every file that decides: red flags, context, characters, readings."""
    digest = hashlib.sha256()
    deciding: Iterable[Path] = (*folder.glob("*.toml"), *(_ROOM / name for name in _DECIDING))
    for path in sorted(deciding):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
