"""What the words around a red flag do to it: silence it, ask about it, or leave it standing."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety import aside, tight
from safety.files import list_field, read_toml, table_field
from safety.index import Index
from safety.lexicon import LANGUAGES, Flag, fold_pattern, joined
from safety.patterns import MASK, Element, compile_pattern
from safety.verdict import Language, Tier

_ROOM = Path(__file__).parent
_SENTENCE = re.compile(r"[.!?;。\n]")
_AROUND = 160  #: characters of a sentence looked at on either side
_TIGHT = 70
_NEAR = 60  #: characters of the next sentence
_LONG_AGO = 365  #: days
_SEASON = 60  #: days that "in June" or "last winter" stand for
_MONTH = 29  #: days after which a good end leaves nothing to ask
_AFTER = re.compile(r"[ ]?[:?,\-–(][ ]?|[ ](?=no\b)")
_ONE_MORE = re.compile(r"[ ][a-z]+\?[ ]?")  #: "blurry vision? no."
_FIRST = 8  #: characters before a sign with which its question begins: "any chest pain?"
_CLAUSE_END = re.compile(r"[\s)]*(?:$|[,.!?;。\n]|的)")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How one match stands in its words: gone, settled, asked or stated, and the cues for it."""

    silenced: bool = False
    settled: bool = False  #: long ago, in a story or in a lesson, and nothing speaks of now
    cues: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, kw_only=True)
class Cues:
    """The compiled context lists of one language."""

    masks: tuple[tuple[Element, ...], ...]
    guarded: int  #: masks from this number on are worth nothing after a denial
    mask_index: Index
    expressions: Mapping[str, re.Pattern[str]]
    past: tuple[tuple[int, re.Pattern[str]], ...]


@functools.cache
def load() -> dict[Language, Cues]:
    """The context files; ValueError names the file and the field that is wrong."""
    return {language: _cues(language) for language in LANGUAGES}


def _cues(language: Language) -> Cues:
    path = _ROOM / f"context_{language}.toml"
    data = read_toml(path)
    lists = table_field(data, "slots", path.name)
    slots = {name: list_field(lists, name, path.name) for name in lists}
    found: dict[str, re.Pattern[str]] = {}

    def add(name: str, table: Mapping[str, Any], field: str, end: str = "") -> None:
        sources = list_field(table, field, path.name)
        if not sources:
            raise ValueError(f"{path.name}: {field} must not be empty")
        pattern = joined(sources, language, slots, f"{path.name}: {field}")
        found[name] = re.compile(f"(?:{pattern.pattern}){end}") if end else pattern

    sep = r"[ ,'\"()/:\-]{0,3}$" if language == "en" else "$"
    denial, time = table_field(data, "denial", path.name), table_field(data, "time", path.name)
    asking, masks = table_field(data, "asking", path.name), table_field(data, "masks", path.name)
    add("deny", denial, "before", sep)
    add("list", denial, "list", sep)
    add("after", denial, "after")
    add("said well", denial, "well")
    for name in ("none_of", "all_denied", "but", "answered", "answer"):
        add(name, denial, name)
    add("asked for", denial, "asked_for", sep)
    add("not on", denial, "not_on", sep)
    add("not_denial", denial, "not_denial")
    add("like", denial, "pseudo_like")
    add("wide", denial, "wide", sep)
    add("breaks", denial, "breaks")
    for name in ("current", "resolved", "resolved_not", "told_after"):
        add(name, time, name)
    for name in ("hypothetical", "topic", "general", "own", "media", "dead"):
        add(name, asking, name)
    if "in_clause" in asking:  # a language may do without
        add("in_clause", asking, "in_clause")
    past = tuple(
        (int(row["days"]), joined(list_field(row, "any", path.name), language, slots, path.name))
        for row in time["past"]
    )
    free = list_field(masks, "idioms", path.name) + list_field(masks, "plain_denials", path.name)
    masks_found = tuple(
        compile_pattern(fold_pattern(source), language, slots).elements
        for source in (*free, *list_field(masks, "plain_well", path.name))
    )
    return Cues(
        masks=masks_found,
        guarded=len(free),
        mask_index=Index(masks_found),
        expressions=found,
        past=past,
    )


def compile_all() -> None:
    """Compile every expression now, not each at the first message that needs it."""
    for cues in load().values():
        for elements in cues.masks:
            for element in elements:
                _ = element.regex


def mask(text: str) -> str:
    """The text with figures of speech and plain statements of safety blanked, same length."""
    for cues in load().values():
        for number in cues.mask_index.candidates(text):
            for element in cues.masks[number]:
                whole, deny = text, cues.expressions["deny"] if number >= cues.guarded else None
                text = element.regex.sub(lambda match: _blank(match, whole, deny), text)  # noqa: B023
    return text


