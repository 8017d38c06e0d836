"""Walk from some concepts to those around them: a symptom, its conditions, their care."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.graph import Graph
from knowledge.graph_model import STRENGTHS

_ON = 0.6
_ROUNDS = 12
_IS_A = 0.5
_INTERACTS = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """A concept near some others; ``weight`` orders a list (1 is the nearest)."""

    id: str
    weight: float


def related(
    graph: Graph, ids: Iterable[str], *, kinds: Sequence[str] = (), limit: int = 10
) -> tuple[Near, ...]:
    """What stands nearest to these concepts, by personalised PageRank over all edges.

    A lay word leads so to its symptom, on to the conditions behind it, and to their tests and
    medicines. The concepts themselves are left out; ids not in the graph are passed over.
    """
    seeds = {id_ for id_ in ids if id_ in graph}
    if not seeds:
        return ()
    found = [
        (rank, id_)
        for rank, id_ in _walked(graph, seeds)
        if id_ not in seeds and rank > 1e-9 and (not kinds or graph.concept(id_).kind in kinds)
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    best = found[0][0] if found else 1.0
    return tuple(Near(id=id_, weight=rank / best) for rank, id_ in found[:limit])


def topics(graph: Graph, text: str, language: str, *, limit: int = 12) -> tuple[Near, ...]:
    """What a message is about: the concepts it names (1, unsure ones 0.5), then those around.

    For a search: what an article is `about` can be weighed by it. The concepts around weigh at
    most 0.4; body systems are left out.
    """
    named: dict[str, float] = {}
    for match in graph.mentions(text, language):
        named[match.id] = max(named.get(match.id, 0.0), 1.0 if match.sure else 0.5)
    around = related(graph, named, limit=3 * limit)
    near = [
        Near(id=one.id, weight=0.4 * one.weight)
        for one in around
        if graph.concept(one.id).kind != "body_system"
    ]
    own = sorted(named, key=lambda id_: (-named[id_], id_))
    found = [Near(id=id_, weight=named[id_]) for id_ in own] + near
    return tuple(found[: max(limit, len(own))])


def _walked(graph: Graph, seeds: set[str]) -> list[tuple[float, str]]:
    """How often a walk that keeps coming back to the seeds stands on each concept."""
    import numpy

    names, steps = _steps(graph)
    home = numpy.array([1.0 / len(seeds) if name in seeds else 0.0 for name in names])
    now = home
    for _ in range(_ROUNDS):
        now = _ON * (now @ steps) + (1 - _ON) * home
    return list(zip(now.tolist(), names, strict=True))


def path(graph: Graph, start: str, end: str) -> tuple[str, ...]:
    """The shortest chain of concepts from one to the other, both included; empty without one."""
    import networkx

    if start not in graph or end not in graph:
        return ()
    try:
        return tuple(networkx.shortest_path(_network(graph), start, end))
    except networkx.NetworkXNoPath:
        return ()


@functools.lru_cache(maxsize=2)
def _steps(graph: Graph) -> tuple[list[str], Any]:
    """The concepts in order, and the chance of each step from one to another (sparse)."""
    import networkx
    import numpy
    from scipy import sparse

    names = list(graph.concepts)
    joined = networkx.to_scipy_sparse_array(_network(graph), nodelist=names, weight="weight")
    total = numpy.asarray(joined.sum(axis=1)).ravel()
    return names, sparse.csr_array(sparse.diags_array(1 / numpy.maximum(total, 1e-9)) @ joined)


@functools.lru_cache(maxsize=2)
def _network(graph: Graph) -> Any:
    """The graph as networkx wants it; the strongest edges weigh most."""
    import networkx

    net = networkx.Graph()
    net.add_nodes_from(graph.concepts)
    for concept in graph.concepts.values():
        for parent in (*concept.parents, *concept.systems):
            net.add_edge(concept.id, parent, weight=_IS_A)
    for edge in graph.edges:
        words = STRENGTHS[edge.relation]
        net.add_edge(edge.start, edge.end, weight=1 - edge.rank / (len(words) + 1))
    for known in graph.interactions_known:
        if known.a != known.b:
            net.add_edge(known.a, known.b, weight=_INTERACTS)
    return net
