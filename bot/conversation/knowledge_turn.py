"""A question about health in general, answered from the library: short, cited, for this person."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import safety
from bot.conversation.about_me import about_me
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import Purpose
from bot.domain.turn import Concern, Turn
from bot.ports import Library, Services
from knowledge import answering, covers, diet, subjects
from knowledge.answering import Told
from knowledge.graph import graph
from knowledge.model import Article, Found, Language, Line
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
#: Something goes into the body, where a pregnancy changes the answer.
_TAKES = re.compile(
    r"\b(?:take|have|eat|drink|use|vape|smoke|vaccine|vaccinated|jab|food|medicines?|tablets?)\b"
    r"|[吃喝用服打抽敷涂贴]|药|疫苗",
    re.IGNORECASE,
)
_SAYS_PREGNANT = re.compile(
    r"\bpregnan(?:t|cy)\b|怀孕|怀了孕|孕期|孕妇|孕[早中晚]期", re.IGNORECASE
)
#: Whether something may be done at all, and what says so; not how an illness of hers is.
_MAY_I = re.compile(
    r"\b(?:can|could|may|should|shall) (?:i|we|she|you|my \w+)\b"
    r"|\b(?:safe|ok|okay|all ?right|allowed|bad)\b"
    r"|能不能|可不可以|可以|可否|[能行]吗|有影响|要不要",
    re.IGNORECASE,
)
#: What goes into her: the articles on food, medicines and vaccines are for all of it.
_SWALLOWED = re.compile(
    r"\b(?:eat|drink|food|medicines?|tablets?|pills?|vaccin\w+|jabs?|shots?)\b"
    r"|[吃喝服]|药|疫苗|[打抹擦涂贴]针?",
    re.IGNORECASE,
)
_LIKELY = 0.5  #: a learnt share from which an article is meant, though it lacks the very word
#: How she might have said it herself.
_PREGNANT = {
    "en": ("I am pregnant, {}", "{} in pregnancy"),
    "zh": ("怀孕{}", "孕期{}", "怀孕了，{}"),
}
#: Somebody small would take it, of whom the articles on medicines do not speak.
_FOR_A_CHILD = re.compile(
    r"\b(?:child(?:ren)?|kids?|toddlers?|bab(?:y|ies)|newborns?|grand(?:son|daughter|child(?:ren)?))\b"
    r"|\b\d{1,2}[- ](?:month|week)s?[- ]old\b"
    r"|\b(?:1?\d|one|two|three|four|five|six|seven|eight|nine|ten)[- ]year[- ]old\b"
    r"|孩子|小孩|儿童|宝宝|婴儿|娃|孙[子女]|外孙|\d{1,2}个月大"
    r"|(?<![\d十])(?:1?\d|[一二两三四五六七八九十])岁",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:wife|daughter|sister|friend|partner|niece|cousin|she)\b|老婆|妻子|媳妇|女儿|闺女|姐|妹|朋友|她",
    re.IGNORECASE,
)
_WHY = re.compile(r"\bwhy\b|\bhow come\b|为什么|为啥|怎么回事|什么原因|咋回事", re.IGNORECASE)
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
    told = subjects.article_for(turn.text, language(turn), library.articles)
    if told is None and _may_she(turn):
        told, held = _beside_the_first(turn, library)
        if not held:
            return turn.say(_not_held(turn))
    article = told or _in_pregnancy(turn, services, library) or _fitting(library, turn)
    if article is None:
        return turn
    return turn.say(of_article(turn, services, article), improvable=not turn.alarm)


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


def says_pregnant(text: str) -> bool:
    """The words themselves are about pregnancy, whosever it is."""
    return _SAYS_PREGNANT.search(text) is not None


def for_a_child(text: str) -> bool:
    """Somebody small is asked about."""
    return _FOR_A_CHILD.search(text) is not None


def _in_pregnancy(turn: Turn, services: Services, library: Library) -> Article | None:
    """ "Can I have wine?" of a pregnant woman is about pregnancy, though she need not say so."""
    if not _TAKES.search(turn.text):
        return None
    if says_pregnant(turn.text):
        asked = [turn.text]
    elif "pregnant" in about_me(turn).tags:
        asked = [frame.format(turn.text) for frame in _PREGNANT[language(turn)]]
    else:
        return None
    near: list[tuple[int, Article]] = []  # of that area, and how many stand before it
    for words in asked:
        found = library.search(words, language(turn))
        all_ = [library.articles[hit.passage.id] for hit in found.found if found.sure]
        near += [(place, one) for place, one in enumerate(all_) if one.area == "pregnancy"]
    return min(near, key=lambda one: one[0], default=(0, None))[1]


def _may_she(turn: Turn) -> bool:
    """Whether something may be done in pregnancy that is not swallowed or injected."""
    text = turn.text
    if not (says_pregnant(text) and _MAY_I.search(text)) or _SWALLOWED.search(text):
        return False
    return not graph().mentions(text, language(turn), ("medicine", "medicine_class", "food"))


def _beside_the_first(turn: Turn, library: Library) -> tuple[Article | None, bool]:
    """ "Can I dye my hair when pregnant?": pregnancy has articles, yet none is about hair.

    Gives the article on pregnancy to tell instead of the first found, where that is not about the
    question's subject and another is; and whether any is.
    """
    text, spoken = turn.text, language(turn)
    found = library.search(text, spoken).found
    if found and _about(library, found[0], text, spoken):
        return None, True
    articles = [library.articles[one.passage.id] for one in found]
    near = (a for a in articles if a.area == "pregnancy")
    another = next((a for a in near if covers.covers(a, text, _SAYS_PREGNANT, spoken)), None)
    return another, another is not None


def _about(library: Library, first: Found, text: str, spoken: Language) -> bool:
    article = library.articles[first.passage.id]
    likely = first.why.get("guess", 0.0) >= _LIKELY
    return likely or covers.covers(article, text, _SAYS_PREGNANT, spoken)


def _not_held(turn: Turn) -> Draft:
    words = say("knowledge.not_in_pregnancy", turn.language)
    return Draft(text=words, buttons=buttons(turn, ""), approved=True)


def of_article(turn: Turn, services: Services, article: Article) -> Draft:
    """The lines of this article that answer the turn's words, for this patient."""
    tags = about_me(turn).tags
    if says_pregnant(turn.text) and not _ANOTHER.search(turn.text):
        tags |= {"pregnant"}
    told = answering.answer(article, turn.text, language(turn), tags)
    first = []
    if _pregnant_untold(turn, article, tags):
        first.append("knowledge.pregnant")
    if article.area == "medicines" and for_a_child(turn.text):
        first.append("knowledge.child")
    return draft(turn, told, first=first)


