"""What the patient told us: found again on request, and kept when it is stated."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.dates import day_in_words
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from memory import Recalled
from memory.learn import asks
from prompts import say

#: Whom a patient tells of: who asks about one of them asks what was told here.
_NEAR = (
    r"(?:wife|husband|partner|mum|mom|mother|dad|father|son|daughter|brother|sister|grandson|"
    r"granddaughter|grandchild(?:ren)?|niece|nephew|carer|neighbou?r|friend|dog|cat)"
)
_NEAR_ZH = (
    r"(?:老伴|老公|老婆|丈夫|妻子|爱人|妈妈?|爸爸?|母亲|父亲|儿子|女儿|闺女|孙子|孙女|外孙女?|哥哥?|弟弟?|姐姐?|妹妹?|"
    r"邻居|朋友|护工|保姆|狗|猫)"
)
_ASKED = re.compile(
    r"\bwhat (?:did|have) i (?:tell|told|say|said|write|written)\b|\bdid i (?:tell|mention|say)\b"
    r"|\bdo you (?:remember|recall|know)\b|\bwhat do you (?:know|remember)\b|\bremind me what\b"
    r"|\bwhen did i\b|\bwhat was (?:my|the)\b.{0,40}\b(?:i (?:told|said)|again)\b"
    r"|我.{0,10}(?:跟|和|对|给)[你您](?:说|讲|提)|我(?:之前|上次|上周|昨天|以前|说过|提过).{0,12}(?:说|讲|提)"
    r"|[你您](?:还)?记得|[你您]知道我|我什么时候"
    rf"|\b(?:what|who)(?:'s| is| was) my (?:\w+ )?{_NEAR}(?:'s)? (?:called|name|birthday|job)\b"
    rf"|\bwhere (?:does|do|is) my (?:\w+ )?{_NEAR} (?:live|work|study|go to school)\b"
    rf"|\bhow old (?:is|are) my (?:\w+ )?{_NEAR}\W*$"
    rf"|我(?:的|家)?(?:大|小|二)?{_NEAR_ZH}(?:现在|今年)?(?:是?叫(?:什么名|什么[？?]?$|啥)"
    r"|(?:在|住在?)(?:哪|什么地方)(?:里|儿)?(?:工作|上班|上学|念书|读书|住|生活)?[呀啊呢]?[？?]?$"
    r"|(?:几岁|多大)[了啦]?[？?]?$)",
    re.IGNORECASE,
)
#: Said by somebody who wants to be heard, not to see it noted. Danger was looked for before.
_FEELINGS = {
    "sorrow": re.compile(
        r"\b(?:died|passed away|passed on)\b"
        r"|\b(?:i(?:'ve| have)? )?lost my (?:wife|husband|partner|mum|mom|mother|dad|father|son|"
        r"daughter|brother|sister|friend)\b"
        r"|(?:老伴|老公|老婆|丈夫|妻子|爱人|爸|妈|父亲|母亲|儿子|女儿|哥|弟|姐|妹|朋友)"
        r".{0,4}(?:走了|去世|过世|没了|离世)",
        re.IGNORECASE,
    ),
    "fear": re.compile(
        r"\bi(?:'m| am| feel)(?: so| very| really| a bit)? (?:scared|frightened|afraid|terrified)\b"
        r"|(?:好|很|真|特别|有点|挺)(?:害怕|怕)|怕得",
        re.IGNORECASE,
    ),
}
_SHOWN = 4
#: Below this share of the best score a memory is left out of an answer.
_NEAR_BEST = 0.55
#: Without a word in common a memory answers only when it means nearly the same (cosine).
_LIKE = 0.4


def question(turn: Turn, services: Services) -> Turn:
    """ "What did I tell you about my knee?" in the patient's own words, with the day."""
    if not _ASKED.search(turn.text):
        return turn
    turn = replace(turn, unremembered=True)
    found = [r for r in recall(turn, services) if _answers(r, turn)]
    if not found:
        return turn.say(Draft(text=say("memory.nothing", turn.language), approved=True))
    best = max(r.score for r in found)
    near = [r for r in found if best <= 0 or r.score >= best * _NEAR_BEST][:_SHOWN]
    zone = turn.patient.zone
    near.sort(key=lambda r: r.memory.recorded_at)
    lines = [
        say(
            "memory.line",
            turn.language,
            day=day_in_words(r.memory.recorded_at, zone, turn.language),
            text=r.memory.text,
        )
        for r in near
    ]
    return turn.say(Draft(text=say("memory.found", turn.language, lines=lines), approved=True))


def _answers(recalled: Recalled, turn: Turn) -> bool:
    """Whole sentences the patient wrote, but neither this question nor one like it."""
    one = recalled.memory
    return (
        one.said_by == "patient"
        and one.kind == "turn"
        and one.source != turn.message.id
        and (recalled.shares_words or recalled.likeness >= _LIKE)
        and not _ASKED.search(one.text)
    )


def statement(turn: Turn, services: Services) -> Turn:
    """A stated fact is kept; the patient hears how it was understood."""
    if turn.text.rstrip().endswith(("?", "？")):
        return turn
    for feeling, pattern in _FEELINGS.items():
        if pattern.search(turn.text):
            words = say(f"memory.{feeling}", turn.language)
            return turn.say(Draft(text=words, approved=True))
    # A fact inside a question is kept, but nobody who asks wants it read back for an answer.
    asked = asks(turn.text, turn.language)
    learnt = [one for one in turn.stated if one.certain or (one.by == "tagger" and not asked)]
    if not learnt:
        return turn
    facts = [one.text for one in learnt if one.kind != "Observation"]
    # A complaint is answered as one; only facts are read back as a list.
    words = "memory.learnt" if facts else "memory.complaint"
    return turn.say(Draft(text=say(words, turn.language, facts=facts), approved=True))


def recall(turn: Turn, services: Services, limit: int = 8) -> list[Recalled]:
    """This patient's memories for these words, what is not indexed yet among them."""
    with services.store.reading() as rows:
        fresh = rows.record.unindexed_of(turn.patient_id)
    return services.memories.recall(
        turn.patient_id, turn.text, limit=limit, now=turn.now, extra=fresh
    )
