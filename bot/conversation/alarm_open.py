"""While an emergency is open, help comes first: whether it is there, and then a short answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation import self_harm
from bot.conversation.answers import plain_answer
from bot.conversation.small_talk_words import kind_of
from bot.domain.escalation import Escalation
from bot.domain.message import SAID
from bot.domain.turn import Turn
from bot.escalations import after_emergency
from bot.ports import Services
from safety import Tier

_LATELY = timedelta(hours=2)  #: after that a person's silence is the ladder's matter alone
#: Topics that ask about danger themselves.
_OWN = (self_harm.NAME, "clarify", "safe_word")
#: What the words say of help; keys are those of after_emergency.ANSWERS, in this order.
_HELP = {
    "not_yet": re.compile(
        r"\bnot yet\b|\b(?:nobody|no one|no-one) (?:is )?(?:here|coming|answers?|came|picks? up)"
        r"|\b(?:have ?n['’]?o?t|can['’]?t|cannot|did ?n['’]?t|won['’]?t|couldn['’]?t) "
        r"(?:yet )?(?:call|ring|phone|get through|reach)"
        r"|还没(?:打|叫|来|有)?|没(?:打|叫|来|人来)|打不通|占线|不想打|不敢打|没有?人(?:接|来)",
        re.IGNORECASE,
    ),
    "no_need": re.compile(
        r"\b(?:back|at) home\b|\bfalse alarm\b|\bdischarged\b|\b(?:it|pain) (?:has|is) "
        r"(?:gone|passed|stopped|over)\b|\bthey said (?:it|i)\b"
        r"|\bi(?:['’]m| am) (?:fine|ok|okay|all right|better) now\b"
        r"|回家了|到家了|出院|没事了|好(?:多)?了|不疼了|不痛了|缓过来了|(?:医生|大夫)说没",
        re.IGNORECASE,
    ),
    "yes": re.compile(
        r"\b(?:ambulance|paramedics?|help|they|doctors?|999|911|112|120)\b.{0,20}\b(?:is|are|"
        r"has|have)\b.{0,12}\b(?:here|coming|come|arrived|on (?:its|the|their) way)\b"
        r"|\bthey['’]?re (?:here|coming)\b|\b(?:in|at) (?:the )?(?:hospital|a&e|er)\b"
        r"|\b(?:i|we|he|she|wife|husband|son|daughter|neighbou?r)(?:['’]ve| have| has)? "
        r"(?:just )?(?:called|rang|rung|phoned|dialled)\b|\bin the ambulance\b"
        r"|(?:打|叫|拨)(?:通)?(?:过|了|过了).{0,6}(?:120|999|电话|急救|救护车)"
        r"|(?:120|999|急救)(?:已经)?(?:打|叫)(?:了|过|通)"
        r"|(?:救护车|急救|医生|大夫|120|他们|人).{0,4}(?:来了|到了|在路上|快到|马上到)"
        r"|(?:在|到|去)(?:了)?(?:医院|急诊)",
        re.IGNORECASE,
    ),
}
_NURSE_COMING = re.compile(
    r"\b(?:nurse|somebody|someone|anyone|doctor)\b.{0,20}\b(?:coming|come|there|on the way)\b"
    r"|(?:护士|医生|有人).{0,4}(?:来|到)",
    re.IGNORECASE,
)
_COURTESY = ("ok", "thanks", "fine", "hello", "there", "praise", "bye", "not_understood")


def newest(matters: Iterable[Escalation], now: datetime) -> Escalation | None:
    """The newest emergency of these hours that no person has reached the patient for."""
    found = [
        e
        for e in matters
        if e.tier == Tier.P0.name
        and e.state in after_emergency.UNREACHED
        and now - e.created_at < _LATELY
    ]
    return max(found, key=lambda e: e.created_at, default=None)


def first(turn: Turn, services: Services) -> Turn:
    """Take what the words say of help, or ask for it before anything else is answered."""
    if turn.incoming.kind not in SAID or turn.screened.findings:
        return turn
    if turn.dialogue.topic.get("name") in _OWN or (matter := turn.emergency) is None:
        return turn
    said = help_in(turn.text) or {"yes": "yes", "no": "not_yet"}.get(plain_answer(turn.text), "")
    with services.store.unit_of_work() as work:
        if said:
            after_emergency.answered_in_words(
                work, turn.patient, matter, said, turn.message.id, services, turn.now
            )
            asked = False
        else:
            asked = after_emergency.ask_now(
                work, turn.patient, matter, turn.message.id, services, turn.now
            )
    services.bells.ring("console")
    if said:
        return replace(turn, handled=True)
    alone = kind_of(turn.text) in _COURTESY or _NURSE_COMING.search(turn.text)
    return replace(turn, alarm="asked" if asked else "open", handled=bool(asked and alone))


def help_in(text: str) -> str:
    """ "yes", "not_yet", "no_need" or "": what these words say of help."""
    return next((answer for answer, words in _HELP.items() if words.search(text)), "")