def explained(turn: Turn, services: Services) -> Draft | None:
    """ "Why does metformin upset my stomach?": what is known, beside the words for a worry."""
    if services.library is None or turn.incoming.kind not in TYPED or not _WHY.search(turn.text):
        return None
    article = _sure(services.library, turn, turn.text)
    return None if article is None else of_article(turn, services, article)


def _pregnant_untold(turn: Turn, article: Article, tags: Collection[str]) -> bool:
    """She asks what to take, and the article says nothing for a pregnant woman."""
    if "pregnant" not in tags or article.area == "pregnancy" or not _TAKES.search(turn.text):
        return False
    return all(line.tag != "pregnant" for line in article.lines[language(turn)])


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
    return whole(turn, services, article)


def whole(turn: Turn, services: Services, article: Article) -> Turn:
    """All that the article holds for this patient."""
    told = answering.whole(article, language(turn), about_me(turn).tags)
    return turn.say(draft(turn, told))


def _article(library: Library | None, data: str) -> Article | None:
    if library is None or not data.startswith(_MORE):
        return None
    return library.articles.get(data.removeprefix(_MORE))


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
    number = safety.contacts(turn.patient.country, turn.patient.city).ambulance
    if not number:
        return words
    return words.replace("the emergency number", number).replace("急救电话", f"急救电话{number}")


def language(turn: Turn) -> Language:
    return "zh" if turn.language == "zh" else "en"
