"""A question about a number is answered; only what is the patient's own is written down."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.conversation import knowledge_turn
from bot.conversation.about_me import about_me
from bot.conversation.knowledge_turn import QUESTION
from bot.conversation.readings import is_it_yours, label, observed_in, read_back
from bot.domain.message import Kind
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.plans.wanted import codes_in
from bot.ports import Services
from prompts import say

_FILE = Path(__file__).with_name("number_articles.toml")
_ASKS = re.compile(
    r"\bwhat (?:does|do|did|would|is)\b.{0,60}\b(?:mean|say|tell)\b"
    r"|\bwhat does (?:it|that|this) mean\b"
    r"|\b(?:is|are|was|would)\b.{0,60}\b(?:too|high|low|normal|bad|good|dangerous|serious|ok|okay|"
    r"all right|alright|fine|safe|healthy|worrying|a worry|concerning)\b.{0,20}\s*\??\s*$"
    r"|\b(?:high|low|normal|ok|okay|bad|good|dangerous|fine)\s*"
    r"(?:or (?:not|what|low|high|bad))?\s*\?|\bshould i (?:worry|be (?:worried|concerned))\b"
    r"|^\W*[\d./]+\W*\?\s*$"
    r"|(?:什么|啥|嘛)意思|说明(?:什么|啥)"
    r"|(?:高|低|正常|要紧|严重|危险|好|达标|标准|可以|行|合格|偏高|偏低|超标|碍事)(?:了|不)?(?:吗|么|嘛|不|没有)\W*$"
    r"|(?:要|用)(?:不用|不要)?担心(?:吗|不)|(?:高|低)不(?:高|低)|正不正常|要不要紧|严不严重|好不好|是不是.{0,3}(?:高|低|超标)|算.{0,2}(?:高|低|正常|好)"
    r"|(?:怎么样|咋样|如何)\W*$",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"\b(?:my|mine|me|i|just|today|this morning|tonight|measured|yesterday)\b"
    r"|我|刚|今天|今早|昨天|早上|量了|测了|查出来|化验|体检",
    re.IGNORECASE,
)


@functools.cache
def articles() -> Mapping[str, str]:
    """Code of a measurement → the article that says what its numbers mean."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def question(turn: Turn, services: Services) -> Turn:
    """ "What does 150/95 mean?": the article; kept at once if it is theirs, else one question."""
    about_it = _ASKS.search(turn.text) is not None
    if turn.incoming.kind is not Kind.TEXT or not (about_it or QUESTION.search(turn.text)):
        return turn
    found = observed_in(turn).certain
    if not found:
        return _of_what_is_named(turn, services) if about_it else turn
    if about_it:
        told = _answered(turn, services, found[0].code)
    else:  # "sugar 6.5, is that diabetes?": what the library surely says of it
        told = knowledge_turn.question(turn, services)
    if not told.handled:
        return turn
    if _MINE.search(turn.text):
        kept = (read_back(turn, found), *told.drafts[len(turn.drafts) :])
        return replace(told, drafts=(*turn.drafts, *kept), observed=found)
    return told.say(
        is_it_yours(turn, found[0].code, found[0].shown), dialogue=turn.topic(_topic(found[0]))
    )


def _of_what_is_named(turn: Turn, services: Services) -> Turn:
    """ "What does an HbA1c of 58 mean?": no reading to keep, and the article all the same."""
    named = codes_in(turn.text)
    if len(named) != 1 or named[0] not in articles() or not re.search(r"\d", turn.text):
        return turn
    return _answered(turn, services, named[0])


def _answered(turn: Turn, services: Services, code: str) -> Turn:
    """The article on this measurement; without one a nurse has the question."""
    library = services.library
    diabetes = code == "glucose" and "diabetes" in about_me(turn).tags
    id_ = articles().get("glucose_with_diabetes" if diabetes else code, "")
    article = library.articles.get(id_) if library else None
    if article is not None:
        return turn.say(knowledge_turn.of_article(turn, services, article))
    words = say("record.number_to_nurse", turn.language, what=label(code, turn.language))
    concern = Concern(reason="asked_for_nurse", tier="P3")
    return turn.say(Draft(text=words, approved=True), concerns=(*turn.concerns, concern))


def _topic(found: Observation) -> dict[str, object]:
    """As ``record.answer_to_doubt`` reads it."""
    choice = [found.value, found.shown, found.unit, found.diastolic]
    return {"name": "reading", "code": found.code, "said": found.said, "choices": [choice]}
