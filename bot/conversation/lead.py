"""A language model on a lead: it looks up, it writes, and only what has support is said."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import knowledge_turn
from bot.conversation.knowledge_turn import language
from bot.conversation.lead_tools import Found, LookUp, footnote
from bot.conversation.notes import names, notes, said
from bot.domain.errors import ModelError
from bot.domain.outbox import Draft
from bot.domain.patient import Purpose
from bot.domain.turn import Drafting, Turn
from bot.ports import Led, Services
from bot.post import review
from knowledge import answering
from knowledge.support import Judged
from prompts import render, say, version

_PROMPT = "lead"
_LANGUAGE_NAMES = {"en": "English", "zh": "Simplified Chinese (简体中文)"}
_MOST = 6  #: sentences; a model that cannot stop is stopped
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def may_draft(turn: Turn, services: Services) -> bool:
    """There is a model, a library and a check, and the patient agreed."""
    ready = None not in (services.lead, services.support, services.library)
    return ready and Purpose.LANGUAGE_MODEL in turn.patient.consents


async def draft(turn: Turn, services: Services) -> tuple[Draft | None, Turn]:
    """An answer of which every sentence has support, or None; and the turn with how it came."""
    lead, library = services.lead, services.library
    if lead is None or library is None:
        return None, turn
    look = LookUp(turn=turn, services=services, library=library, found=Found())
    known = await asyncio.to_thread(notes, turn, services)
    given = await asyncio.to_thread(look.begin, known)
    system = render(
        _PROMPT,
        language_name=_LANGUAGE_NAMES[turn.language],
        today=turn.now.astimezone(turn.patient.zone).strftime("%Y-%m-%d"),
        clinic=services.clinic.name,
    )
    began = time.monotonic()
    try:
        led = await lead.lead(system, said(turn, known), given, look.tools(), names=names(turn))
    except ModelError as error:
        detail = {
            "model": lead.name,
            "prompt": version(_PROMPT),
            "failed": str(error),
            "why": error.why,
            "seconds": _since(began),
        }
        kept = {"passages": _passages(look.found)}
        return None, replace(turn, drafting=Drafting(detail=detail, kept=kept))
    took = _since(began)
    return await asyncio.to_thread(_checked, turn, services, led, look.found, took)


def _checked(
    turn: Turn, services: Services, led: Led, found: Found, seconds: float
) -> tuple[Draft | None, Turn]:
    """Drop what has no support or breaks a rule; put the sources under what is left."""
    lead, support = services.lead, services.support
    if lead is None or support is None:
        return None, turn
    judged = support.judge(led.text, found.lines, language(turn))
    judged = [_reviewed(turn, one, found) for one in judged]
    kept = list({one.text: one for one in judged if one.supported}.values())[:_MOST]
    answer = _answer(turn, services, kept, found) if kept else None
    broken = review(answer, turn.patient) if answer is not None else ()
    if broken:
        answer = None  # together they say what none says alone
    counts = Counter(one.verdict for one in judged)
    drafting = Drafting(
        detail={
            "model": lead.name,
            "prompt": version(_PROMPT),
            "check": support.name,
            "tokens": led.tokens,
            "rounds": led.rounds,
            "used": list(led.used),
            "verdicts": dict(sorted(counts.items())),
            "said": len(kept) if answer else 0,
            "seconds": seconds,
            **({"together": list(broken)} if broken else {}),
        },
        kept={
            "draft": led.text,
            "verdicts": [[one.text, list(one.cites), one.verdict] for one in judged],
            "passages": _passages(found),
        },
    )
    return answer, replace(turn, drafting=drafting)


def _reviewed(turn: Turn, one: Judged, found: Found) -> Judged:
    """What a model may not say to a patient, the library says in its own words, or nobody."""
    if not one.supported:
        return one
    line = found.lines[one.line]
    if not _verbatim(one, found):
        broken = review(Draft(text=one.text, numbers=_numbers(line.text)), turn.patient)
        if broken and line.id in found.articles:
            one = replace(one, text=line.text)  # the library may say it, in its own words
    if _verbatim(one, found):
        broken = review(Draft(text=one.text, approved=True), turn.patient)
    return replace(one, verdict=f"review: {broken[0]}") if broken else one


def _answer(turn: Turn, services: Services, kept: Sequence[Judged], found: Found) -> Draft:
    """The sentences with their footnotes, what the record asks for beside them, the safety net."""
    spoken = language(turn)
    cited = list(dict.fromkeys(found.lines[one.line].id for one in kept))
    articles = [found.articles[id_] for id_ in cited if id_ in found.articles]
    tags = knowledge_turn.tags_of(turn) if articles else frozenset()
    told = [answering.answer(one, turn.text, spoken, tags) for one in articles]
    lacking = dict.fromkeys(
        key for one in articles for key in knowledge_turn.lacking(turn, one, tags)
    )
    sources: list[str] = []

    def marked(text: str, own: Sequence[str]) -> str:
        sources.extend(one for one in own if one not in sources)
        marks = "".join(f"[{sources.index(one) + 1}]" for one in own)
        words = knowledge_turn.with_number(turn, text)
        return f"{words}{' ' if text[-1:].isascii() else ''}{marks}"

    lines = [marked(one.text, found.sources[one.line]) for one in kept]
    said_already = {found.lines[one.line].text for one in kept}
    beside = [
        [
            marked(line.text, [footnote(one.article, cite) for cite in line.cites])
            for line in part
            if line.text not in said_already
        ]
        for one in told
        for part in (one.personal, one.help)
    ]
    text = say(
        "lead.answer",
        turn.language,
        lines=lines,
        personal=[
            *(say(key, turn.language) for key in lacking),
            *(line for part in beside[::2] for line in part),
        ],
        help=[line for part in beside[1:2] for line in part],
        sources=sources,
        draft=any(one.status == "draft" for one in articles),
    )
    own = [one for one in kept if not _verbatim(one, found)]
    return Draft(
        text=text,
        buttons=knowledge_turn.buttons(turn, articles[0].id if articles else ""),
        approved=True,
        drafted=" ".join(one.text for one in own),
        numbers=_numbers(*(found.lines[one.line].text for one in kept)),
    )


def _verbatim(one: Judged, found: Found) -> bool:
    line = found.lines[one.line]
    return one.text == line.text and line.id in found.articles


def _passages(found: Found) -> list[list[str]]:
    return [[line.id, line.text] for line in found.lines]


def _since(began: float) -> float:
    """Seconds, as a person would say them."""
    return round(time.monotonic() - began, 1)


def _numbers(*texts: str) -> tuple[float, ...]:
    return tuple({float(number) for text in texts for number in _NUMBER.findall(text)})
