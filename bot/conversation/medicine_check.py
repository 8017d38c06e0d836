"""What stands against the medicines and foods that are asked about, in one patient's record."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.conversation.about_me import AboutMe
from knowledge.graph import Clash, graph
from knowledge.graph_model import Edge
from knowledge.match import Match

_SERIOUS = ("contraindicated", "major")
#: Between two names: one on top of the other. "Tylenol (paracetamol)" is one medicine said twice.
_AND = re.compile(r"\b(?:and|with|plus|on top of|alongside)\b|[+&和跟与加同配、]")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What stands against it, the worst first."""

    clashes: tuple[Clash, ...]
    cautions: tuple[tuple[str, Edge], ...]  #: (medicine, its edge to a condition of the record)
    allergies: tuple[tuple[str, str], ...]  #: (medicine, the allergy in the record's words)
    twice: tuple[tuple[Match, Match], ...] = ()  #: two names of one medicine

    @property
    def serious(self) -> bool:
        """A person on the care team should see it."""
        return bool(
            self.allergies
            or self.twice
            or any(c.worst.severity in _SERIOUS for c in self.clashes)
            or any(edge.strength == "absolute" for _, edge in self.cautions)
        )

    def __bool__(self) -> bool:
        return bool(self.clashes or self.cautions or self.allergies or self.twice)


def check(ids: Sequence[str], me: AboutMe) -> Checked:
    """What is new held against the whole record; what is taken already only against each other.

    So "can I take aspirin with my warfarin?" says nothing of warfarin and a statin, which were
    prescribed together: a warning that nobody asked for makes people stop a medicine.
    """
    known = graph()
    new = {one for one in ids if one not in me.medicines}
    listed = tuple(dict.fromkeys((*ids, *me.medicines)))
    among = set(ids) if len(ids) > 1 else set(listed)
    clashes = [
        c
        for c in known.interactions_in(listed)
        if (new & {c.a, c.b} if new else {c.a, c.b} & set(ids) and {c.a, c.b} <= among)
    ]
    asked = [one for one in ids if one in new] or list(ids)
    conditions = [*me.conditions, *(["pregnancy"] if "pregnant" in me.tags else [])]
    cautions = [
        (one, edge) for one in asked for edge in known.contraindications(one, conditions)[:1]
    ]
    allergies = [
        (one, words)
        for one in ids
        for allergy, words in me.allergies.items()
        if allergy in known.above(one) or one in known.above(allergy)
    ]
    return Checked(clashes=tuple(clashes), cautions=tuple(cautions), allergies=tuple(allergies))


def meant(ids: Sequence[str], mine: Collection[str]) -> tuple[str, ...]:
    """ "My blood thinner" beside another name is the warfarin of the record, not one more."""
    known = graph()
    found: dict[str, None] = {}
    for one in ids:
        kept = [m for m in mine if m != one and one in known.above(m)] if len(ids) > 1 else []
        found.update(dict.fromkeys(kept or [one]))
    return tuple(found)


def twice(text: str, named: Sequence[Match]) -> tuple[tuple[Match, Match], ...]:
    """Neighbours under two names that are one medicine: "Panadol and Tylenol"."""
    sure = [one for one in named if one.sure and one.kind == "medicine"]
    return tuple(
        (one, other)
        for one, other in pairwise(sure)
        if one.id == other.id
        and one.said.casefold() != other.said.casefold()
        and _AND.search(text[one.end : other.start].casefold())
    )
