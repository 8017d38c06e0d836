"""A medicine that is only thought of, bought or given, and a dose that was forgotten."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation import dose_turn, medicine_turn
from bot.conversation.knowledge_turn import QUESTION
from bot.domain.message import TYPED
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from knowledge.graph import graph
from knowledge.graph_model import MEDICINAL
from prompts import say

_WISH = re.compile(
    r"\b(?:want(?:ing|ed)?|would like|(?:i|we)['’]?d like|hoping|planning|going|about|ready|like) "
    r"to (?:take|try|have|use|start|buy|get)\b"
    r"|\b(?:thinking (?:of|about)|considering|tempted (?:by|to)) (?:taking|trying|having|using|"
    r"starting|buying|getting|take|try)\b"
    r"|\b(?:bought|got|picked up|given|gave|lent|recommended|suggested|ordered)\b"
    r"(?: \w+){0,4}|\b(?:shall|should|might|may|could|can) i (?:try|take|have|use|start)\b"
    r"|(?:想|打算|准备|要不要|想要|考虑|能不能|可不可以)(?:再|先|去|自己|给自己|着|要)*"
    r"(?:吃|喝|用|服|买|试|抹|贴|开)|(?:买|拿|找|送|给)了|(?:给|推荐|介绍)我?(?:了|买|吃|用)",
    re.IGNORECASE,
)
#: Given, bought or found: the name of a medicine must follow; and who takes it does not wish it.
_NO_WISH = re.compile(
    r"\b(?:stop\w*|quit|every ?day|daily|each (?:day|morning|night)|twice|remind\w*|prescri\w+|"
    r"allerg\w+|not|n['’]?t|never|for years|have been|has been|doctors?|gp|hospital|clinic|"
    r"surgery)\b"
    r"|不想|不要|停|每天|每日|一天|提醒|过敏|医生开|大夫开|开的|一直|平时|长期",
    re.IGNORECASE,
)
_FORGOT = re.compile(
    r"\bi(?:['’]ve| have)? (?:just )?(?:forgot(?:ten)?|missed|skipped|did(?:n['’]?t| not) take|"
    r"have(?:n['’]?t| not) taken|left out)\b"
    r"|(?:忘记?|漏|没|没有)(?:了)?(?:吃|服|打|用)(?:了)?|(?:吃|服|打)漏了?|(?:药|针|胰岛素).{0,6}(?:忘|漏)",
    re.IGNORECASE,
)
_A_DOSE = re.compile(
    r"\b(?:tablets?|pills?|medicines?|medication|insulin|injection|dose|inhaler)\b|药|胰岛素|针",
    re.IGNORECASE,
)
_HABIT = re.compile(
    r"\b(?:often|always|sometimes|never|used to|for (?:days|weeks|months))\b|经常|总|从来|好几天"
)


def wish(turn: Turn, services: Services) -> Turn:
    """ "I have a cold and want to take Lemsip", 感冒了想吃泰诺: checked before it is taken."""
    if turn.incoming.kind not in TYPED or not _WISH.search(turn.text):
        return turn
    if _NO_WISH.search(turn.text) or dose_turn.asks_how_much(turn.text):
        return turn
    if QUESTION.search(turn.text) and medicine_turn.asks_when(turn.text):
        return turn  # the library says what goes with food
    named = graph().mentions(turn.text, turn.language, MEDICINAL)
    if not named:
        return turn
    wished = replace(turn, wished=True)
    told = medicine_turn.checked(wished, services, named, even_alone=not QUESTION.search(turn.text))
    return told if told.handled else turn


def alone(turn: Turn, services: Services) -> Turn:
    """ "Can I have Lemsip?" where nothing is on record and no article says: ask the pharmacist."""
    if turn.incoming.kind not in TYPED:
        return turn
    if not (_WISH.search(turn.text) or medicine_turn.asks_whether(turn.text)):
        return turn
    named = [one for one in graph().mentions(turn.text, turn.language, MEDICINAL) if one.sure]
    if not named or _NO_WISH.search(turn.text):
        return turn
    return medicine_turn.checked(turn, services, named, even_alone=True)


def missed(turn: Turn, services: Services) -> Turn:
    """ "I forgot my warfarin this morning": never two at once, and a person who knows."""
    if turn.incoming.kind not in TYPED or not _FORGOT.search(turn.text):
        return turn
    if QUESTION.search(turn.text) or _HABIT.search(turn.text):
        return turn
    named = graph().mentions(turn.text, turn.language, MEDICINAL)
    if not (_A_DOSE.search(turn.text) or any(one.sure for one in named)):
        return turn
    concern = Concern(reason="missed_dose", tier="P2")
    words = say("medicine.missed", turn.language)
    return turn.say(Draft(text=words, approved=True), concerns=(*turn.concerns, concern))
