"""Draw the facts a patient states about themselves out of one message, by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from memory.fact import GUARDED
from memory.joined import joined
from memory.model import SaidBy
from memory.rules import Rule, Rules, rules_of
from memory.statement import EDGES, Statement, refused, with_details
from memory.tagger.found import Found

_MOST = 20_000  #: characters of a message that are read …
_LONGEST = 400  #: … and of a sentence: patterns cost more than their length on endless ones
_STRICT = GUARDED | {"Condition"}


def learn(
    text: str, *, language: str, said_by: SaidBy, marked: Sequence[Found] | None = None
) -> tuple[Statement, ...]:
    """The facts that `text` states about the patient, in order; () when it states none.

    Mention is not assertion: questions, doubts, negations, the past and other people give nothing.
    Only the patient's own words are read: the bot's guesses are never facts, and a carer's "I" is
    the carer. `language` is "en" or "zh" (anything else: ()). `marked`: what the tagger sees in
    `text`; None where it has not read it, and rules decide alone. Raises ValueError for a broken
    file.
    """
    if said_by != "patient" or language not in ("en", "zh"):
        return ()
    rules = rules_of(language)
    found: dict[tuple[str, str], Statement] = {}
    if rules.asked_for.search(text[:_MOST]):
        return ()
    if marked is not None:
        return joined(text, language, marked, learn(text, language=language, said_by=said_by))
    for start, sentence in sentences(text, language):
        for statement in _stated(sentence, start, rules):
            if refused(statement.kind, statement.values.get("what", ""), language):
                continue
            whole_one = with_details(statement, sentence, rules)
            found.setdefault((statement.kind, statement.text.casefold()), whole_one)
    return tuple(sorted(found.values(), key=lambda s: (s.start, s.end)))


def _stated(sentence: str, start: int, rules: Rules) -> list[Statement]:
    """The facts of a sentence that begins at `start` in the message, as its rules draw them."""
    fit = [rules.statements[number] for number in rules.index.candidates(sentence.lower())]
    if not fit:
        return []
    gates = rules.sentence_gates
    if any(gate.search(sentence) for name, gate in gates.items() if name != "question"):
        return []
    asks = gates["question"].search(sentence) is not None
    certain = rules.reported.search(sentence) is None
    taken: list[tuple[int, int]] = []
    whole = _Clause(words=sentence, at=start, gates={}, closed=frozenset(), sentence=sentence)
    drawn = list(_drawn(whole, [r for r in fit if r.whole and not asks], rules, certain, taken))
    fit = [r for r in fit if not r.whole]
    of_others = False
    for offset, words in _pieces(sentence, rules.clause_end):
        if rules.of_others.search(words):
            of_others = True
        elif of_others and rules.of_self.search(words):
            of_others = False
        tells = not asks or (rules.told.search(words) and not rules.asks.search(words))
        clause = _Clause(
            words=words,
            at=start + offset,
            gates=rules.clause_gates,
            closed=frozenset({"others"} if of_others else ()),
            sentence=sentence,
        )
        drawn += _drawn(
            clause, fit if tells else [r for r in fit if r.asked], rules, certain, taken
        )
    return drawn


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


def asks(text: str, language: str) -> bool:
    """Whether some sentence of the message is a question, with or without its mark."""
    question = rules_of("zh" if language == "zh" else "en").sentence_gates["question"]
    return any(question.search(sentence) for _, sentence in sentences(text, language))


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


@dataclass(frozen=True, kw_only=True)
class _Clause:
    """`words` that begin at `at` in the message, with the gates that they have to pass.

    `closed`: gates that what was said before has shut.
    """

    words: str
    at: int
    gates: Mapping[str, re.Pattern[str]]
    closed: frozenset[str]
    sentence: str

    def shut(self, rule: Rule, rules: Rules) -> bool:
        """Whether a gate is shut that this rule does not ignore."""
        if self.closed - rule.ignores:
            return True
        if any(
            gate.search(self.words) for name, gate in self.gates.items() if name not in rule.ignores
        ):
            return True
        of_kind = None if "kind" in rule.ignores else rules.kind_gates.get(rule.kind)
        if of_kind is not None and of_kind.search(self.words):
            return True
        return rule.unless is not None and rule.unless.search(self.sentence) is not None


def _drawn(
    clause: _Clause,
    fit: Sequence[Rule],
    rules: Rules,
    certain: bool,
    taken: list[tuple[int, int]],
) -> Iterator[Statement]:
    """The facts in one clause, or in a sentence read whole."""
    words = clause.words
    small = words.lower() if len(words.lower()) == len(words) else words
    for rule in fit:
        said = words if rule.pattern.flags & re.IGNORECASE else small
        if rule.needs is not None and rule.needs.search(small) is None:
            continue
        passed = False
        for match in rule.pattern.finditer(said):
            # Most clauses match no rule: the gates are asked only where one does.
            passed = passed or not clause.shut(rule, rules)
            if not passed:
                break
            start, end = clause.at + match.start(), clause.at + match.end()
            # Earlier rules are the weightier ones; one stretch of words states one fact.
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            spans = {name: match.span(name) for name in match.re.groupindex}
            groups = {k: words[a:b].strip(EDGES) for k, (a, b) in spans.items() if a < b}
            yield Statement(
                kind=rule.kind,
                text=rule.text.format(**groups),
                start=start,
                end=end,
                certain=certain,
                values=groups,
            )


def _pieces(text: str, end: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    start = 0
    for match in end.finditer(text):
        if text[start : match.start()].strip():
            yield start, text[start : match.start()]
        start = match.end()
    if text[start:].strip():
        yield start, text[start:]
