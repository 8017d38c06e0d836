"""What the nurse reads of an interview, in SBAR shape and both languages; never for a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from bot.conversation.interview import (
    ANSWERS,
    Person,
    State,
    absent,
    complaints,
    level,
    present,
    reasons,
    reds,
)
from bot.conversation.interview_data import lexicon
from bot.domain.clinical import EntryKind
from bot.domain.turn import Turn
from prompts import say

if TYPE_CHECKING:
    from knowledge.graph_model import Edge
    from knowledge.possibilities import Possibility

_SHOWN = 5  #: possibilities; those that must not be missed stand beside them
_EACH = 5  #: names in one list
Line = list[str]  #: its label, its text


def sbar(
    turn: Turn, state: State, person: Person, found: tuple[Possibility, ...], told: str
) -> dict[str, list[Line]]:
    """The lines of the summary by language; ``told``: how it ended (a key of the catalogue)."""
    return {language: _lines(turn, state, person, found, told, language) for language in _TONGUES}


_TONGUES = ("en", "zh")


def _lines(
    turn: Turn,
    state: State,
    person: Person,
    found: tuple[Possibility, ...],
    told: str,
    language: str,
) -> list[Line]:
    def words(key: str, **values: Any) -> str:
        return say(f"interview.{key}", language, **values)

    lines = [
        [words("sbar_s"), _situation(state, words)],
        [words("sbar_b"), _background(turn, state, words, language)],
        [words("sbar_a"), _assessment(state, person, words, language)],
    ]
    kept = [one for at, one in enumerate(found) if at < _SHOWN or one.must_not_miss]
    lines += [
        [words("sbar_possible", number=number), _possible(one, words, language)]
        for number, one in enumerate(kept, 1)
    ]
    lines.append([words("sbar_missing"), _missing(state, person, words, language)])
    held = reasons(state, person) if told == "done" else ()
    rules = _joined((words(f"rule_{rule.id}") for rule in held), words)
    ends = words(f"level_{level(state, person)}") if told == "done" else words(f"told_{told}")
    lines.append([words("sbar_r"), words("sbar_end", end=ends, rules=rules)])
    lines.append([words("sbar_basis"), words("sbar_note")])
    return lines


Words = Callable[..., str]


def _situation(state: State, words: Words) -> str:
    names = _joined((words(f"name_{id_}") for id_ in state.complaints), words)
    course = [
        words(f"answer_{step}_{state.answers[step]}") for step in ANSWERS if step in state.answers
    ]
    if state.number:
        course.append(words("sbar_number", number=state.number))
    return words("sbar_situation", complaint=names, said=state.words, course=_joined(course, words))


def _background(turn: Turn, state: State, words: Words, language: str) -> str:
    if any(one.child for one in complaints(state)):
        return words("sbar_child")
    age = turn.patient.age(turn.now)
    names = {kind: [e.name for e in turn.entries if e.kind is kind] for kind in EntryKind}
    return words(
        "sbar_background",
        age="" if age is None else f"{age}",
        sex=turn.patient.sex,
        pregnant=bool(names[EntryKind.PREGNANT]),
        conditions=_joined(names[EntryKind.CONDITION], words),
        medicines=_joined(names[EntryKind.MEDICINE], words),
    )


def _assessment(state: State, person: Person, words: Words, language: str) -> str:
    by = {
        answer: [
            words(f"red_{red.key}")
            for red in reds(state, person)
            if state.answers.get(f"red:{red.key}") == answer
        ]
        for answer in ("yes", "no", "unsure")
    }
    return words(
        "sbar_assessment",
        yes=by["yes"],
        unsure=by["unsure"],
        no=by["no"],
        present=_joined(_names(present(state), language), words),
        absent=_joined(_names(absent(state), language), words),
    )


def _possible(one: Possibility, words: Words, language: str) -> str:
    return words(
        "sbar_possibility",
        name=_name(one.condition, language),
        danger=one.must_not_miss,
        supports=_joined(_ends(one.supports, language, one.condition), words),
        against=_joined(_ends(one.against, language, one.condition), words),
        unexplained=_joined(_names(one.unexplained, language), words),
        missing=_joined(_ends(one.missing[:_EACH], language, one.condition), words),
        tests=_joined(_ends(one.tests[:_EACH], language, one.condition), words),
    )


def _missing(state: State, person: Person, words: Words, language: str) -> str:
    unanswered = [
        words(f"red_{red.key}")
        for red in reds(state, person)
        if f"red:{red.key}" not in state.answers
    ]
    unanswered += [words(f"ask_{step}") for step in ANSWERS if step not in state.answers]
    unsure = [s.removeprefix("more:") for s, a in state.answers.items()
              if s.startswith("more:") and a == "unsure"]  # fmt: skip
    return _joined([*unanswered, *_names(unsure, language)], words) or words("sbar_nothing")


def _ends(edges: Iterable[Edge], language: str, condition: str) -> list[str]:
    """The other end of each edge: the symptom, the risk factor, the test."""
    other = (edge.end if edge.start == condition else edge.start for edge in edges)
    return _names(other, language)


def _names(ids: Iterable[str], language: str) -> list[str]:
    return [_name(id_, language) for id_ in ids]


def _name(id_: str, language: str) -> str:
    from knowledge.graph import graph

    return graph().concept(id_).name(language)


def _joined(parts: Iterable[str], words: Words) -> str:
    return words("sbar_comma").strip('"').join(parts)


def source() -> str:
    """Where the rules come from, for the matter's evidence."""
    return lexicon().source
