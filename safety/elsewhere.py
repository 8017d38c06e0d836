"""Know a number told of another time, of a story, of an unborn child, or just after effort."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from safety import context, tight
from safety.files import list_field, read_toml, table_field
from safety.lexicon import LANGUAGES, joined
from safety.normalise import fold
from safety.verdict import Finding, Language, Tier

_ROOM = Path(__file__).parent
_FIELDS = ("effort", "settles", "troubled", "unborn")
_STOP = re.compile(r"[!?;。！？；\n]|\.(?!\d)")
_CLAUSE = re.compile(r"[!?;。！？；，、\n]|[.,](?!\d)")
_YEAR = 365  #: days
_PULSE = "palpitations_red"  #: the flag of a fast heart, the only one that effort explains


@functools.cache
def load() -> dict[Language, Mapping[str, re.Pattern[str]]]:
    """The expressions of both languages; ValueError names the file and the field."""
    found: dict[Language, Mapping[str, re.Pattern[str]]] = {}
    for language in LANGUAGES:
        path = _ROOM / f"context_{language}.toml"
        table = table_field(read_toml(path), "number", path.name)
        found[language] = {
            name: joined(list_field(table, name, path.name), language, {}, path.name)
            for name in _FIELDS
        }
    return found


def doubted(finding: Finding, text: str) -> Finding:
    """An emergency seen in a number alone, made a question where its words put it elsewhere.

    ``text``: the message. The sentence of the number decides; a question is asked, nothing is
    ever silenced, and a word of trouble ("won't come down") leaves the finding as it is.
    """
    if finding.tier is not Tier.P0 or finding.asked:
        return finding
    sentence, clause = (_around(text, finding, stop) for stop in (_STOP, _CLAUSE))
    cue = _told_of(sentence, clause) or (_explained(sentence) if finding.flag == _PULSE else "")
    return replace(finding, asked=True, cues=(*finding.cues, cue)) if cue else finding


def _told_of(sentence: str, clause: str) -> str:
    """What puts the number elsewhere: "past" (a year and more, in its clause), "media", or ""."""
    known = context.load()
    for language, cues in known.items():
        left = cues.expressions["resolved"].sub(" ", clause)
        if cues.expressions["current"].search(tight.without_well(left, language)):
            return ""
    for cues in known.values():
        if any(days >= _YEAR and when.search(clause) for days, when in cues.past):
            return "past"
        if cues.expressions["media"].search(sentence):
            return "media"
    return ""


def _explained(sentence: str) -> str:
    for say in load().values():
        if say["troubled"].search(sentence):
            return ""
    for say in load().values():
        if say["unborn"].search(sentence):
            return "unborn"
        if say["effort"].search(sentence) and say["settles"].search(sentence):
            return "effort"
    return ""


def _around(text: str, finding: Finding, stop: re.Pattern[str]) -> str:
    """The folded words from the stop before the finding to the one after it."""
    left = max((one.end() for one in stop.finditer(text, 0, finding.start)), default=0)
    after = stop.search(text, finding.end)
    return fold(text[left : after.start() if after else len(text)]).text
