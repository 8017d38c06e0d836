"""Draw the facts a patient states about themselves out of one message, by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from memory.fact import GUARDED, KINDS
from memory.model import SaidBy
from memory.names import names_in, pattern_of

_FOLDER = Path(__file__).parent / "facts"
_MOST = 20_000  #: characters of a message that are read …
_LONGEST = 400  #: … and of a sentence: patterns cost more than their length on endless ones
_STRICT = GUARDED | {"Condition"}
_SHARED = re.compile(r"\s*(?:,| and | or |、|和|跟|还有|以及)\s*")
#: Lists too long to be read in the rules: names, one a line, in a file of their own.
_NAMED = ("medicines", "illnesses")
_EDGES = " .!:。！，,;；"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One stated fact: `text` says it in a few words, [start, end) is where the message said it.

    `kind` is a FHIR R4 resource, or Preference and SocialHistory (Observations in FHIR).
    `certain` is False for what others are reported to have said. `values` are its parts as the
    patient put them; see `Fact`.
    """

    kind: str
    text: str
    start: int
    end: int
    certain: bool
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """A fact's `pattern`; it holds only where `needs` is said too, whatever gates it `ignores`,
    and not where the sentence says `unless`.

    A `whole` rule reads the sentence across its clauses and passes the sentence's gates alone.
    """

    kind: str
    pattern: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    text: str
    ignores: frozenset[str]
    whole: bool


@dataclass(frozen=True, kw_only=True)
class _Detail:
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
    """One language's file."""

    sentence_end: re.Pattern[str]
    clause_end: re.Pattern[str]
    sentence_gates: Mapping[str, re.Pattern[str]]
    clause_gates: Mapping[str, re.Pattern[str]]
    reported: re.Pattern[str]
    statements: tuple[_Rule, ...]
    details: tuple[_Detail, ...]
    forms: Mapping[str, str]
    refuses: Mapping[str, re.Pattern[str]]
    corrections: tuple[Corrects, ...]
    corrects_others: re.Pattern[str]
    changed: re.Pattern[str]
    families: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


def learn(text: str, *, language: str, said_by: SaidBy) -> tuple[Statement, ...]:
    """The facts that `text` states about the patient, in order; () when it states none.

    Mention is not assertion: questions, doubts, negations, the past and other people give nothing.
    Only the patient's own words are read: the bot's guesses are never facts, and a carer's "I" is
    the carer. `language` is "en" or "zh" (anything else: ()). Raises ValueError for a broken file.
    """
    if said_by != "patient" or language not in ("en", "zh"):
        return ()
    rules = rules_of(language)
    found: dict[tuple[str, str], Statement] = {}
    for start, sentence in sentences(text, language):
        if any(gate.search(sentence) for gate in rules.sentence_gates.values()):
            continue
        certain = rules.reported.search(sentence) is None
        taken: list[tuple[int, int]] = []
        fit = tuple(r for r in rules.statements if not (r.unless and r.unless.search(sentence)))
        gates = rules.clause_gates
        drawn = list(_drawn(sentence, start, {}, [r for r in fit if r.whole], certain, taken))
        clause_rules = [r for r in fit if not r.whole]
        for offset, clause in _pieces(sentence, rules.clause_end):
            drawn += _drawn(clause, start + offset, gates, clause_rules, certain, taken)
        for statement in drawn:
            if refused(statement.kind, statement.values.get("what", ""), language):
                continue
            whole_one = _with_details(statement, sentence, rules)
            found.setdefault((statement.kind, statement.text.casefold()), whole_one)
    return tuple(sorted(found.values(), key=lambda s: (s.start, s.end)))


def refused(kind: str, about: str, language: str) -> bool:
    """Whether a fact of this kind is never about this: "allergic to it", to one's own lips."""
    never = rules_of(language).refuses.get(kind)
    return never is not None and never.search(about) is not None


def speaks_of_patient(sentence: str, kind: str, language: str) -> bool:
    """Whether a sentence may state a fact of this kind about its writer: it asks nothing and
    quotes nobody; about illness, medicine and allergy it denies, doubts and names nobody else."""
    rules = rules_of(language)
    if any(gate.search(sentence) for gate in rules.sentence_gates.values()):
        return False
    if kind not in _STRICT:
        return True
    gates = (rules.clause_gates[name] for name in ("doubt", "negated", "past", "others"))
    return not any(gate.search(sentence) for gate in gates)


def same_family(allergy: str, medicine: str) -> bool:
    """Whether the medicine belongs to the group of medicines that the allergy names."""
    return any(
        family.search(allergy) and member.search(medicine)
        for language in ("en", "zh")
        for family, member in rules_of(language).families
    )


def sentences(text: str, language: str) -> Iterator[tuple[int, str]]:
    """Each sentence that is read, with its place in `text`; endless ones are cut."""
    plain = text[:_MOST].replace("’", "'")
    for start, whole in _pieces(plain, rules_of(language).sentence_end):
        yield start, whole[:_LONGEST]


