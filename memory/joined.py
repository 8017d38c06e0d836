"""Join what rules drew from a message with what the tagger marks in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memory.rules import Rules, rules_of
from memory.statement import EDGES, Statement, in_words, refused, with_details
from memory.tagged import dosed, seen, sure
from memory.tagger.found import Found

#: Share from which the network sees a rule's kind beside another kind of which it is sure.
_ALSO = 0.05


def joined(
    text: str, language: str, marked: Sequence[Found], by_rule: Sequence[Statement]
) -> tuple[Statement, ...]:
    """What rules drew and the tagger sees too, and what it marks where no rule does.

    An allergy that only a rule draws stays, unconfirmed: better asked about than lost. Where a
    mark holds a rule's words and more, the mark's words count: 磺胺 is 磺胺类.
    """
    rules = rules_of(language)
    marks = sure(marked, text, language)
    kept: list[Statement] = []
    split: list[Statement] = []
    for by_one in by_rule:
        if _several(by_one, marks):
            split.append(by_one)
            continue
        if _another(by_one, marks, marked):
            continue
        if seen(by_one.start, by_one.end, marked):
            kept.append(_widened(by_one, text, [m for m in marks if _of_one(m, by_rule)], language))
        elif by_one.kind == "AllergyIntolerance":
            kept.append(replace(by_one, certain=False))
    for one in marks:
        end = dosed(one, text, rules)
        what = text[one.start : end].strip(EDGES)
        if not what or refused(one.kind, what, language) or _not_so(one, text, rules):
            continue
        if any(one.start < other.end and other.start < one.end for other in kept):
            continue
        drawn = next(
            (s for s in split if s.kind == one.kind and s.start <= one.start < s.end), None
        )
        statement = Statement(
            kind=one.kind,
            text=in_words(one.kind, what, language),
            start=one.start,
            end=end,
            certain=drawn is not None and drawn.certain,
            values={"what": what},
            by="tagger" if drawn is None else drawn.by,
        )
        kept.append(with_details(statement, what, rules))
    once = [one for one in kept if not _said_shorter(one, kept, language)]
    return tuple(sorted(once, key=lambda s: (s.start, s.end)))


def _another(one: Statement, marks: Sequence[Found], marked: Sequence[Found]) -> bool:
    """Whether the network is sure that a rule's words state another kind of fact, and sees nothing
    of this kind there: 吃布洛芬胃就翻江倒海 tells no medicine that is taken."""
    if one.kind == "AllergyIntolerance":
        return False
    there = [m for m in marked if m.kind == one.kind and m.start < one.end and one.start < m.end]
    if any(m.share >= _ALSO for m in there):
        return False
    return any(m.kind != one.kind and m.start < one.end and one.start < m.end for m in marks)


def _several(one: Statement, marks: Sequence[Found]) -> bool:
    """Whether a rule took two facts of its kind for one: two medicines with a comma between."""
    inside = [m for m in marks if m.kind == one.kind and one.start <= m.start < one.end]
    return one.kind != "AllergyIntolerance" and len(inside) > 1


def _widened(one: Statement, text: str, marks: Sequence[Found], language: str) -> Statement:
    """The statement in the words of a mark of its kind that holds them and more, if there is one.

    A rule may say more than its words ("Does not like …"): then only where the mark holds all
    that the rule read.
    """
    what = one.values.get("substance") or one.values.get("name") or one.values.get("what", "")
    start = text.find(what, one.start, one.end)
    if not what or start < 0:
        return one
    if one.text == in_words(one.kind, what, language):
        held = (start, start + len(what))
    else:
        held = (one.start, one.end)
    for mark in marks:
        wide = text[mark.start : mark.end].strip(EDGES)
        if mark.kind != one.kind or len(wide) <= held[1] - held[0]:
            continue
        if mark.start <= held[0] and held[1] <= mark.end:
            wider = replace(
                one,
                text=in_words(one.kind, wide, language),
                start=min(one.start, mark.start),
                end=max(one.end, mark.end),
                values={"what": wide},
            )
            parts = with_details(wider, wide, rules_of(language)).values
            return replace(wider, values={**one.values, **parts})
    return one


def _of_one(mark: Found, by_rule: Sequence[Statement]) -> bool:
    """Whether a mark holds no more than one statement of a rule."""
    return sum(mark.start <= one.start and one.end <= mark.end for one in by_rule) < 2


def _not_so(one: Found, text: str, rules: Rules) -> bool:
    """Whether the words around a mark say that it is none, or that it is over."""
    before, behind = text[: one.start], text[one.end :]
    ends = [match.end() for match in rules.sentence_end.finditer(before)]
    before = before[max(ends, default=0) :]
    end = rules.sentence_end.search(behind)
    behind = behind[: end.start()] if end else behind
    sentence = f"{before}«{text[one.start : one.end]}»{behind}".replace("’", "'")
    return any(kind == one.kind and never.search(sentence) for kind, never in rules.not_so)


def _said_shorter(one: Statement, kept: Sequence[Statement], language: str) -> bool:
    """Whether a marked allergy only goes on from one that is stated: 花粉季 beside 花粉."""
    substance = one.values.get("substance", "").casefold()
    if one.by != "tagger" or not substance:
        return False
    gap = "" if language == "zh" else " "
    return any(
        other.kind == one.kind
        and (shorter := other.values.get("substance", "").casefold())
        and substance != shorter
        and substance.startswith(shorter + gap)
        for other in kept
    )