def _blank(match: re.Match[str], text: str, deny: re.Pattern[str] | None) -> str:
    """Blanks for the match; itself where a denial stands before it: "not breathing ok"."""
    if deny and deny.search(text, max(0, match.start() - _TIGHT), match.start()):
        return match[0]
    return MASK * len(match[0])


def read(text: str, match: re.Match[str], flag: Flag, language: Language) -> Reading:
    """How ``match`` of ``flag`` stands in ``text`` (folded and masked)."""
    cues = load()[language]
    start, end = match.span()
    left, right = _sentence(text, start, end)
    found: list[str] = []
    if _denied(text, match, cues, left, language):
        if not flag.people_only:
            return Reading(silenced=True, cues=("denied",))
        found.append("denied")
    elif _answered(text, match, cues, left, right):
        found.append("denied")
    before, after = text[left:start], text[end:right]
    sentence = text[left:right]
    say = cues.expressions
    over, name = False, tight.named(text, match, language)
    if not flag.people_only:
        over = _over(cues, text, match, flag, language)
        why = tight.settled(text, match, language, long_ago=flag.window_days < _LONG_AGO)
        why = why or aside.settled(text, match, language, (left, right), past=over)
        if why or name == "name":
            return Reading(settled=True, cues=(why or name,), asked=True)
        over = over or aside.of_others_and_over(text, match, language, (left, right))
    if name:
        found.append("name")
    current = say["current"].search(_without(cues, sentence, language)) is not None
    dead = say["dead"].search(sentence) and not tight.mine(text, match, language)
    if dead and not (flag.people_only and current):
        if not current and not flag.people_only:
            return Reading(silenced=True, cues=("dead",))
        found.append("dead")
    told_after = say["told_after"].match(text, _next(text, right)) is not None
    past = (_dated(text, match, cues, flag, language) or told_after) and not current
    ended = not flag.people_only and _ended(text, match, cues, language, past=past or over)
    if past or over:
        long_past = _past(cues, sentence, max(flag.window_days, _MONTH)) or told_after
        if ended and long_past and flag.window_days < _LONG_AGO:
            return Reading(settled=True, cues=("past",), asked=True)
        found.append("past")
    if say["media"].search(sentence):
        found.append("media")
    if (pattern := flag.unless.get(language)) and pattern.search(sentence):
        found.append("exception")
    if not flag.people_only:
        asks = say["hypothetical"].search(text, left, end) or _general(text, cues, left, right)
        if asks or tight.in_general(text, match, say, language):
            found.append("question")
        if _wide(text, start, cues, left):
            found.append("wide denial")
    if flag.tier is Tier.P0 and not flag.people_only:
        later = text[end : min(len(text), right + _NEAR)]
        gone = say["resolved"].search(later) and not say["resolved_not"].search(sentence + later)
        told_twice = say["resolved"].search(before) and say["resolved"].search(after)
        if gone or told_twice or ended:
            found.append("resolved")
    return Reading(cues=tuple(found), asked=bool(found))


def _answered(text: str, match: re.Match[str], cues: Cues, left: int, right: int) -> bool:
    """True where somebody asked about the sign and the answer was no: a question is made of it."""
    start, end = match.span()
    say = cues.expressions
    if say["asked for"].search(text, left, start) is None:
        return False
    return bool(
        say["answered"].search(text, end, right) or say["answer"].match(text, _next(text, right))
    )


def _general(text: str, cues: Cues, left: int, right: int) -> bool:
    """True for a question in general; of some only where nobody's own trouble is told."""
    say = cues.expressions
    if say["topic"].search(text[left:right]):
        return True
    return bool(say["general"].search(text, left, right + _NEAR) and not say["own"].search(text))


def _next(text: str, at: int) -> int:
    """Where the next sentence begins."""
    while at < len(text) and text[at] in " ,.!?;。\n":
        at += 1
    return at


