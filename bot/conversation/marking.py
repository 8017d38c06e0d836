"""Where the tagger sees a fact in what the patient wrote, before the rooms ask what is stated."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation import open_forms
from bot.conversation.screening import WORDS
from bot.domain.turn import Turn
from bot.ports import Services

_LEAST = {"en": 6, "zh": 2}  #: characters of what is not plain talk, below which no fact is told
#: Greetings, thanks, readings and their times: most messages of a day, and none of them states a
#: fact. What is left when they are taken away is worth the tagger's reading.
_PLAIN = {
    "en": re.compile(
        r"\b(?:good (?:morning|evening|afternoon|night|day)|hello|hi|hey|dear|thanks?|thank you"
        r"|you|very much|please|ok(?:ay)?|yes|no|bye|doctor|nurse|blood (?:pressure|sugar)|sugar"
        r"|bp|pulse|heart rate|weight|weigh|temp(?:erature)?|oxygen|sats?|spo2|glucose|reading"
        r"|my|the|is|was|are|it|its|it's|it\u2019s|this|that|and|at|of|for|over|today|now|just"
        r"|yesterday|morning|evening|tonight|noon|am|pm|before|after|breakfast|lunch|dinner|bed"
        r"|fasting|kg|kilos?|lbs?|pounds?|stone|bpm|mmhg|mmol(?:/l)?|mg/dl|percent|degrees?|[cf])\b"
        r"|[\d\W_]+",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"早上好|上午好|下午好|晚上好|早安|晚安|你好|您好|在吗|谢谢|多谢|好的|再见|医生|护士|大夫"
        r"|血压|血糖|空腹|餐后|饭后|饭前|体重|体温|心率|脉搏|血氧|高压|低压|今天|今早|昨天|早上|晚上"
        r"|中午|刚才|刚刚|现在|测了?|量了?|是|的|了|我|公斤|千克|斤|毫米汞柱|次|分|度|点|[\d\W_]+"
    ),
}


def marked(turn: Turn, services: Services) -> Turn:
    """The turn with the tagger's marks; without them where nobody told anything."""
    if services.tagging is None or turn.incoming.kind not in WORDS:
        return turn
    language = "zh" if turn.language == "zh" else "en"
    if len(_PLAIN[language].sub("", turn.text)) < _LEAST[language] or open_forms.answers_it(turn):
        return turn
    found = services.tagging.find(turn.text, turn.language)
    return turn if found is None else replace(turn, marked=tuple(found))
