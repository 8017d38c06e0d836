"""The section "Similar earlier cases": codes in words, what is the same, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from bot.console.desk import Desk
from bot.domain.case import Alike, Similar
from bot.domain.escalation import Escalation
from bot.export.cases import name
from prompts import say

__all__ = ["DO", "Section", "lines", "look", "name"]
DO = "similar"


@dataclass(frozen=True, kw_only=True)
class Section:
    """Which matter is compared, and what a look brought; None: nobody looked yet."""

    matter_id: str
    found: Similar | None = None


async def look(desk: Desk, member_id: str, form: FormData, matters: list[Escalation]) -> Section:
    """Look for cases like the matter the form names, one of ``matters``; noted in the trail."""
    wanted = str(form.get("matter", ""))[:160]
    if wanted not in {one.id for one in matters}:
        return Section(matter_id="")
    found = await desk.act(desk.actions.similar_cases, wanted, member_id)
    return Section(matter_id=wanted, found=found)


def lines(alike: Alike, language: str) -> tuple[list[str], list[str]]:
    """What is the same and what differs, a phrase each."""

    def said(key: str, held: Mapping[str, tuple[str, ...]], field: str) -> str:
        comma = "、" if language == "zh" else ", "
        what = comma.join(name(field, code, language) for code in held[field])
        return say(f"console.case_{key}_{field}", language, what=what)

    same = [said("same", alike.same, field) for field in alike.same]
    differs = [said("there", alike.only_there, field) for field in alike.only_there]
    differs += [
        said("here", alike.only_here, field)
        for field in alike.only_here
        if field in ("red", "conditions", "medicines") or field not in alike.only_there
    ]
    return same, differs
