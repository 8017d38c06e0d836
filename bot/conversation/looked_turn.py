""" "Who looked at my record?": from the trail, by day and person."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from bot.conversation.carer_words import name_of
from bot.domain.dates import day_in_words
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

_ASKED = re.compile(
    r"\bwho(?:'s| has| have| is|)? ?(?:all )?(?:looked|seen|looking|opened|read|"
    r"been (?:looking|in)|viewed|accessed|had a look)\b.{0,20}"
    r"\bmy (?:record|notes|file|data|messages|details|page)"
    r"|\bwho (?:can see|sees|looks at) my (?:record|notes|file|data|messages|details)"
    r"|谁.{0,6}(?:看|查|翻|打开)过?(?:了)?我的?.{0,4}(?:资料|记录|病历|档案|消息|信息)"
    r"|我的?(?:资料|记录|病历|档案|消息|信息)(?:都)?(?:有)?(?:被)?(?:谁|哪些人).{0,4}(?:看|查|翻|打开)",
    re.IGNORECASE,
)  # fmt: skip
_EVENTS = 2_000
_LINES = 20


def question(turn: Turn, services: Services) -> Turn:
    """Each day and person once, with how often; the newest first."""
    if not _ASKED.search(turn.text.replace("’", "'")):
        return turn
    turn = replace(turn, unremembered=True)
    with services.store.reading() as rows:
        views = rows.audit.views(turn.patient_id, _EVENTS)
        names = {member.id: member.name for member in rows.care_team.all()}
        carers = rows.carers.of(turn.patient_id, ended=True)
    language, zone = turn.language, turn.patient.zone
    unknown = say("facts.looked_member", language)
    names |= {one.id: name_of(one, language) for one in carers}
    seen = Counter(
        (day_in_words(view.at, zone, language), names.get(view.actor, unknown)) for view in views
    )
    if not seen:
        return turn.say(Draft(text=say("facts.looked_nobody", language), approved=True))
    lines = [
        say(
            "facts.looked_line",
            language,
            day=day,
            who=who,
            times=say("facts.looked_times", language, count=count) if count > 1 else "",
        )
        for (day, who), count in list(seen.items())[:_LINES]
    ]
    return turn.say(Draft(text=say("facts.looked", language, lines=lines), approved=True))
