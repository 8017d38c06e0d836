"""The section "From the literature": what to look for, in the graph's words, and what was found."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

import safety
from bot.console.desk import Desk
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.escalation import Escalation
from knowledge.graph import graph
from knowledge.literature import LONGEST, Answer
from knowledge.model import KnowledgeError

_log = logging.getLogger(__name__)
DO = "literature"
_MOST = 8  #: things that the box is filled with
_KINDS = ("condition", "symptom")


@dataclass(frozen=True, kw_only=True)
class Section:
    """The box as it is filled, and what a search brought; None: nobody searched yet."""

    query: str
    answer: Answer | None = None
    broken: bool = False  #: what was imported cannot be read


def section(
    matters: Sequence[Escalation], known: Iterable[ClinicalEntry], language: str
) -> Section:
    """The box filled with the matters and the conditions: names of the graph, no word of a patient.

    What the graph does not surely know is left out: it could be anybody's words.
    """
    concepts = [id_ for matter in matters for id_ in _about(matter)]
    for entry in known:
        if entry.kind is EntryKind.CONDITION:
            matches = graph().resolve(entry.name, language, ("condition",))
            concepts += [one.id for one in matches[:1] if one.sure]
    names = [graph().concept(id_).name(language) for id_ in dict.fromkeys(concepts)]
    return Section(query=("、" if language == "zh" else ", ").join(names[:_MOST]))


async def ask(desk: Desk, form: FormData) -> Section:
    """Search for what the form says."""
    query = " ".join(str(form.get("q", "")).split())[:LONGEST]
    try:
        return Section(query=query, answer=await desk.act(desk.actions.literature, query))
    except KnowledgeError as error:
        _log.warning("%s", error)
        return Section(query=query, broken=True)


def _about(matter: Escalation) -> list[str]:
    """The symptoms of an interview's complaints, or what a red flag's own name speaks of."""
    coded = matter.evidence.get("coded")
    if isinstance(coded, dict):
        return [id_ for id_ in coded.get("symptoms", ()) if id_ in graph()]
    name = safety.flag_name(matter.reason, "en")
    if name == matter.reason:
        return []  # no red flag
    return [one.id for one in graph().mentions(name, "en", _KINDS) if one.sure]
