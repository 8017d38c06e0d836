"""A question about health in general, answered from the library: short, cited, for this person."""

from __future__ import annotations

import re

import safety
from bot.conversation.about_me import about_me
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import Purpose
from bot.domain.turn import Concern, Turn
from bot.ports import Library, Services
from knowledge import answering
from knowledge.answering import Told
from knowledge.model import Article, Language, Line
from prompts import say

QUESTION = re.compile(
    r"[?？]|^\W*(?:what|how|why|when|where|which|who|can|could|should|may|is|are|do|does|did|will|"
    r"tell me (?:about|more)|explain)\b"
    r"|吗|呢|什么|怎么|怎样|多少|多久|(?<!好)几(?:次|天|个|点)?(?:能|会|可以|才|合适|正常|算)|哪|谁|为何"
    r"|为什么|如何|还是|能不能|可不可以|可以不|是不是|有没有"
    r"|要不要|会不会|该不该|需不需要|好不好|行不行|介绍一下|讲讲|说说|注意事项|是啥|咋",
    re.IGNORECASE,
)
#: About what stands in this patient's record, which no article knows.
_MINE = re.compile(
    r"\b(?:what|when|how|where) (?:was|were|did|is|are) (?:my|i)\b"
    r"|\bmy (?:last|latest|next|average|own)\b|\bdid i\b|\bhave i\b"
    r"|[我您](?:上次|上回|最近一次|昨天|今天|这周|上周|下次|下一次).{0,10}(?:多少|几|什么|怎么样|何时|哪)",
    re.IGNORECASE,
)
_IN_ALARM = 2  #: lines of an answer while an emergency is open
_MORE, _NURSE = "know:more:", "know:nurse"


def question(turn: Turn, services: Services) -> Turn:
    """The article that answers, if one surely does; else the turn as it is."""
    library = services.library
    if library is None or turn.incoming.kind not in TYPED:
        return turn
    if not QUESTION.search(turn.text) or _MINE.search(turn.text):
        return turn
    asked = services.chat_model is not None and Purpose.LANGUAGE_MODEL in turn.patient.consents
    if asked and services.lead is None:
        return turn  # the model words it better
    found = library.search(turn.text, language(turn))
    if not found.sure or not found.found:
        return turn
    article = library.articles[found.found[0].passage.id]
    return turn.say(of_article(turn, services, article), improvable=not turn.alarm)


def of_article(turn: Turn, services: Services, article: Article) -> Draft:
    """The lines of this article that answer the turn's words, for this patient."""
    tags = about_me(turn, services).tags
    return _draft(turn, answering.answer(article, turn.text, language(turn), tags))


def tapped(turn: Turn, services: Services) -> Turn:
    """ "Tell me more" and "ask the nurse", under an answer."""
    if turn.incoming.kind is not Kind.TAP:
        return turn
    if turn.incoming.data == _NURSE:
        words = say("nurse.passed_on", turn.language, phone=services.clinic.team_phone)
        concern = Concern(reason="asked_for_nurse", tier="P3", evidence={"words": _asked(turn)})
        return turn.say(Draft(text=words, approved=True), concerns=(concern,))
    article = _article(services.library, turn.incoming.data)
    if article is None:
        return turn
    told = answering.whole(article, language(turn), about_me(turn, services).tags)
    return turn.say(_draft(turn, told))


def _article(library: Library | None, data: str) -> Article | None:
    if library is None or not data.startswith(_MORE):
        return None
    return library.articles.get(data.removeprefix(_MORE))


def _asked(turn: Turn) -> str:
    """The patient's own words before the tap."""
    return next((m.text for m in reversed(turn.history) if m.author == "patient" and m.text), "")


def _draft(turn: Turn, told: Told) -> Draft:
    spoken = language(turn)
    general, personal = told.general, told.personal
    if turn.alarm:
        general, personal = general[:_IN_ALARM], ()
    text = say(
        "knowledge.answer",
        turn.language,
        title=told.article.title[spoken],
        lines=[_cited(told, line) for line in general],
        personal=[_cited(told, line) for line in personal],
        help=[with_number(turn, _cited(told, line)) for line in told.help],
        sources=[f"{s.organisation}: {s.title}, {s.year}" for s in told.sources],
        draft=told.article.status == "draft",
    )
    return Draft(
        text=text, buttons=buttons(turn, told.article.id if told.more else ""), approved=True
    )


def buttons(turn: Turn, article_id: str) -> tuple[tuple[Button, ...], ...]:
    """ "Tell me more", where there is more, and "ask the nurse"."""
    nurse = Button(label=say("knowledge.button_nurse", turn.language), data=_NURSE)
    if not article_id:
        return ((nurse,),)
    more = Button(label=say("knowledge.button_more", turn.language), data=_MORE + article_id)
    return ((more, nurse),)


def _cited(told: Told, line: Line) -> str:
    marks = "".join(f"[{told.number(cite)}]" for cite in line.cites)
    return f"{line.text}{' ' if line.text[-1:].isascii() else ''}{marks}"


def with_number(turn: Turn, words: str) -> str:
    """The patient's own emergency number where an article can only speak of one."""
    number = safety.contacts(turn.patient.country, turn.patient.city).ambulance
    if not number:
        return words
    return words.replace("the emergency number", number).replace("急救电话", f"急救电话{number}")


def language(turn: Turn) -> Language:
    return "zh" if turn.language == "zh" else "en"
