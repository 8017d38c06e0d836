"""The medical graph in memory: concepts by id, edges both ways, interactions by pair."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from knowledge.graph_files import Rows, read
from knowledge.graph_model import Concept, Edge, GraphError, Interaction, Source

if TYPE_CHECKING:
    from knowledge.names import Match, Names

K = TypeVar("K")
V = TypeVar("V")

FOLDER = Path(__file__).with_name("graph")


@dataclass(frozen=True, kw_only=True, slots=True)
class Clash:
    """Two things of one list, ``a`` and ``b`` as they were given, and what is between them.

    ``interactions`` is never empty and stands worst first.
    """

    a: str
    b: str
    interactions: tuple[Interaction, ...]

    @property
    def worst(self) -> Interaction:
        """The one that matters most."""
        return self.interactions[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Graph:
    """Everything known, ready to be asked. Open it with ``graph()`` or ``load(folder)``.

    An id that is not in the graph has no edges and no interactions: no question here raises for
    it, but ``concept`` does (KeyError).
    """

    concepts: Mapping[str, Concept]
    sources: Mapping[str, Source]
    edges: tuple[Edge, ...]
    interactions_known: tuple[Interaction, ...]

    # ---- concepts
    def __contains__(self, id_: object) -> bool:
        return id_ in self.concepts

    def concept(self, id_: str) -> Concept:
        """The concept with this id; KeyError when there is none."""
        return self.concepts[id_]

    def of_kind(self, kind: str) -> tuple[Concept, ...]:
        """All conditions, symptoms, medicines … in the order of the file."""
        return self._kinds.get(kind, ())

    def above(self, id_: str) -> tuple[str, ...]:
        """``id_`` itself, then its classes (or wider conditions), then theirs; nearest first."""
        found = dict.fromkeys((id_,))
        waiting = [id_]
        while waiting:
            known = self.concepts.get(waiting.pop(0))
            for parent in known.parents if known else ():
                if parent not in found:
                    found[parent] = None
                    waiting.append(parent)
        return tuple(found)

    def below(self, id_: str) -> tuple[str, ...]:
        """Everything that is a kind of ``id_``, without itself: a class's classes and medicines."""
        found: dict[str, None] = {}
        waiting = [id_]
        while waiting:
            for child in self._children.get(waiting.pop(0), ()):
                if child not in found and child != id_:
                    found[child] = None
                    waiting.append(child)
        return tuple(found)

    def members(self, class_: str) -> tuple[str, ...]:
        """The medicines of a class and of its narrower classes."""
        return tuple(id_ for id_ in self.below(class_) if self.concepts[id_].kind == "medicine")

    def lives_in(self, system: str) -> tuple[Concept, ...]:
        """The conditions and symptoms of one body system."""
        return self._lodgers.get(system, ())

    # ---- edges
    def edges_from(self, id_: str, relation: str = "") -> tuple[Edge, ...]:
        """What starts from ``id_``, the strongest first; of one relation when it is named."""
        return self._picked(self._out.get(id_, ()), relation)

    def edges_to(self, id_: str, relation: str = "") -> tuple[Edge, ...]:
        """What ends in ``id_``, the strongest first; of one relation when it is named."""
        return self._picked(self._into.get(id_, ()), relation)

    def edges_of(self, id_: str, relation: str) -> tuple[Edge, ...]:
        """As ``edges_from``, with what holds for its classes; each end once, the nearest wins.

        So ``edges_of("metoprolol", "side_effect")`` also says what all beta blockers do.
        """
        found: dict[str, Edge] = {}
        for start in self.above(id_):
            for edge in self.edges_from(start, relation):
                found.setdefault(edge.end, edge)
        return tuple(sorted(found.values(), key=lambda edge: edge.rank))

    def edge(self, start: str, relation: str, end: str) -> Edge | None:
        """This very edge, or None."""
        return self._by_ends.get((start, relation, end))

    def contraindications(self, medicine: str, conditions: Iterable[str]) -> tuple[Edge, ...]:
        """Why ``medicine`` (or class) asks for care in somebody with these conditions.

        What holds for a class holds for its medicines, what holds for a wider condition for the
        narrower ones. One edge a condition, the strictest; ``absolute`` stands before
        ``caution``. Nothing found never means safe.
        """
        theirs = dict.fromkeys(wider for id_ in conditions for wider in self.above(id_))
        found: dict[str, Edge] = {}
        for start in self.above(medicine):
            for edge in self.edges_from(start, "contraindicated_in"):
                known = found.get(edge.end)
                if edge.end in theirs and (known is None or edge.rank < known.rank):
                    found[edge.end] = edge
        return tuple(sorted(found.values(), key=lambda edge: (edge.rank, edge.end)))

    # ---- interactions
    def interactions(self, a: str, b: str) -> tuple[Interaction, ...]:
        """What is known between two medicines, classes or foods, the worst first.

        A medicine stands for itself and all its classes; a class also for its medicines, so a
        "blood thinner" meets what is known of warfarin alone. The same whichever comes first.
        Nothing found never means that they go together.
        """
        ours, theirs = self._reach(a), self._reach(b)
        return self._sorted({
            known
            for mine in ours
            for known in self._partners.get(mine, ())
            if (known.b if known.a == mine else known.a) in theirs
            and (a != b or self._is_class(a))
        })  # fmt: skip

    def interactions_in(self, ids: Iterable[str]) -> tuple[Clash, ...]:
        """Every pair of a list (medicines, classes, foods) that clashes, the worst first."""
        listed = tuple(dict.fromkeys(ids))
        clashes = [
            Clash(a=a, b=b, interactions=found)
            for at, a in enumerate(listed)
            for b in listed[at + 1 :]
            if (found := self.interactions(a, b))
        ]
        return tuple(sorted(clashes, key=lambda clash: clash.worst.rank))

    def interactions_of(self, id_: str) -> tuple[Interaction, ...]:
        """All that is known of one medicine, class or food, its classes' with it, worst first."""
        return self._sorted(
            {known for mine in self.above(id_) for known in self._partners.get(mine, ())}
        )

    # ---- words
    @functools.cached_property
    def names(self) -> Names:
        """The index of all names; made when first asked for."""
        from knowledge.names import Names

        return Names(self.concepts.values())

    def resolve(self, text: str, language: str, kinds: Sequence[str] = ()) -> list[Match]:
        """What a name means; see ``knowledge.names.Names.resolve``."""
        return self.names.resolve(text, language, kinds)

    def mentions(self, text: str, language: str, kinds: Sequence[str] = ()) -> list[Match]:
        """What a sentence speaks of; see ``knowledge.names.Names.mentions``."""
        return self.names.mentions(text, language, kinds)

    # ---- indexes
    @functools.cached_property
    def _kinds(self) -> dict[str, tuple[Concept, ...]]:
        return _grouped((concept.kind, concept) for concept in self.concepts.values())

    @functools.cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        return _grouped((up, known.id) for known in self.concepts.values() for up in known.parents)

    @functools.cached_property
    def _lodgers(self) -> dict[str, tuple[Concept, ...]]:
        return _grouped((home, known) for known in self.concepts.values() for home in known.systems)

    @functools.cached_property
    def _out(self) -> dict[str, tuple[Edge, ...]]:
        return _grouped((edge.start, edge) for edge in sorted(self.edges, key=lambda e: e.rank))

    @functools.cached_property
    def _into(self) -> dict[str, tuple[Edge, ...]]:
        return _grouped((edge.end, edge) for edge in sorted(self.edges, key=lambda e: e.rank))

    @functools.cached_property
    def _by_ends(self) -> dict[tuple[str, str, str], Edge]:
        return {(edge.start, edge.relation, edge.end): edge for edge in self.edges}

    @functools.cached_property
    def _partners(self) -> dict[str, tuple[Interaction, ...]]:
        return _grouped(
            (end, known)
            for known in self.interactions_known
            for end in dict.fromkeys((known.a, known.b))
        )

    def _reach(self, id_: str) -> frozenset[str]:
        below = self.below(id_) if self._is_class(id_) else ()
        return frozenset((*self.above(id_), *below))

    def _is_class(self, id_: str) -> bool:
        known = self.concepts.get(id_)
        return known is not None and known.kind == "medicine_class"

    @staticmethod
    def _picked(edges: tuple[Edge, ...], relation: str) -> tuple[Edge, ...]:
        return tuple(e for e in edges if e.relation == relation) if relation else edges

    @staticmethod
    def _sorted(found: Iterable[Interaction]) -> tuple[Interaction, ...]:
        return tuple(sorted(found, key=lambda known: (known.rank, known.a, known.b)))


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}


def problems(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every mistake in the files, one clear sentence each, with file and line."""
    return tuple(read(folder).problems)


def load(folder: Path = FOLDER) -> Graph:
    """The graph of a folder; GraphError says the first mistake and how many more there are."""
    rows = read(folder)
    if rows.problems:
        more = len(rows.problems) - 1
        raise GraphError(rows.problems[0] + (f" ({more} more)" if more else ""))
    return _built(rows)


def _built(rows: Rows) -> Graph:
    return Graph(
        concepts=rows.concepts,
        sources=rows.sources,
        edges=tuple(rows.edges),
        interactions_known=tuple(rows.interactions),
    )


@functools.cache
def graph() -> Graph:
    """The graph that comes with the house, read once."""
    return load()
