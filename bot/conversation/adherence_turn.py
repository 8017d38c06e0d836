"""How the medicines went: asked in chat, and answered from the record alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.checkin import CheckIn, CheckInState
from bot.domain.message import TYPED
from bot.domain.outbox import Draft
from bot.domain.slots import moment
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

_ASKED = re.compile(
    r"\b(?:did|have|had) i\b.{0,24}"
    r"\b(?:take|taken|took|miss(?:ed)?|forg[eo]t(?:ten)?|skip(?:ped)?)\b.{0,30}\b(?:medicines?|medications?|meds|pills?|tablets?|dos(?:e|es)|insulin)\b"
    r"|\bhow (?:am|was|were|is|are|did|have|has|well)\b.{0,24}\b(?:i|my)\b.{0,30}"
    r"\b(?:medicines?|medications?|meds|pills?|tablets?)\b(?!.{0,20}\b(?:work|affect|safe))"
    r"|我.{0,12}(?:吃药|服药|用药|药).{0,4}(?:吃|服|用|按时|坚持)?(?:得|的)?(?:怎么样|怎样|如何|好不好|了没|了没有|了吗|过吗|齐了吗)(?!才|能|会|可以)"
    r"|我.{0,8}(?:吃|服|用)(?:了|过)?(?:几次|多少次)药|我.{0,10}(?:漏|忘)(?:了|过|吃|服)?.{0,3}药.{0,4}(?:吗|几次|没有|多少)"
    r"|我.{0,6}(?:漏|忘)了?(?:吃|服)?(?:几次|多少次).{0,3}药"
    r"|(?:今天|昨天|这几天|这周|本周|上周|这个月|最近)的?药.{0,2}(?:吃|服|用)得(?:怎么样|怎样|如何|好不好|齐不齐)"
    r"|我.{0,6}(?:今天|昨天|这周|本周|上周|这个月|最近).{0,4}(?:按时)?(?:吃|服|用)药(?:了)?(?:吗|没|没有)",
    re.IGNORECASE,
)
#: Beside the name of one of the patient's own medicines.
_TAKEN = re.compile(
    r"\b(?:did|have) i\b.{0,16}\b(?:take|taken|had|missed|forgotten)\b"
    r"|我.{0,8}(?:吃|服|用).{0,14}(?:了吗|了没|没有|过吗)",
    re.IGNORECASE,
)
#: A worry about too much is no question about the record.
_WORRY = re.compile(
    r"\b(?:too (?:many|much)|extra|double|twice|wrong|overdos\w*)\b|多吃|吃多|过量|两次|重复|吃错",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-z]{4,}|[\u4e00-\u9fff]{3,}")
_COMMON = re.compile(r"take|tablets?|with|after|before|吃|服用|毫克|每次|饭后|饭前|一片")
_TODAY = re.compile(r"\b(?:today|this morning|tonight|already|yet)\b|今天|今早|今晚|刚才", re.I)
_YESTERDAY = re.compile(r"\b(?:yesterday|last night)\b|昨天|昨晚", re.I)
_MONTH = re.compile(r"\b(?:this|last|past) month\b|\b30 days\b|这个月|本月|上个?月|一个月", re.I)
_LONGEST = 12  #: lines


def question(turn: Turn, services: Services) -> Turn:
    """ "Did I take my pills this week?": what was confirmed, skipped, and left unanswered."""
    if turn.incoming.kind not in TYPED or _WORRY.search(turn.text):
        return turn
    if not (_ASKED.search(turn.text) or (_TAKEN.search(turn.text) and _names_own(turn))):
        return turn
    name, since, until = _span(turn)
    with services.store.reading() as rows:
        found = [
            one
            for one in rows.checkins.between(turn.patient_id, since, until)
            if one.kind == "medicine" and one.asks
        ]
        known = rows.checkins.some({one.schedule_id for one in found})
    runs = any(one.kind == "medicine" for one in turn.schedules)
    if not found:
        words = "nothing_asked" if runs else "no_reminders"
        return turn.say(_draft(turn, words, span=say(f"adherence.span_{name}", turn.language)))
    what = {one.id: one.what for one in known.values()}
    draft = _draft(
        turn,
        "answer",
        span=say(f"adherence.span_{name}", turn.language),
        lines=_by_time(found, what, turn)
        if name in ("today", "yesterday")
        else _by_name(found, what, turn),
        **_counts(found),
    )
    return turn.say(draft)


def _names_own(turn: Turn) -> bool:
    """The words name a medicine that this patient is reminded of."""
    plain = turn.text.casefold()
    own = " ".join(one.what.casefold() for one in turn.schedules if one.kind == "medicine")
    return any(name in plain for name in _NAME.findall(_COMMON.sub(" ", own)))


def _span(turn: Turn) -> tuple[str, datetime, datetime]:
    """(its name, from, to) in the patient's own days."""
    zone = turn.patient.zone
    today, until = turn.now.astimezone(zone).date(), turn.now + timedelta(minutes=1)
    midnight = moment(today, "00:00", zone)
    if _YESTERDAY.search(turn.text):
        return "yesterday", moment(today - timedelta(days=1), "00:00", zone), midnight
    if _MONTH.search(turn.text):
        return "month", moment(today - timedelta(days=29), "00:00", zone), until
    if _TODAY.search(turn.text):
        return "today", midnight, until
    return "week", moment(today - timedelta(days=6), "00:00", zone), until


def _counts(found: Sequence[CheckIn]) -> dict[str, int]:
    return {
        "asked": len(found),
        "taken": sum(one.answer == "taken" for one in found),
        "skipped": sum(one.answer == "skipped" for one in found),
        "open": sum(one.state in (CheckInState.ASKED, CheckInState.DUE) for one in found),
    }


def _by_time(found: Sequence[CheckIn], what: dict[str, str], turn: Turn) -> list[str]:
    """One line a question, for a day."""
    return [
        say(
            "adherence.line_time",
            turn.language,
            time=f"{one.due_at.astimezone(turn.patient.zone):%H:%M}",
            what=what.get(one.schedule_id, ""),
            state=say(f"adherence.{_state(one)}", turn.language),
        )
        for one in found[:_LONGEST]
    ]


def _by_name(found: Sequence[CheckIn], what: dict[str, str], turn: Turn) -> list[str]:
    """One line a medicine, for longer."""
    by_name: defaultdict[str, list[CheckIn]] = defaultdict(list)
    for one in found:
        by_name[what.get(one.schedule_id, "")].append(one)
    if len(by_name) < 2:
        return []
    return [
        say("adherence.line_name", turn.language, what=name, **_counts(its))
        for name, its in list(by_name.items())[:_LONGEST]
    ]


def _state(one: CheckIn) -> str:
    if one.answer in ("taken", "skipped"):
        return one.answer
    return "open" if one.state in (CheckInState.ASKED, CheckInState.DUE) else "silent"


def _draft(turn: Turn, words: str, **values: object) -> Draft:
    return Draft(text=say(f"adherence.{words}", turn.language, **values), approved=True)
