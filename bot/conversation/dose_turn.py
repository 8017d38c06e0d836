"""How much of a medicine, or whether a child may have it: a person's matter."""

from __future__ import annotations

import re

from bot.domain.message import TYPED
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from knowledge.graph import graph
from knowledge.graph_model import MEDICINAL
from prompts import say

_HOW_MUCH = re.compile(
    r"\b(?:can|could|may|should|shall|must|do|is it|what if)\b.{0,40}"
    r"\b(?:take|have|use|inject|give)\b"
    r".{0,20}\b(?:two|three|four|2|3|4|half|double|twice|extra|another|more|less|fewer)\b"
    r"(?![- ](?:years?|months?|weeks?|days?)\b)"  # "my three year old"
    r"|\bhow (?:much|many|often)\b.{0,30}\b(?:take|have|use|inject|give)\b"
    r"|(?:吃|服|用|打|加|减)(?:到|成|了)?(?:多少|几|[一二两三四五半\d]+)(?:片|粒|颗|毫克|单位|支|次|针)"
    r"|(?:该|应该|要|得|能|可以)[吃服用打](?:多少|几)(?![天年个周岁])"
    r"|(?:多|少|再|加倍)[吃服用打].{0,6}(?:片|粒|颗|点|次|针|单位)|(?:剂量|药量).{0,8}(?:多少|加|减|改|调)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?？]|吗|能不能|可不可以|可以|多少|几|要不要|行不行|\b(?:can|should|may|how)\b", re.I
)
#: Somebody small would take it, of whom the articles on medicines do not speak.
_FOR_A_CHILD = re.compile(
    r"\b(?:child(?:ren)?|kids?|toddlers?|bab(?:y|ies)|newborns?|grand(?:son|daughter|child(?:ren)?))\b"
    r"|\b\d{1,2}[- ](?:month|week)s?[- ]old\b"
    r"|\b(?:1?\d|one|two|three|four|five|six|seven|eight|nine|ten)[- ]year[- ]old\b"
    r"|孩子|小孩|儿童|宝宝|婴儿|娃|孙[子女]|外孙|\d{1,2}个月大"
    r"|(?<![\d十])(?:1?\d|[一二两三四五六七八九十])岁",
    re.IGNORECASE,
)
#: One's own dose, though a child is spoken of: "I forgot it with the baby, can I take two?"
_OWN = re.compile(
    r"\bi (?:take|took|have|double|skip|stop|inject|use|halve|miss|missed|forgot)\b|\bmy own\b"
    r"|我(?:自己)?(?:的药|忘|漏|能|可以|该|要|想|今|昨)",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\bgiv(?:e|ing)\b|\bfor (?:my|our|a|the)\b|给", re.IGNORECASE)


def for_a_child(text: str) -> bool:
    """Somebody small is asked about."""
    return _FOR_A_CHILD.search(text) is not None


def asked_for_a_child(text: str) -> bool:
    """A child is named, and the words are not of one's own tablets."""
    if not for_a_child(text):
        return False
    return _GIVEN.search(text) is not None or _OWN.search(text) is None


def asks_how_much(text: str) -> bool:
    """ "Can I take two?", 能不能吃两片: of whatever is named."""
    return bool(_HOW_MUCH.search(text) and _ASKS.search(text))


def amount(turn: Turn, services: Services) -> Turn:
    """How much of a medicine, and whether more or less: never answered from an article."""
    if turn.incoming.kind not in TYPED or not asks_how_much(turn.text):
        return turn
    if not graph().mentions(turn.text, turn.language, MEDICINAL):
        return turn
    key = "child_dose" if asked_for_a_child(turn.text) else "dose_question"
    return _to_a_person(turn, key)


def for_child(turn: Turn, services: Services) -> Turn:
    """ "Can I give my three year old …?", where no article says more: age and weight decide."""
    if turn.incoming.kind not in TYPED or not asked_for_a_child(turn.text):
        return turn
    named = graph().mentions(turn.text, turn.language, MEDICINAL)
    return _to_a_person(turn, "child_dose") if named and _ASKS.search(turn.text) else turn


def _to_a_person(turn: Turn, key: str) -> Turn:
    concern = Concern(reason="dose_question", tier="P2")
    words = say(f"intercepts.{key}", turn.language, number=number_to_call(turn.patient))
    return turn.say(Draft(text=words, approved=True), concerns=(*turn.concerns, concern))
