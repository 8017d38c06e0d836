"""What kind of small talk a message is, read from small_talk.toml: whole parts, and feelings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("small_talk.toml")
_LONGEST = 120  #: characters; more is a story, and somebody should read it
_ENDS = re.compile(r"[.,;:!?~…。，、；：！？～\n]+")
_NAMED_PICTURE = re.compile(r"\[[^\[\]\d]{1,4}\]")
_LETTERS = re.compile(r"[^\w\s']")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, kw_only=True)
class Feeling:
    """Words that want to be heard; ``nurse``: they ask what only a person may answer."""

    name: str
    nurse: bool
    pattern: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class Words:
    """small_talk.toml, compiled."""

    kinds: dict[str, re.Pattern[str]]
    feelings: tuple[Feeling, ...]
    sad: tuple[str, ...]
    thanks: tuple[str, ...]
    before: re.Pattern[str]
    after: re.Pattern[str]


@cache
def words() -> Words:
    """Read once; a pattern that cannot be compiled stops the start."""
    table = tomllib.loads(_FILE.read_text("utf-8"))
    feelings = tuple(
        Feeling(name=name, nurse=bool(one.get("nurse")), pattern=_pattern(one))
        for name, one in table["feeling"].items()
    )
    return Words(
        kinds={name: _pattern(one) for name, one in table["kind"].items()},
        feelings=feelings,
        sad=tuple(table["pictures_sad"]),
        thanks=tuple(table["pictures_thanks"]),
        before=re.compile(rf"^(?:(?:{_any(table['before'])})\s+)+(?=\S)"),
        after=re.compile(rf"(?<=\S)(?:\s+(?:{_any(table['after'])}))+$"),
    )


def kind_of(text: str) -> str:
    """The kind every part of ``text`` has, the first of the file of several; "" where one has none.

    A message of pictures alone is "sad", "thanks" or "ok".
    """
    if len(text) > _LONGEST:
        return ""
    parts = [part for part in map(_plain, _ENDS.split(_NAMED_PICTURE.sub(" ", text))) if part]
    if not parts:
        return _picture(text)
    found = [_kind(part) for part in parts]
    if not all(found):
        return _kind(" ".join(parts))
    return min(found, key=list(words().kinds).index)


def feeling_in(text: str) -> Feeling | None:
    """The first feeling that these words speak of."""
    if len(text) > 2 * _LONGEST:
        return None
    said = text.casefold().replace("'", "").replace("’", "")
    return next((one for one in words().feelings if one.pattern.search(said)), None)


def _kind(part: str) -> str:
    bare = words().after.sub("", words().before.sub("", part))
    for said in dict.fromkeys((part, words().before.sub("", part), bare)):
        for name, pattern in words().kinds.items():
            if pattern.fullmatch(said):
                return name
    return ""


def _plain(part: str) -> str:
    said = part.casefold().replace("’", "'").replace("'", "")
    said = " ".join(_LETTERS.sub(" ", said).split())
    return said.replace(" ", "") if _HAN.search(said) else said


def _picture(text: str) -> str:
    if any(one in text for one in words().sad):
        return "sad"
    if any(one in text for one in words().thanks):
        return "thanks"
    pictures = _NAMED_PICTURE.search(text) or any(ord(char) > 0x2190 for char in text.strip())
    return "ok" if pictures else "not_understood" if set(text) & set("?？") else ""


def _pattern(table: dict[str, Any]) -> re.Pattern[str]:
    both = [f"(?:{one})" for language in ("en", "zh") for one in table[language]]
    return re.compile("|".join(both) or r"(?!)")  # no words: nothing is of this kind


def _any(those: Sequence[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(those, key=len, reverse=True))
