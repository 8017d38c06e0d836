"""The patient decides what a carer may hear: by button or word, at once."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.carer_words import TAP, choice, name_of
from bot.domain.carer import Carer, Scope
from bot.domain.message import TYPED, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

_NEAR = (
    r"(?:carers?|caregivers?|daughter|son|wife|husband|partner|sister|brother|mother|mum|mom|father|dad|"
    r"niece|nephew|friend|neighbou?r|granddaughter|grandson|family|her|him|them|anyone|anybody)"
)
_NEAR_ZH = (
    r"(?:照护人|照顾我的人|护工|家属|家里人|家人|女儿|闺女|儿子|老伴|老公|老婆|丈夫|妻子|妹妹?|姐姐?|弟弟?|哥哥?|"
    r"孙女|孙子|媳妇|侄女|侄子|朋友|邻居|他们|他|她|别人|任何人)"
)
_LIST = re.compile(
    r"^\W*(?:who (?:are|is) )?my carers?\W*$|\bwho (?:are|is) my carers?\b"
    r"|\bwhat (?:can|do|does) my carers? (?:see|hear|know)\b"
    r"|^\W*carers?\W*$|我的照护人|谁是我的照护人|(?:照护人|家属)(?:能|可以)(?:看|知道)(?:到)?(?:什么|哪些)",
    re.IGNORECASE,
)
_STOP = re.compile(
    rf"\b(?:stop|don't|do not|no longer|not) "
    rf"(?:sharing|share|telling|tell|letting|let|showing|show)\b.{{0,40}}\b{_NEAR}\b"
    rf"|\bi don't want\b.{{0,10}}\b{_NEAR} to (?:see|know|hear|read)\b"
    rf"|(?:别|不要|不想|停止|不许|不再|以后不)(?:再)?(?:给|让|告诉|跟|和|向)我?(?:的)?{_NEAR_ZH}.{{0,8}}(?:看|知道|听|说|分享|我的)?"
    rf"|(?:别|不要|不想)(?:再)?(?:告诉|让)我?(?:的)?{_NEAR_ZH}"
    r"|^\W*(?:please )?stop sharing\b|^\W*(?:停止|不要|别|不再)(?:再)?(?:共享|分享)",
    re.IGNORECASE,
)
_END = re.compile(
    rf"\b(?:remove|delete|take (?:off|away)|get rid of)\b.{{0,12}}\bcarers?\b"
    rf"|\b{_NEAR} (?:is|are) (?:no longer|not) my carers?\b"
    rf"|(?:取消|删掉|去掉|解除).{{0,4}}(?:照护人|家属)|{_NEAR_ZH}.{{0,3}}不(?:再)?是我的照护人",
    re.IGNORECASE,
)
_NAMED = {
    Scope.REMINDERS: re.compile(r"\breminders?\b|提醒", re.IGNORECASE),
    Scope.READINGS: re.compile(
        r"\breadings?\b|\bblood pressure\b|\bsugars?\b|\bweight\b"
        r"|测量|血压|血糖|体重",
        re.IGNORECASE,
    ),
    Scope.RECORD: re.compile(
        r"\bmedicines?\b|\bmedications?\b|\btablets?\b|\bpills\b|\billness\w*\b|\ballerg\w+\b|\bappointments?\b|用药|吃药|过敏|病史|预约|(?:什么|我的)病",
        re.IGNORECASE,
    ),
}


def decided(turn: Turn, services: Services) -> Turn:
    """A tap under the question, "my carers", "stop sharing with my daughter"."""
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith(TAP)
    if not tapped and turn.incoming.kind not in TYPED:
        return turn
    plain = turn.text.replace("’", "'")
    ends = not tapped and _END.search(plain) is not None
    stops = not tapped and _STOP.search(plain) is not None
    if not (tapped or ends or stops or _LIST.search(plain)):
        return turn
    with services.store.reading() as rows:
        carers = rows.carers.of(turn.patient_id)
    if tapped:
        return _tapped(turn, carers)
    if not carers:
        # Without a carer "don't tell him" is about somebody else, and not for this room.
        return _words(turn, "nobody") if ends or not stops else turn
    meant = [one for one in carers if one.name and one.name.casefold() in plain.casefold()]
    if ends:
        return _end(turn, meant or carers)
    if stops:
        named = frozenset(scope for scope, pattern in _NAMED.items() if pattern.search(plain))
        gone = named or frozenset(Scope)
        return _changed(turn, [replace(one, scopes=one.scopes - gone) for one in meant or carers])
    drafts = [choice(one, turn.language) for one in carers]
    return replace(turn.say(*drafts), unremembered=True)


def _tapped(turn: Turn, carers: list[Carer]) -> Turn:
    act, _, rest = turn.incoming.data.removeprefix(TAP).partition(":")
    wanted, _, carer_id = rest.partition(":")
    carer = next((one for one in carers if one.id == carer_id), None)
    if carer is None or (act != "end" and wanted not in {scope.value for scope in Scope}):
        return _words(turn, "gone")
    if act == "end":
        return _end(turn, [carer])
    scope = frozenset({Scope(wanted)})
    scopes = carer.scopes | scope if act == "share" else carer.scopes - scope
    return _changed(turn, [replace(carer, scopes=scopes)])


def _changed(turn: Turn, carers: list[Carer]) -> Turn:
    drafts = [choice(one, turn.language) for one in carers]
    return replace(turn.say(*drafts), unremembered=True, carers=tuple(carers))


def _end(turn: Turn, carers: list[Carer]) -> Turn:
    drafts = [
        Draft(
            text=say("carer.ended", turn.language, name=name_of(one, turn.language)), approved=True
        )
        for one in carers
    ]
    ended = tuple(replace(one, scopes=frozenset(), ended_at=turn.now) for one in carers)
    return replace(turn.say(*drafts), unremembered=True, carers=ended)


def _words(turn: Turn, words: str) -> Turn:
    told = turn.say(Draft(text=say(f"carer.{words}", turn.language), approved=True))
    return replace(told, unremembered=True)
