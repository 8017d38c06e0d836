""" "Forget the thing about my brother": the words leave the rows, the index and the summaries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.conversation.facts_words import button
from bot.domain.dates import day_in_words
from bot.domain.message import Button
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from memory import Fact, Memory
from memory.fact import PATIENTS_OWN
from memory.words import is_chinese, terms
from prompts import say

_WISH = re.compile(
    r"^\W*(?:please |can you |could you |i want you to |i'd like you to )*"
    r"(?:forget|delete|remove|erase)(?: about)? "
    r"(?:(?:the|that) (?:thing|bit|part|story|business|stuff) (?:about|with|on)"
    r"|what i (?:said|told you|wrote)(?: you)? (?:about|on)"
    r"|everything (?:about|on)|all (?:about|on)) "
    r"(?P<en>.{2,60}?)(?: please)?\W*$"
    r"|^\W*(?:请|麻烦)?(?:[你您])?(?:忘掉|忘了|忘记|删掉|删除)(?:我(?:说过?的)?)?(?:关于)?(?P<zh>.{1,20}?)"
    r"(?:的)?(?:那件事|这件事|的事情?|那事儿?|那些话|的话)吧?\W*$"
    r"|^\W*(?:请|麻烦)?(?:[你您])?(?:把)?(?:我说的?)?(?:关于)?(?P<zh2>.{1,20}?)(?:的)?(?:那件事|这件事|的事情?|那事儿?|那些话)"
    r"(?:给)?(?:忘掉|忘了|忘记|删掉|删了|删除)吧?\W*$",
    re.IGNORECASE,
)  # fmt: skip
_OWNER = re.compile(r"^(?:关于)?(?:我们?|咱们?)(?:的|家的?)?")
_SHOWN = 6


def wish(turn: Turn, services: Services) -> Turn:
    """Forget what one thing was said about; ask which where more than one message tells of it."""
    match = _WISH.search(turn.text.replace("’", "'"))
    if match is None:
        return turn
    turn = replace(turn, unremembered=True)
    about = match["en"] or match["zh"] or match["zh2"]
    sources = _sources(turn, services, about)
    if not sources:
        return _say(turn, "forgot_nothing")
    if len(sources) == 1:
        return forget(turn, services, next(iter(sources)), about=about)
    shown = dict(list(sources.items())[-_SHOWN:])
    lines = [
        say("facts.forget_line", turn.language, number=n, day=_day(turn, m), text=m.text[:120])
        for n, m in enumerate(shown.values(), 1)
    ]
    rows: list[tuple[Button, ...]] = [
        (button(turn, "button_number", "src", source, number=n),)
        for n, source in enumerate(shown, 1)
    ]
    rows.append(
        (button(turn, "button_all", "src", "all"), button(turn, "button_none", "src", "no"))
    )
    words = say("facts.forget_which", turn.language, lines=lines)
    return turn.say(
        Draft(text=words, buttons=tuple(rows), approved=True),
        dialogue=turn.topic({"name": "forget_which", "sources": list(sources), "about": about}),
    )


def forget(
    turn: Turn, services: Services, source: str, *, only: Fact | None = None, about: str = ""
) -> Turn:
    """Forget one message's words and facts (``only``: this fact of it), all offered, or none.

    An allergy or a medicine told in the same breath as what it was ``about`` is kept, and said to
    be kept: nobody asked for it to go. Refused buttons of an older list change nothing.
    """
    topic = turn.dialogue.topic
    about = about or str(topic.get("about", ""))
    sources = [source]
    if source in ("all", "no"):
        offered = topic.get("sources") if topic.get("name") == "forget_which" else None
        if source == "no" or not isinstance(offered, list):
            words = "forgot_none" if source == "no" else "no_such"
            return _say(replace(turn, dialogue=turn.topic({})), words)
        sources = [str(one) for one in offered]
    with services.store.reading() as rows:
        memories = [m for m in rows.record.memories(turn.patient_id) if m.source in sources]
        facts = [
            f
            for f in rows.facts.of(turn.patient_id, everything=True)
            if (f.source in sources if only is None else f.id == only.id)
            and f.said_by in PATIENTS_OWN
        ]
    if not memories and not facts:
        return _say(replace(turn, dialogue=turn.topic({})), "no_such")
    ids = tuple(m.id for m in memories)
    tells = _telling(about)
    kept = [f for f in facts if only is None and about and f.guarded and not tells(f.text)]
    gone = tuple(replace(f, status="forgotten") for f in facts if f not in kept)
    words = say("facts.forgot", turn.language)
    still = list(dict.fromkeys(f.text for f in kept if f.status == "current"))
    if still:
        words += "\n" + say("facts.forgot_but", turn.language, facts=still)
    told = replace(turn, dialogue=turn.topic({})).say(Draft(text=words, approved=True))
    return replace(told, forgotten=ids, facts=gone, forgotten_sources=tuple(sources))


def _sources(turn: Turn, services: Services, about: str) -> dict[str, Memory | Fact]:
    """The messages that tell of ``about``, the oldest first, each with words to show it by."""
    with services.store.reading() as rows:
        memories = rows.record.memories(turn.patient_id)
        facts = rows.facts.of(turn.patient_id, everything=True)
    tells = _telling(about)
    found: dict[str, Memory | Fact] = {}
    own = (f for f in facts if f.said_by in PATIENTS_OWN)
    said: Iterable[Memory | Fact] = [*(m for m in memories if m.said_by == "patient"), *own]
    for one in said:
        if one.source and tells(one.text):
            found.setdefault(one.source, one)
    return dict(sorted(found.items(), key=lambda item: item[1].recorded_at))


def _telling(about: str) -> Callable[[str], bool]:
    if is_chinese(about):
        core = _OWNER.sub("", about.strip()) or about.strip()
        return lambda text: core in text
    wanted = set(terms(about))
    return lambda text: bool(wanted) and wanted <= set(terms(text))


def _day(turn: Turn, one: Memory | Fact) -> str:
    return day_in_words(one.recorded_at, turn.patient.zone, turn.language)


def _say(turn: Turn, words: str) -> Turn:
    return turn.say(Draft(text=say(f"facts.{words}", turn.language), approved=True))
