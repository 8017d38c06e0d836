"""A question about health in general, answered from the library: short, cited, for this person."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot.conversation import dose_turn, in_pregnancy
from bot.conversation.about_me import about_me
from bot.conversation.nurse_turn import passed_on
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import Purpose
from bot.domain.turn import Concern, Turn
from bot.ports import Library, Services
from bot.whom_to_call import known_number, number_to_call
from knowledge import answering, diet, subjects
from knowledge.answering import Told
from knowledge.model import Article, Language, Line
from prompts import say

QUESTION = re.compile(
    r"[?？]|^\W*(?:wh?ats?|how|hows|why|when|where|which|wich|who|can|could|should|may|is|are|do|does|did|will|"
    r"tell me (?:about|more)|explain)\b"
    r"|吗|呢|什么|怎么|怎样|多少|多久|(?<!好)几(?:(?:次|天|个|点)?(?:能|会|可以|才|合适|正常|算)|针|剂|岁|年|种|个月)"
    r"|(?:[一每][天日周餐顿次]|能|可以|该|最多).{0,5}(?<!了)(?<!好)几[个只颗杯两克勺份顿]|哪|谁|为何"
    r"|为什么|如何|还是|能不能|可不可以|可以不|是不是|有没有"
    r"|要不要|会不会|该不该|需不需要|好不好|行不行|介绍一下|讲讲|说说|注意事项|是啥|咋"
    # asked at the end, or without a verb
    r"|[,，;.] *(?:why|how come|what (?:should|can|do) i do)\W*$"
    r"|^\W*(?:(?:common |main |possible )?(?:side[- ]effects?|symptoms|signs|causes|treatment|"
    r"dangers|risks|benefits) of\b|(?:diet|foods?|exercises?) (?:for|in|with)\b|"
    r"(?:[a-z]+ ){1,3}(?:diet|side[- ]effects?)\W*$)"
    r"|高不高|低不低|正不正常|要不要紧|严不严重|(?:副作用|忌口|吃法|用法|正常值|注意点)\W*$",
    re.IGNORECASE,
)
#: About what stands in this patient's record, which no article knows.
_MINE = re.compile(
    r"\b(?:what|when|how|where) (?:was|were|did|is|are) (?:my|i)\b"
    r"|\bmy (?:last|latest|next|average|own)\b|\bdid i\b|\bhave i\b"
    r"|[我您](?:上次|上回|最近一次|昨天|今天|这周|上周|下次|下一次).{0,10}(?:多少|几|什么|怎么样|何时|哪)",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:wife|daughter|sister|friend|partner|niece|cousin|she)\b|老婆|妻子|媳妇|女儿|闺女|姐|妹|朋友|她",
    re.IGNORECASE,
)
_WHY = re.compile(r"\bwhy\b|\bhow come\b|为什么|为啥|怎么回事|什么原因|咋回事", re.IGNORECASE)
#: Not 当地的急救电话: wherever one is on a journey, it is not that of home.
_THE_NUMBER = re.compile(r"the emergency number|(?<!当地)(?<!当地的)急救电话")
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
    spoken = language(turn)
    tags = tags_of(turn)
    words = in_pregnancy.worded(turn.text, spoken, tags)
    article = subjects.article_for(words, spoken, library.articles)
    if article is None and in_pregnancy.untold(words, spoken) and subjects.in_no_article(words):
        return turn.say(_not_held(turn))
    article = article or _of_food(library, turn, tags)
    article = article or in_pregnancy.article(library, words, spoken)
    untold = article is None and in_pregnancy.untold(words, spoken)
    if untold and words == turn.text:
        return turn.say(_not_held(turn))
    article = article or _fitting(library, turn)
    if untold and (article is None or in_pregnancy.beside_the_point(article, spoken)):
        return turn.say(_not_held(turn))
    if article is None:
        return turn
    return turn.say(of_article(turn, services, article), improvable=not turn.alarm)


def _of_food(library: Library, turn: Turn, tags: Collection[str]) -> Article | None:
    """What has a caution for this patient about the food that is named; not for somebody else."""
    if _ANOTHER.search(turn.text):
        return None
    food = diet.for_record(turn.text, language(turn), tags)
    return library.articles.get(food) if food else None


def _fitting(library: Library, turn: Turn) -> Article | None:
    """What is surely asked for; of what to eat with an illness, the food and not the illness."""
    article = _sure(library, turn, turn.text)
    if article is not None and article.area == "food":
        return article
    food = diet.article_for(turn.text, language(turn))
    return library.articles.get(food) if food else article


def _sure(library: Library, turn: Turn, words: str) -> Article | None:
    found = library.search(words, language(turn))
    return library.articles[found.found[0].passage.id] if found.sure and found.found else None


def _not_held(turn: Turn) -> Draft:
    words = say("knowledge.not_in_pregnancy", turn.language, number=number_to_call(turn.patient))
    return Draft(text=words, buttons=buttons(turn, ""), approved=True)


def of_article(turn: Turn, services: Services, article: Article) -> Draft:
    """The lines of this article that answer the turn's words, for this patient."""
    tags = tags_of(turn)
    told = answering.answer(article, turn.text, language(turn), tags)
    return draft(turn, told, first=lacking(turn, article, tags))


