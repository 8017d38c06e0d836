"""What a pregnant woman asks: which article speaks to her of it, or that none does."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.ports import Library
from knowledge import covers
from knowledge.graph import graph
from knowledge.graph_model import INTERACTING
from knowledge.model import Article, Found, Language

_SAYS = re.compile(r"\bpregnan(?:t|cy)\b|怀孕|怀了孕|孕期|孕妇|孕[早中晚]期", re.IGNORECASE)
#: Whether something may be done at all, and what says so; not how an illness of hers is.
_MAY_I = re.compile(
    r"\b(?:can|could|may|should|shall) (?:i|we|she|you|my \w+)\b"
    r"|\b(?:safe|ok|okay|all ?right|allowed|bad)\b"
    r"|能不能|可不可以|可以|可否|[能行]吗|能.{1,10}[吗么嘛]|有影响|要不要",
    re.IGNORECASE,
)
#: It goes into her: the articles on food, medicines and vaccines are for all of it.
_SWALLOWED = re.compile(
    r"\b(?:eat|drink|smoke|vape|food|medicines?|tablets?|pills?|vaccin\w+|jabs?|shots?)\b"
    r"|\btake\b(?! (?:an? |the |my |some )?(?:hot |warm |long |cold )*"
    r"(?:baths?|showers?|bus|train|walks?|trips?|breaks?|flights?|ferry|plane|holidays?|naps?|time))"
    r"|[吃喝服抽]|药|疫苗|[打抹擦涂贴]针?",
    re.IGNORECASE,
)
#: Of another body than hers, though she asks.
_OF_ANOTHER = re.compile(
    r"\bmy (?:\w+ )?(?:husband|partner|son|daughter|mum|mom|mother|dad|father|sister|brother|"
    r"friend|child(?:ren)?|kids?|baby|toddler)\b"
    r"|老公|丈夫|爱人|孩子|儿子|女儿|闺女|爸|妈|公公|婆婆|哥|弟|姐|妹|朋友",
    re.IGNORECASE,
)
#: Not of her body at all.
_OF_THE_BOT = re.compile(
    r"\b(?:ask|tell|talk to|speak to|write to|show) (?:you|me|somebody|someone|a nurse)\b"
    r"|(?:问|告诉|请教)(?:一下)?(?:你|您|个|护士)",
    re.IGNORECASE,
)
#: What is told of these is for her, too, though they do not speak of pregnancy.
_FOR_ALL = ("bot", "devices", "tests")
#: As she might have said it herself.
_WORDED: dict[Language, str] = {"en": "I am pregnant, {}", "zh": "怀孕{}"}
_LIKELY = 0.5  #: a learnt share from which an article is meant, though it lacks the very word
_LEAST = 0.25  #: and from which it is, where the word stands in it, of what is not swallowed


def says_so(text: str) -> bool:
    """The words themselves are about pregnancy, whosever it is."""
    return _SAYS.search(text) is not None


def worded(text: str, language: Language, tags: Collection[str]) -> str:
    """The question with the pregnancy in it that stands on her record and not in her words."""
    if "pregnant" not in tags or says_so(text) or not _asks(text, language):
        return text
    if _OF_ANOTHER.search(text) or _OF_THE_BOT.search(text):
        return text
    return _WORDED[language].format(text)


def article(library: Library, words: str, language: Language) -> Article | None:
    """The first article found that speaks to a pregnant woman about what she asks, or None.

    ``words``: as ``worded`` gives them. Of what she would swallow it is one on pregnancy: what
    another says to all of it first ("take it with food") is not for her.
    """
    if not (says_so(words) and _asks(words, language)):
        return None
    answer, taken = library.search(words, language), swallowed(words, language)
    near = [
        (one, held)
        for one in answer.found
        if (held := library.articles[one.passage.id]).area == "pregnancy"
        or (not taken and speaks(held, language))
    ]
    for one, held in near:
        if _about(held, one, words, language, taken):
            return held
    return near[0][1] if near and taken and answer.sure else None


def untold(words: str, language: Language) -> bool:
    """She asks whether something may be done that is not swallowed: an article that does not speak
    of pregnancy would be beside the point. ``words``: as ``worded`` gives them."""
    return says_so(words) and _may(words) and not swallowed(words, language)


def beside_the_point(one: Article, language: Language) -> bool:
    """It does not speak of pregnancy, nor of what is the same for everybody."""
    return not speaks(one, language) and one.area not in _FOR_ALL


def swallowed(text: str, language: Language) -> bool:
    """Something goes into the body, where a pregnancy changes the answer."""
    return bool(_SWALLOWED.search(text) or graph().mentions(text, language, INTERACTING))


def speaks(one: Article, language: Language) -> bool:
    """It is about pregnancy, or has a line for a pregnant woman."""
    return one.area == "pregnancy" or any(line.tag == "pregnant" for line in one.lines[language])


def _asks(text: str, language: Language) -> bool:
    return _may(text) or swallowed(text, language)


def _may(text: str) -> bool:
    return _MAY_I.search(text) is not None


def _about(article: Article, one: Found, text: str, language: Language, taken: bool) -> bool:
    """Of her doings a word alone is not enough: "hot" stands in many articles, a bath in none."""
    likely, named = one.why.get("guess", 0.0), covers.covers(article, text, _SAYS, language)
    return likely >= _LIKELY or named if taken else likely >= _LEAST and named