def fact_denied(text: str, match: re.Match[str], language: Language) -> bool:
    """True where the words right around a fact deny it: "no", or "not on" of a medicine."""
    left, _ = _sentence(text, *match.span())
    cues = load()[language]
    low = max(left, match.start() - _TIGHT)
    if cues.expressions["not on"].search(text, low, match.start()):
        return True
    return _denied(text, match, cues, left, language)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around the span begins and ends, at most ``_AROUND`` either side."""
    left = max(0, start - _AROUND)
    for stop in _SENTENCE.finditer(text, left, start):
        left = stop.end()
    stop_after = _SENTENCE.search(text, end, min(len(text), end + _AROUND))
    right = stop_after.end() if stop_after else min(len(text), end + _AROUND)
    return left, right


def _without(cues: Cues, sentence: str, language: Language) -> str:
    """The sentence without its words of recovery, in which "now" does not mean "still"."""
    return tight.without_well(cues.expressions["resolved"].sub(" ", sentence), language)


def _past(cues: Cues, sentence: str, window_days: int) -> bool:
    return any(days > window_days and when.search(sentence) for days, when in cues.past)


def _ended(text: str, match: re.Match[str], cues: Cues, language: Language, *, past: bool) -> bool:
    """True where a good end follows that is the end of this sign, not of an earlier illness."""
    right = _sentence(text, *match.span())[1]
    good = tight.ended_well(text, match.end(), right, language)
    if good is None:
        return False
    # "His face drops. He had a stroke in June, back at work."
    return past or good < right or not _past(cues, text[right:good], 0)


def _dated(text: str, match: re.Match[str], cues: Cues, flag: Flag, language: Language) -> bool:
    """True where its sentence puts it back further than the flag's window.

    Not a date of a story that ended well before the sign; nor, of months alone, where it ended
    well after the sign and a trouble of the body follows.
    """
    left, right = _sentence(text, *match.span())
    own, window = text[_story(text, left, match.start(), language) : right], flag.window_days
    if not _past(cues, own, window):
        return False
    turned = tight.turned_after(text, match.start(), right, language)
    return not turned or _past(cues, own, max(window, _SEASON))


def _story(text: str, left: int, start: int, language: Language) -> int:
    """Where the story of the sign begins: after a good end before it, or with the sentence."""
    end = tight.closes(language) or aside.closes(language)
    return tight.after_good_end(text, left, start, end) if end else left


def _over(cues: Cues, text: str, match: re.Match[str], flag: Flag, language: Language) -> bool:
    """True where its own clause puts it a year back or more, whatever other clauses say of now.

    "A stroke five years ago, my hand is still slow" is asked about; a sign of today in the
    other clause is found for itself.
    """
    left, right = tight.clause(text, *match.span(), language)
    own = text[left:right]
    if cues.expressions["current"].search(_without(cues, own, language)):
        return False
    long_ago = tight.dated(text, match, language) and flag.window_days < _LONG_AGO
    return long_ago or _past(cues, own, max(flag.window_days, _LONG_AGO - 1))


def _denied(text: str, match: re.Match[str], cues: Cues, left: int, language: Language) -> bool:
    """True for a denial right before, in a gap, in a "no A or B" list, or after; or "A is fine"."""
    start, end = match.span()
    low = max(left, start - _TIGHT)
    say = cues.expressions
    hit = say["deny"].search(text, low, start) or say["list"].search(text, low, start)
    if hit and not _not_denial(text, hit, cues, end):
        return True
    for number, gap in enumerate(match.groups(), 1):
        if gap:
            low, high = match.span(number)
            hit = say["deny"].search(text, low, high)
            if hit and not _not_denial(text, hit, cues, end):
                return True
    if any(
        well.start() < end < well.end() and _CLAUSE_END.match(text, well.end())
        for well in say["said well"].finditer(text, start, min(len(text), end + _TIGHT))
    ):
        return True
    if _list_denied(text, start, end, cues, left):
        return True
    follows = _AFTER.match(text, end) if language == "en" else None
    if follows is None and language == "en" and start - left <= _FIRST:
        follows = _ONE_MORE.match(text, end)
    place = follows.end() if follows else end
    if language == "zh" and text[end : end + 1] in (":", "?", ","):
        place = end + 1
    reply = say["after"].match(text, place) if follows or language == "zh" else None
    return reply is not None and _CLAUSE_END.match(text, reply.end()) is not None


def _list_denied(text: str, start: int, end: int, cues: Cues, left: int) -> bool:
    """True where a list is denied as a whole, with no "but" between: "none of these: A, B"."""
    say = cues.expressions
    for before in say["none_of"].finditer(text, left, start):
        if not say["but"].search(text, before.end(), start):
            return True
    after = say["all_denied"].search(text, end, min(len(text), end + _AROUND))
    if after is None or _CLAUSE_END.match(text, after.end()) is None:
        return False
    between = text[end : after.start()]
    return len(_SENTENCE.findall(between)) <= 1 and not say["but"].search(between)


def _not_denial(text: str, hit: re.Match[str], cues: Cues, end: int) -> bool:
    """Negating words that deny nothing: 有没有, "not only", "never … like this"."""
    low = max(0, hit.start() - 2)
    for other in cues.expressions["not_denial"].finditer(text, low, end + 8):
        if other.start() <= hit.start() < other.end():
            return True
    return cues.expressions["like"].match(text, min(len(text), end + 1)) is not None


def _wide(text: str, start: int, cues: Cues, left: int) -> bool:
    """True where a negating word stands earlier in the same clause, with nothing to break it."""
    low = max(left, start - _TIGHT, text.rfind(",", 0, start) + 1)
    hit = cues.expressions["wide"].search(text, low, start)
    if hit is None or _not_denial(text, hit, cues, start):
        return False
    return cues.expressions["breaks"].search(text, hit.start(), start) is None