def tags_of(turn: Turn) -> frozenset[str]:
    """Whom an article's lines may be for: by the record, and by what she says of herself."""
    tags = about_me(turn).tags
    if in_pregnancy.says_so(turn.text) and not _ANOTHER.search(turn.text):
        tags |= {"pregnant"}
    return tags


def lacking(turn: Turn, article: Article, tags: Collection[str]) -> list[str]:
    """Keys of words for this person that the article lacks; said whoever words the rest."""
    first = []
    if _pregnant_untold(turn, article, tags):
        first.append("knowledge.pregnant")
    if article.area == "medicines" and dose_turn.for_a_child(turn.text):
        first.append("knowledge.child")
    return first


def explained(turn: Turn, services: Services) -> Draft | None:
    """ "Why does metformin upset my stomach?": what is known, beside the words for a worry."""
    if services.library is None or turn.incoming.kind not in TYPED or not _WHY.search(turn.text):
        return None
    article = _sure(services.library, turn, turn.text)
    return None if article is None else of_article(turn, services, article)


def _pregnant_untold(turn: Turn, article: Article, tags: Collection[str]) -> bool:
    """She asks what to take, and the article says nothing for a pregnant woman."""
    spoken = language(turn)
    asked = "pregnant" in tags and in_pregnancy.swallowed(turn.text, spoken)
    return asked and not in_pregnancy.speaks(article, spoken)


def tapped(turn: Turn, services: Services) -> Turn:
    """ "Tell me more" and "ask the nurse", under an answer."""
    if turn.incoming.kind is not Kind.TAP:
        return turn
    if turn.incoming.data == _NURSE:
        words = passed_on(turn.patient, services)
        concern = Concern(reason="asked_for_nurse", tier="P3", evidence={"words": _asked(turn)})
        return turn.say(Draft(text=words, approved=True), concerns=(concern,))
    if services.library is None or not turn.incoming.data.startswith(_MORE):
        return turn
    article = services.library.articles.get(turn.incoming.data.removeprefix(_MORE))
    if article is None:
        words = say("knowledge.withdrawn", turn.language)
        return turn.say(Draft(text=words, buttons=buttons(turn, ""), approved=True))
    return whole(turn, services, article)


def whole(turn: Turn, services: Services, article: Article) -> Turn:
    """All that the article holds for this patient."""
    told = answering.whole(article, language(turn), about_me(turn).tags)
    return turn.say(draft(turn, told))


def _asked(turn: Turn) -> str:
    """The patient's own words before the tap."""
    return next((m.text for m in reversed(turn.history) if m.author == "patient" and m.text), "")


def draft(turn: Turn, told: Told, *, first: Sequence[str] = ()) -> Draft:
    """These lines with their sources, and the buttons below them; ``first``: keys of words for this
    person that the article lacks."""
    spoken = language(turn)
    general, personal = told.general, told.personal
    if turn.alarm:
        general, personal = general[:_IN_ALARM], ()
    text = say(
        "knowledge.answer",
        turn.language,
        title=told.article.title[spoken],
        lines=[_cited(told, line) for line in general],
        personal=[
            *(say(key, turn.language) for key in first),
            *(_cited(told, line) for line in personal),
        ],
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
    number = known_number(turn.patient.country, turn.patient.city)
    if not number:
        return words
    return _THE_NUMBER.sub(lambda said: number if said[0].isascii() else said[0] + number, words)


def language(turn: Turn) -> Language:
    return "zh" if turn.language == "zh" else "en"
