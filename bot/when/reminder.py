"""What a patient wants done with reminders: made, moved, stopped or listed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.when.model import Kind, When
from bot.when.understanding import LONGEST, plainly, understand

Action = Literal["create", "move", "stop", "list"]
_ORDER: tuple[Action, ...] = ("list", "stop", "move", "create")
_FIELDS = ("made", "noun", "meal", "phrases", "moving", "ones", "named", "trim", "lead", "turned",
           "slips", "meant")  # fmt: skip
_FILE = Path(__file__).with_name("actions.toml")
_MARK = "\0"  #: stands where a time was said


@dataclass(frozen=True, kw_only=True)
class ReminderWish:
    """``what``: the patient's own words for the thing, doses untouched; may be empty.

    ``when``: in the order said; for a move the old time first and the new one last ("make it
    9am instead of 8am" is turned round). Empty: no time was named, so it has to be asked.
    """

    action: Action
    what: str
    when: tuple[When, ...]

    @property
    def problem(self) -> str | None:
        """The first reason why this cannot be done as it was said."""
        return next((w.problem for w in self.when if w.problem is not None), None)


def reminder(text: str, *, language: str, now: datetime, zone: ZoneInfo) -> ReminderWish | None:
    """The wish in ``text``, or None when it is not about reminders.

    An hour from 1 to 5 said alone means the afternoon; a part of the day becomes its usual time;
    both are not certain and must be read back. A time that is over gets the problem "past".
    Raises ValueError as ``understand`` does.
    """
    words = _words(language)
    for slip in words["slips"]:
        text = slip.sub(words["meant"][0].pattern, text)
    plain = plainly(text[:LONGEST])
    action = next((a for a in _ORDER if any(p.search(plain) for p in words[a])), None)
    if action is None:
        return None
    local = now.astimezone(zone).replace(tzinfo=None)
    read = understand(text, language=language, now=now, zone=zone, waking=True)
    if action in ("stop", "move") and _to_do(plain, words, action, read):
        action = "create"
    # "You can stop them now" names no time.
    found = tuple(w for w in read if action == "create" or w.moment != local.replace(microsecond=0))
    named = tuple(w for w in read if w not in found)
    what = _what(text[:LONGEST], plain, _apart(action, found) + named, words, action)
    if action == "list":
        return ReminderWish(action=action, what="", when=found)
    if action == "create":
        found = tuple(
            _to_come(_stands_for(w), local) for w in found if w.problem or w.kind != "duration"
        )
    if action == "move":
        found = tuple(one for w in found for one in _ends(w))
    if action == "move" and len(found) == 3 and found[0].kind == "range" and found[0].others:
        found = found[1:]  # "change my morning reminder from 8 to 8:30"
    if action == "move" and len(found) == 2 and any(p.search(plain) for p in words["turned"]):
        found = (found[1], found[0])
    if action == "move" and any(len(p.findall(plain)) > 1 for p in words["move"]):
        # Two moves in one sentence: one of them is asked, none is guessed.
        found = tuple(replace(w, value=None, problem="unclear", certain=False) for w in found)
    return ReminderWish(action=action, what=what, when=found)


def _to_do(
    plain: str, words: Mapping[str, list[re.Pattern[str]]], action: Action, read: Sequence[When]
) -> bool:
    """ "Remind me to stop the pump" ends no reminder: what is to stop, or to be switched to
    another mode, comes after the wish. Words that move to a time ("改到晚上") do move."""
    made = next((found for p in words["made"] if (found := p.search(plain))), None)
    if made is None:
        return False
    before, after = plain[: made.end()], plain[made.end() :]
    ended = any(p.search(before) for p in words[action])
    wanted = next((found for p in words[action] if (found := p.search(after))), None)
    named = wanted is not None and words["noun"][0].search(after)
    if ended or named:
        return False
    if action == "stop":
        return True
    return wanted is not None and not any(
        start >= made.end() + wanted.start() for when in read for start, _ in when.spans
    )


def _ends(when: When) -> tuple[When, ...]:
    """ "from 8am to 10am" of a move is two times, the old and the new."""
    if when.kind != "range" or when.others or not when.start or not when.end:
        return (when,)
    kind: Kind = "time" if "-" not in when.start else "datetime" if "T" in when.start else "date"
    plain = replace(when, kind=kind, start=None, end=None)
    return replace(plain, value=when.start), replace(plain, value=when.end)


def _apart(action: Action, found: tuple[When, ...]) -> tuple[When, ...]:
    """The times that are no part of the thing's name: "move my evening tablet to 9" keeps it."""
    if action == "move" and len(found) == 2 and found[0].kind == "range" and found[0].others:
        return found[1:]
    return found


def _stands_for(when: When) -> When:
    """ "tomorrow morning": the clock time that stands for it, to be read back."""
    if when.kind != "range" or not when.others:
        return when
    value = when.others[0]
    kind: Kind = "datetime" if "T" in value else "time"
    return replace(when, kind=kind, value=value, start=None, end=None, others=(), certain=False)


def _to_come(when: When, now: datetime) -> When:
    """The same, unless it is over."""
    if when.problem is not None or when.kind in ("time", "set"):
        return when
    said = when.value or when.end or ""
    if "T" not in said and ":" in said:
        return when
    at = datetime.fromisoformat(said)
    if when.kind == "date":
        at = datetime.combine(at, time.max)
    if at >= now:
        return when
    return When(kind=when.kind, problem="past", certain=False, words=when.words, spans=when.spans)


def _what(
    text: str,
    plain: str,
    found: tuple[When, ...],
    words: Mapping[str, list[re.Pattern[str]]],
    action: Action,
) -> str:
    """The text without its times and without the words of asking.

    Several doses keep their times: "two puffs at 9am and one at 9pm" says which is which.
    """
    pieces = _pieces(text, plain, found, words, action)
    meals = [bool(words["meal"][0].search(plainly(piece))) for piece in pieces]
    doses = pieces
    if meals.count(True) == 1:  # "take metformin at 8am and 8pm with food" is one dose
        doses = [p for p in pieces if not words["meal"][0].fullmatch(plainly(p))]
    if action == "create" and len(doses) > 1 and _clocks(found) > 1:
        if all(doses[0].endswith(piece) for piece in doses):  # "my inhaler one puff", "one puff"
            return doses[0]
        pieces = _pieces(text, plain, (), words, action)
    return (" " if text.isascii() or " " in text else "").join(pieces).strip()


def _clocks(found: tuple[When, ...]) -> int:
    """How many times of the day were said."""
    return sum(len(w.rule.times) if w.rule else w.kind in ("time", "datetime") for w in found)


def _pieces(
    text: str,
    plain: str,
    found: tuple[When, ...],
    words: Mapping[str, list[re.Pattern[str]]],
    action: Action,
) -> list[str]:
    marks = bytearray(len(text))
    for when in found:
        for start, end in when.spans:
            marks[start:end] = b"\1" * (end - start)
    if action == "create":  # "after meals" says how, too: it stays with the dose
        for meal in words["meal"][0].finditer(plain):
            if not meal["at"]:
                marks[meal.start() : meal.end()] = bytes(meal.end() - meal.start())
    shown = "".join(_MARK if marks[i] else c for i, c in enumerate(plain))
    gone = bytearray(marks)
    left_out = words["phrases"] + words["moving"] * (action == "move")
    for pattern in left_out + words["ones"] * (action != "create"):
        for match in pattern.finditer(shown):
            gone[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    pieces: list[str] = []
    for kept in re.finditer(rb"\0+", bytes(gone)):
        piece = _trimmed(text[kept.start() : kept.end()], words)
        if action != "create" and not pieces:
            piece = _trimmed(words["named"][0].sub("", piece), words)
        if piece:
            pieces.append(piece)
    return pieces


_EDGES = " \t\n,;:.!?，。；：！？、…\"'“”"


def _trimmed(piece: str, words: Mapping[str, list[re.Pattern[str]]]) -> str:
    """Without the joining words and marks at both ends."""
    while True:
        shorter = piece.strip(_EDGES)
        for pattern in (*words["trim"], *words["lead"]):
            shorter = pattern.sub("", shorter).strip(_EDGES)
        if shorter == piece:
            return piece
        piece = shorter


@cache
def _words(language: str) -> Mapping[str, list[re.Pattern[str]]]:
    """The expressions of a language; ValueError names the file and the field that is wrong."""
    try:
        data: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{_FILE.name}: {error}") from error
    table = data.get(language)
    if not isinstance(table, dict):
        raise ValueError(f"language: {language!r} is not in {_FILE.name}")
    found = {}
    for field in (*_ORDER, *_FIELDS):
        lines = table.get(field)
        if isinstance(lines, str):
            lines = [lines]
        if not isinstance(lines, list):
            raise ValueError(f"{_FILE.name}: {language}.{field} is missing")
        try:
            found[field] = [re.compile(line, re.IGNORECASE) for line in lines]
        except re.error as error:
            raise ValueError(f"{_FILE.name}: {language}.{field}: {error}") from error
    return found
