"""Greetings and thanks, and buttons that have nothing to do any more."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.open_forms import reminder
from bot.domain.message import Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

_GREETING = ("hi", "hello", "hey", "good morning", "good afternoon", "good evening", "hello there",
             "你好", "您好", "早", "早上好", "下午好", "晚上好", "在吗", "嗨", "喂")  # fmt: skip
_THANKS = ("thanks", "thank you", "thank you very much", "thx", "ty", "cheers", "ok thanks",
           "谢谢", "谢谢你", "谢谢您", "多谢", "好的谢谢", "感谢", "辛苦了")  # fmt: skip
_YES = ("ok", "okay", "yes", "no", "good", "fine", "好", "好的", "嗯", "行", "知道了", "是", "不")
_BYE = ("bye", "goodbye", "good night", "see you", "再见", "拜拜", "晚安")


def small_talk(turn: Turn, services: Services) -> Turn:
    """Answer a courtesy with a courtesy; do not spend a model on it."""
    if turn.incoming.kind is Kind.TAP:
        return turn.say(Draft(text=say("small_talk.old_button", turn.language), approved=True))
    plain = turn.text.strip().strip(".!。！,，~～ ").casefold()
    if not plain:
        return replace(turn, handled=True)
    for words, known in (("hello", _GREETING), ("thanks", _THANKS), ("bye", _BYE), ("ok", _YES)):
        if plain in known:
            text = say(f"small_talk.{words}", turn.language, name=turn.patient.name)
            drafts = [Draft(text=text, approved=True)]
            if again := reminder(turn):
                drafts.append(again)
            return turn.say(*drafts)
    return turn
