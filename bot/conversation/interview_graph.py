"""The graph behind the interview: what is worth asking next, and what the nurse may think of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.conversation.interview import Person, State, absent, complaints, present
from bot.conversation.interview_data import can_ask, lexicon

if TYPE_CHECKING:
    from knowledge.possibilities import Possibility

_CANDIDATES = 40


def possible(state: State, person: Person) -> tuple[Possibility, ...]:
    """What the symptoms may come from, the likeliest first. For the nurse, never for a patient."""
    from knowledge.graph import graph
    from knowledge.possibilities import possibilities

    return possibilities(
        graph(),
        present(state),
        absent(state),
        age=None if person.age is None else int(person.age),
        sex=person.sex or None,
        known=_known(state, person),
    )


def worth_asking(state: State, person: Person) -> str:
    """The symptom that tells the likelier possibilities best apart and that has words, or ""."""
    from knowledge.possibilities import next_questions

    only = lexicon().asked_of
    unfit = {symptom for sex, symptoms in only.items() if sex != person.sex for symptom in symptoms}
    asked = {step.removeprefix("more:") for step in state.answers}
    for symptom in next_questions(possible(state, person), _CANDIDATES):
        if symptom not in unfit and symptom not in asked and can_ask(symptom):
            return symptom
    return ""


def _known(state: State, person: Person) -> tuple[str, ...]:
    """The conditions of the record that the graph knows for certain; a child is a child."""
    from knowledge.graph import graph

    if any(one.child for one in complaints(state)):
        return ("childhood",)
    found = (graph().resolve(name, "en", ("condition",)) for name in person.conditions)
    return tuple(matches[0].id for matches in found if matches and matches[0].sure)
