"""Walk from some concepts to those around them: a symptom, its conditions, their care."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.graph import Graph
from knowledge.graph_model import STRENGTHS

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
    seeds = {id_: 1.0 for id_ in ids if id_ in graph}
    if not seeds:
        return ()
    import networkx

    ranks = networkx.pagerank(_network(graph), alpha=0.6, personalization=seeds, weight="weight")
    found = [
        (rank, id_)
        for id_, rank in ranks.items()
        if id_ not in seeds and rank > 1e-9 and (not kinds or graph.concept(id_).kind in kinds)
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    best = found[0][0] if found else 1.0
    return tuple(Near(id=id_, weight=rank / best) for rank, id_ in found[:limit])


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