def check() -> None:
    """Read both files now; raises ValueError naming the file and the field that is broken."""
    for language in ("en", "zh"):
        rules_of(language)


def _drawn(
    words: str,
    at: int,
    gates: Mapping[str, re.Pattern[str]],
    rules: Sequence[_Rule],
    certain: bool,
    taken: list[tuple[int, int]],
) -> Iterator[Statement]:
    """The facts in one clause or sentence that begins at `at` in the message."""
    blocked = {name for name, gate in gates.items() if gate.search(words)}
    for rule in rules:
        if blocked - rule.ignores:
            continue
        if rule.needs is not None and rule.needs.search(words) is None:
            continue
        for match in rule.pattern.finditer(words):
            start, end = at + match.start(), at + match.end()
            # Earlier rules are the weightier ones; one stretch of words states one fact.
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            groups = {k: v.strip(_EDGES) for k, v in match.groupdict().items() if v}
            yield Statement(
                kind=rule.kind,
                text=rule.text.format(**groups),
                start=start,
                end=end,
                certain=certain,
                values=groups,
            )


def _with_details(statement: Statement, sentence: str, rules: Rules) -> Statement:
    """The statement with its parts by name: a medicine's dose, a symptom's onset."""
    what = statement.values.get("what", statement.text)
    values = {"what": what}
    if how := statement.values.get("how"):
        values["reaction"] = how
    for detail in rules.details:
        if detail.kind == statement.kind and detail.part not in values:
            match = detail.pattern.search(sentence if detail.in_sentence else what)
            if match:
                values[detail.part] = (match.groupdict().get("it") or match[0]).strip(_EDGES)
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
    return re.sub(r"^(?:of|the|my)\s+|\s+", " ", what.strip(_EDGES + "的")).strip() or what


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


def _pieces(text: str, end: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    start = 0
    for match in end.finditer(text):
        if text[start : match.start()].strip():
            yield start, text[start : match.start()]
        start = match.end()
    if text[start:].strip():
        yield start, text[start:]


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
        lists = {
            kind: pattern_of(names_in(_FOLDER / f"{kind}_{raw['language']}.txt")) for kind in _NAMED
        }
        for name, value in raw["lists"].items():
            lists[name] = _filled(value, lists)
        compiled: dict[str, Any] = {}
        for place in ("sentence_end", "clause_end", "reported", "corrects_others", "changed"):
            compiled[place] = _compiled(raw[place], lists)
        place = "sentence_gates"
        gates = {name: _compiled(p, lists) for name, p in raw[place].items()}
        place = "clause_gates"
        inner = {name: _compiled(p, lists) for name, p in raw[place].items()}
        statements: list[_Rule] = []
        for n, entry in enumerate(raw["statements"], 1):
            place = f"statements[{n}]"
            if entry["kind"] not in KINDS:
                raise ValueError(f"kind {entry['kind']} is not known")
            ignores = frozenset(entry.get("ignores", ()))
            if ignores - inner.keys():
                raise ValueError(f"it ignores {sorted(ignores - inner.keys())}, which is no gate")
            statements.append(
                _Rule(
                    kind=entry["kind"],
                    pattern=_compiled(entry["pattern"], lists),
                    needs=_compiled(entry["needs"], lists) if "needs" in entry else None,
                    unless=_compiled(entry["unless"], lists) if "unless" in entry else None,
                    text=entry["text"],
                    ignores=ignores,
                    whole=entry.get("whole", False),
                )
            )
        details = []
        for n, entry in enumerate(raw["details"], 1):
            place = f"details[{n}]"
            if entry["kind"] not in KINDS:
                raise ValueError(f"kind {entry['kind']} is not known")
            details.append(
                _Detail(
                    kind=entry["kind"],
                    part=entry["part"],
                    pattern=_compiled(entry["pattern"], lists),
                    in_sentence=entry.get("in", "fact") == "sentence",
                )
            )
        place = "refuses"
        refuses = {kind: _compiled(p, lists) for kind, p in raw[place].items()}
        place = "families"
        families = tuple(
            (_compiled(group, lists), _compiled(members, lists))
            for group, members in raw[place].items()
        )
        corrections = []
        for n, entry in enumerate(raw["corrections"], 1):
            place = f"corrections[{n}]"
            if entry["act"] not in ("ended", "denied", "replaced"):
                raise ValueError(f"act {entry['act']} is not known")
            pattern = _compiled(entry["pattern"], lists)
            corrections.append(
                Corrects(act=entry["act"], kind=entry.get("kind", ""), pattern=pattern)
            )
        place = "forms"
        forms = {kind: str(raw[place][kind]) for kind in KINDS}
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise ValueError(f"{path.name}: {place} is missing or broken: {error}") from error
    return Rules(
        sentence_gates=gates,
        clause_gates=inner,
        statements=tuple(statements),
        details=tuple(details),
        forms=forms,
        refuses=refuses,
        corrections=tuple(corrections),
        families=families,
        **compiled,
    )


def _filled(pattern: str, lists: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda m: lists[m[1]], pattern)


def _compiled(pattern: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_filled(pattern, lists), re.IGNORECASE)
