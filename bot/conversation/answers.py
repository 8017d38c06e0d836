"""Yes and no as people write them, in both languages."""

from __future__ import annotations

import re

_YES = (
    "yes", "y", "yes now", "yeah", "yep", "yes i do", "yes i have", "i do", "i have", "是", "是的",
    "有", "有的", "对", "现在有", "嗯", "有过", "想过",
)  # fmt: skip
_NO = (
    "no", "n", "nope", "not now", "no i dont", "no i havent", "never", "没有", "不是", "不", "没",
    "现在没有", "无", "没有过", "没想过", "从来没有",
)  # fmt: skip
#: To a plan that was read back; an "ok" to "do you have chest pain now?" would mean something else.
_AGREED = (
    "yes", "y", "yes please", "ok", "okay", "sure", "save", "save it", "是", "是的", "好", "好的",
    "对", "保存", "可以", "行", "嗯",
)  # fmt: skip
_REFUSED = (
    "no", "n", "nope", "no thanks", "不", "不用", "不要", "不对", "算了", "不是", "不行",
)  # fmt: skip
_AROUND = ".!。！,，~ "


def plain_answer(text: str) -> str:
    """ "yes", "no" or "" for words that are neither by themselves."""
    plain = text.strip().strip(_AROUND).casefold().replace("'", "").replace("’", "")
    return "yes" if plain in _YES else "no" if plain in _NO else ""


def consent_in(text: str) -> str:
    """ "yes", "no" or "": what somebody says to a plan that was read back to them."""
    plain = text.strip().strip(_AROUND).casefold()
    return "yes" if plain in _AGREED else "no" if plain in _REFUSED else ""


#: How people say yes to "is this happening now, to you or to someone with you?" without "yes".
_LEANS_YES = re.compile(
    r"(?:well|um+|uh+|er+|hmm+|oh|i mean|actually|just|only|it'?s|he'?s|she'?s|,|\s)*"
    r"(?:yes+|yeah+|yea|yep|yup|ya|ja|y|sure|correct|true|exactly|definitely|of course|i am|i do|"
    r"i have(?: it)?|i think so|i guess|i believe so|sort of|kind of|kinda|sorta|a (?:bit|little)|"
    r"a lot|slightly|somewhat|mild(?:ly)?|bad(?:ly)?|constantly|all the time|"
    r"(?:right |happening |even )?now|at the moment|it (?:is|does|hurts|has|still|keeps)|maybe|"
    r"still(?= (?:is|do|does|hurts?|there|here|going|happening|the same|now|bad|ha[sv]e?)|\W*$)|"
    r"perhaps|possibly|probably|(?:might|could|may) be|on and off|off and on|sometimes|"
    r"(?:it )?comes? and goes?|coming and going|to me|me|happening|he (?:is|does|has)|"
    r"she (?:is|does|has)|they (?:are|do|have)|"
    r"(?:my|the) \w+(?: \w+)? (?:is|does|has|do)(?= (?:it|that|now|too)|\W*$)|"
    r"👍.?|✅|👌.?)(?![a-z])"
    r"|(?:呃|额|哦|那个|就|，|,|\s)*(?:嗯+|恩+|是|对(?!了)|有(?!什么|问题|事)|还|正在?|现在|好像|似乎|"
    r"可能|也许|大概|应该|一点|稍微|略微|偶尔|时[有不]|一阵|断断续续|[疼痛晕闷麻]|难受|"
    r"在(?=[疼痛晕发继]|的?\W*$)|"
    r"我?(?:老[伴公婆]|爱人|[爸妈]|父亲|母亲|先生|太太|孩子|儿子|女儿|他|她)(?:现在)?(?:也|在)?[有是])",
    re.IGNORECASE,
)
#: Not certain, or not now and lately: neither a yes nor a no.
_UNSURE = re.compile(
    r"\b(?:ago|earlier|before|this (?:morning|afternoon|evening)|today|last night|yesterday|"
    r"(?:not|n't|dont|im not) (?:really |quite |too |so )?(?:sure|certain|know)|no idea|unsure|"
    r"hard to (?:say|tell)|can'?t (?:say|tell)|dunno|idk)\b|^\W+$|^(?:ok(?:ay)?|k|hmm+|um+)\W*$|"
    r"刚才|刚刚|之前|[小钟]时前|分钟前|早上|上午|中午|下午|晚上|夜里|今天|昨|说不[好清准]|不太?[确清]|"
    r"不(?:太|大)?(?:知道|好说|一定|明白)|没注意|^(?:好的?|哦+|呃+)\W*$",
    re.IGNORECASE,
)
_BUT_NOT = re.compile(
    r"\b(?:not|no|never|none|gone|stopped|passed|over|better|fine|well|isn'?t|doesn'?t|don'?t)\b"
    r"|没|不(?!停|断|行|舒服|好受|了)|已经?好|好了|好多了|过去了",
    re.IGNORECASE,
)
#: "It stopped", 不疼了: as good as "not now", unless the same breath takes it back.
_LEANS_NO = re.compile(
    r"(?:well|oh|,|\s)*(?:no\b|nope\b|not (?:now|any ?more|right now|at the moment)|"
    r"(?:(?:it|he|she|that)(?:'s| is| has)? )?(?:all )?(?:stopped|gone|passed|over|went away))"
    r"|(?:现在|已经?)*(?:不[疼痛晕闷麻喘难]|没有?[了啊呀]|没事|都?好了)",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:but|however|except|though|worse|still|again|idea)\b|但|不过|可是|只是|还|又|更|不[了住停]",
    re.IGNORECASE,
)
#: A question or a request is another matter, however it begins.
_ANOTHER = re.compile(
    r"\b(?:what|how|when|where|who|why|which|show|tell me|can you|could you|please|want|remind)\b"
    r"|多少|几[点个次]|什么|怎么|哪|谁|帮我|请|提醒|[吗呢么]\W*$",
    re.IGNORECASE,
)
_A_FEW = 40  #: letters; more is a message of its own


def leaning(text: str) -> str:
    """ "yes", "no", "unsure" or "" for a short answer to whether danger is there now.

    Half a yes is a yes, because danger is asked about; "an hour ago" and "I do not know" are
    unsure; "" are other words.
    """
    if plain := plain_answer(text):
        return plain
    said = text.strip().replace("’", "'")
    if not said or len(said) > _A_FEW or _ANOTHER.search(said):
        return ""
    if _UNSURE.search(said):
        return "unsure"
    if _LEANS_YES.match(said) and not _BUT_NOT.search(said):
        return "yes"
    return "no" if _LEANS_NO.match(said) and not _TAKEN_BACK.search(said) else ""
