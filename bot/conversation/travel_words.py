"""Where somebody says they are: "I'm in Tokyo now", "我到东京了", "my time zone is Asia/Tokyo"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.domain.travel import place_named

How = Literal["there", "going", "moved", "home"]
_END = (
    r"(?=\s+(?:now|today|for|until|till|this|since|at the moment|on|with|and|tomorrow|next|in)\b"
    r"|[.,;!?]|$)"
)
_PLACE = r"(?P<place>[^\W\d_][\w .'/_+-]{1,40}?)" + _END
_HAN = r"(?P<place>[\u4e00-\u9fff]{2,8}?)"
_AFTER = r"(?=了|出差|旅游|旅行|玩|度假|这边|这里|住|时间|的时间|[，。！,.!\s]|$)"
#: How it is said, whether it is about clocks or a journey for certain, and the words.
_WORDS: tuple[tuple[How, bool, str], ...] = (
    ("home", False, r"\bi(?:'m| am|'ve come| have come)? (?:back|returned)(?: at)? home\b"),
    ("home", False, r"\bi(?:'m| am) home again\b|^\W*back home\W*$"),
    ("home", False, r"我(?:已经|又)?(?:回家|回国|回来)了|到家了"),
    (
        "there",
        True,
        r"\b(?:time ?zone|clock)\b(?: (?:is|to|=|has changed to|now))+ (?:the )?"
        r"(?P<place>[\w/+-]+(?: [A-Z][\w/+-]+)*)",
    ),
    (
        "there",
        True,
        r"时区(?:是|为|改成|改到|改为|换成|调到|：|:)\s*(?P<place>[\w/]+?)(?:时间)?[。！.!]?$",
    ),
    ("moved", False, r"\b(?:i|we)(?:'ve| have)? moved (?:house )?to " + _PLACE),
    ("moved", False, r"(?:我|我们)?(?:已经)?搬到" + _HAN + _AFTER),
    ("going", True, r"\b(?:travel(?:l?ing)?|fly(?:ing)?) to " + _PLACE),
    ("going", False, r"\b(?:going|moving|heading) to " + _PLACE),
    (
        "going",
        False,
        r"(?:要|准备|打算|明天|后天|下周|过几天|马上)(?:就)?(?:要)?(?:去|飞)" + _HAN + _AFTER,
    ),
    (
        "there",
        False,
        r"\b(?:i(?:'m| am)|we(?:'re| are))(?: (?:now|currently|just|already|staying|travell?ing))*"
        r"(?: back)? (?:in|at) (?:the )?" + _PLACE,
    ),
    ("there", False, r"\b(?:arrived|landed) (?:in|at) " + _PLACE),
    ("there", False, r"\bgot to " + _PLACE),
    ("there", False, r"(?:到了?|抵达|来到|飞到|人在|(?<!现)在)(?:了)?" + _HAN + _AFTER),
)
_FEW_WORDS, _FEW_LETTERS = 8, 45
_PATTERNS = tuple((how, asked, re.compile(words, re.I)) for how, asked, words in _WORDS)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A place in a sentence; ``asked``: the sentence is about clocks or a journey for certain."""

    how: How
    place: str
    asked: bool


def named(text: str) -> Named | None:
    """The place somebody says they are at or going to, as they named it; nobody has checked it."""
    plain = text.strip().replace("’", "'")
    if plain.endswith(("?", "？", "吗")):
        return None
    for how, asked, pattern in _PATTERNS:
        if found := pattern.search(plain):
            place = (found.groupdict().get("place") or "").strip()
            if place or how == "home":
                return Named(how=how, place=place, asked=asked)
    return None


def only_a_place(text: str) -> bool:
    """A few words that say where somebody is, and nothing else: "I am in Tokyo now"."""
    found = named(text)
    if found is None or (found.place and place_named(found.place) is None):
        return False
    return len(text.split()) <= _FEW_WORDS and len(text) <= _FEW_LETTERS
