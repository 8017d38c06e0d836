""" "Can I take X with Y?", checked against the whole list of the record; never "it is safe"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import in_pregnancy
from bot.conversation.about_me import AboutMe, about_me
from bot.conversation.medicine_check import Checked, check, meant, twice
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from knowledge.graph import graph
from knowledge.graph_model import INTERACTING, MEDICINAL
from knowledge.match import Match
from prompts import say

NAME = "medicine"
#: Two things at once, or one thing on top of what is taken already. Not how much of it, nor when.
_TOGETHER = re.compile(
    r"\b(?:can|could|may|should|is it (?:ok|okay|safe|fine|alright|all right|dangerous|bad)|"
    r"am i allowed|ok(?:ay)? to|safe to)\b.{0,80}\b(?:with|and|together|alongside|while|on top of|"
    r"at the same time|mix\w*|combin\w*)\b"
    r"|\b(?:do|does|will|would|can)\b.{0,60}\b(?:interact\w*|clash|mix|go (?:well )?together|"
    r"get on with|react with|affect)\b"
    r"|\b(?:ok(?:ay)?|safe|fine|all ?right|allowed|bad|dangerous) (?:with|on|alongside)\b"
    r"|\binteract\w*\b|\bcan i (?:take|have|use|drink|eat)\b"
    r"|(?:一起|同时|同服|合用|混着|搭配|一块儿?)(?:吃|用|服|喝)?|相冲|冲突|相互作用|打架|相克|犯冲"
    r"|[吃服用].{0,12}(?:能|可以|可不可以|能不能|可否).{0,4}[吃喝用服]"
    r"|(?:能|可以|可不可以|能不能|可否).{0,3}[吃喝用服]",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\b(?:how (?:much|many|often)|double|extra|more|less|two|three|half|dose|missed|stop)\b"
    r"|\binstead\b"
    r"|多少|几[片粒颗次]|加倍|多吃|少吃|停药?|漏|忘|代替|换成",
    re.IGNORECASE,
)
#: Before or after food, morning or night: what the article says, not what goes with what.
_WHEN = re.compile(
    r"\b(?:before|after|with(?:out)?|during) (?:my |a |or (?:before|after|without) )*"
    r"(?:food|meals?|breakfast|lunch|dinner|tea|eating)\b|\bempty stomach\b"
    r"|\b(?:what time|in the (?:morning|evening)|at (?:night|bedtime)|when (?:should|do|can))\b"
    r"|[饭餐][前后时]|空腹|随餐|早上|晚上|睡前|什么时候|几点",
    re.IGNORECASE,
)
#: Nothing but names: "metformin and alcohol?"
_BARE = re.compile(r"\W*(?:and|with|plus|or|和|跟|与|加|同)?\W*", re.IGNORECASE)
#: "… with zorbaflexin?": one long word that no list of ours knows; the article would pass it over.
_WITH_UNKNOWN = re.compile(
    r"^ (?:with|and|alongside) (?!water|food|meals?|milk|juice|breakfast|dinner|lunch|alcohol)"
    r"[a-z-]{7,}\W*$",
    re.IGNORECASE,
)
_SHOWN = 3
_LONGEST_PAIR = 60  #: characters of a message that is nothing but names


def question(turn: Turn, services: Services) -> Turn:
    """Check what is named with all else that is named and all that the record holds."""
    if turn.incoming.kind not in TYPED or _AMOUNT.search(turn.text):
        return turn  # how much and when: the leaflet's matter, and a person's
    together = _TOGETHER.search(turn.text)
    named = (
        graph().mentions(turn.text, turn.language, INTERACTING) if together or _short(turn) else []
    )
    if not named or not (together or _bare_pair(turn.text, named)):
        return turn
    if all(match.kind == "food" for match in named):
        return _food(turn, services, named)
    if asks_when(turn.text) and len({match.id for match in named}) == 1:
        return turn
    unknown = len(named) == 1 and _WITH_UNKNOWN.search(turn.text[named[0].end :]) is not None
    return checked(turn, services, named, even_alone=unknown)


def _short(turn: Turn) -> bool:
    return len(turn.text) <= _LONGEST_PAIR


def _bare_pair(text: str, named: Sequence[Match]) -> bool:
    """ "Metformin and alcohol": nobody takes a food down as a medicine, so it is asked about."""
    if {match.kind == "food" for match in named} != {True, False}:
        return False
    at = 0
    for match in named:
        if match.start >= at and not _BARE.fullmatch(text[at : match.start]):
            return False
        at = max(at, match.end)
    return _BARE.fullmatch(text[at:]) is not None


def _food(turn: Turn, services: Services, named: Sequence[Match]) -> Turn:
    """A food or drink alone: what the record's medicines have against it; else the library."""
    me = about_me(turn)
    ids = tuple(dict.fromkeys(match.id for match in named if match.sure))
    found = check(ids, me)
    mine = tuple(c for c in found.clashes if {c.a, c.b} & set(me.medicines))
    return _found(turn, replace(found, clashes=mine), ids) if mine else turn


def checked(
    turn: Turn, services: Services, named: Sequence[Match], *, even_alone: bool = False
) -> Turn:
    """The named medicines held against the record; one whose name is in doubt is asked about.

    ``even_alone``: an answer even where the record holds nothing; else the turn as it is.
    """
    ids = tuple(dict.fromkeys(match.id for match in named))
    doubtful = [match for match in named if not match.sure]
    if doubtful:
        return _ask(turn, doubtful[0], ids)
    double = twice(turn.text, named)
    return _answer(turn, services, ids, even_alone=even_alone, double=double)


def asks_whether(text: str) -> bool:
    """ "Can I take X?", X能吃吗: not how much of it, nor when."""
    return bool(_TOGETHER.search(text) and not _AMOUNT.search(text))


def asks_when(text: str) -> bool:
    """ "Before or after food?", 饭前还是饭后: the hour of one medicine."""
    return bool(_WHEN.search(text))


def answer(turn: Turn, services: Services) -> Turn:
    """Yes or no to "do you mean …?"."""
    topic = turn.dialogue.topic
    if topic.get("name") != NAME:
        return turn
    said = turn.incoming.data if turn.incoming.kind is Kind.TAP else ""
    closed = replace(turn, dialogue=turn.topic({}))
    kept = topic.get("ids")
    ids = [str(one) for one in kept if one in graph()] if isinstance(kept, list) else []
    if said == "med:yes" and ids:
        return _answer(closed, services, ids, even_alone=True)
    if said == "med:no":
        return closed.say(Draft(text=say("medicine.write_name", turn.language), approved=True))
    return closed


def _ask(turn: Turn, match: Match, ids: Sequence[str]) -> Turn:
    name = match.words  # as the patient knows it: a brand stays a brand
    buttons = (
        Button(label=say("medicine.button_yes", turn.language, name=name), data="med:yes"),
        Button(label=say("medicine.button_no", turn.language), data="med:no"),
    )
    words = say("medicine.do_you_mean", turn.language, said=match.said, name=name)
    return turn.say(
        Draft(text=words, buttons=tuple((one,) for one in buttons), approved=True),
        dialogue=turn.topic({"name": NAME, "ids": list(ids)}),
    )


def _answer(
    turn: Turn,
    services: Services,
    said: Sequence[str],
    *,
    even_alone: bool = False,
    double: tuple[tuple[Match, Match], ...] = (),
) -> Turn:
    me = about_me(turn)
    ids = meant(said, me.medicines)
    if len(ids) == 1 and not (double or me.medicines or me.conditions or me.allergies):
        if not even_alone:
            return turn  # nothing to hold it against: the library says what is known in general
        words = say("medicine.alone", turn.language, names=[_name(turn, one) for one in ids])
        return turn.say(Draft(text=words, approved=True))
    found = replace(check(ids, me), twice=double)
    if _of_pregnancy(turn, me, found):
        return turn  # the article of medicines in pregnancy says more than the list
    if found:
        return _found(turn, found, ids)
    new = [_name(turn, one) for one in ids if one not in me.medicines]
    if not new:
        words = say("medicine.had", turn.language, names=[_name(turn, one) for one in ids])
    else:
        mine = [_name(turn, one) for one in me.medicines]
        words = say("medicine.nothing", turn.language, names=new, on_file=mine)
    return turn.say(Draft(text=words, approved=True))


def _of_pregnancy(turn: Turn, me: AboutMe, found: Checked) -> bool:
    """ "Can I take ibuprofen in pregnancy?": nothing else stands against it."""
    pregnant = "pregnant" in me.tags or in_pregnancy.says_so(turn.text)
    other = any(edge.end != "pregnancy" for _, edge in found.cautions)
    return pregnant and not (found.serious or found.clashes or other)


def _found(turn: Turn, found: Checked, ids: Sequence[str]) -> Turn:
    words = say(
        "medicine.found",
        turn.language,
        lines=[line[:1].upper() + line[1:] for line in _lines(turn, found)],
        serious=found.serious,
        sources=_sources(found),
    )
    concerns: tuple[Concern, ...] = ()
    if found.serious:
        pairs = [f"{c.a} + {c.b}" for c in found.clashes[:_SHOWN]]
        pairs += [f"{a.said} = {b.said}" for a, b in found.twice]
        evidence = {"asked": list(ids), "found": pairs}
        concerns = (Concern(reason="medicine_clash", tier="P2", evidence=evidence),)
    return turn.say(Draft(text=words, approved=True), concerns=(*turn.concerns, *concerns))


def looked_up(turn: Turn, services: Services, words: str) -> tuple[list[str], list[str]]:
    """What stands against the medicines named in ``words``, a line each; and the sources."""
    named = [one for one in graph().mentions(words, turn.language, INTERACTING) if one.sure]
    ids = tuple(dict.fromkeys(one.id for one in named))
    found = check(ids, about_me(turn))
    return _lines(turn, found), _sources(found)


def _lines(turn: Turn, found: Checked) -> list[str]:
    language, known = turn.language, graph()
    lines = [
        say("medicine.allergy", language, medicine=_name(turn, one), allergy=words)
        for one, words in found.allergies[:1]
    ]
    lines += [
        say("medicine.twice", language, a=a.said, b=b.said, name=_name(turn, a.id))
        for a, b in found.twice[:1]
    ]
    lines += [
        say(
            "medicine.clash",
            language,
            a=_name(turn, clash.a),
            b=_name(turn, clash.b),
            severity=say(f"medicine.severity_{clash.worst.severity}", language),
            effect=clash.worst.effect(language),
            watch=clash.worst.watch(language),
        )
        for clash in found.clashes[:_SHOWN]
    ]
    lines += [
        say(
            "medicine.caution",
            language,
            medicine=_name(turn, one),
            condition=known.concept(edge.end).name(language),
            note=edge.note(language),
        )
        for one, edge in found.cautions[:1]
    ]
    return lines


def _name(turn: Turn, id_: str) -> str:
    """As the box is called in this message, with what it holds: "Viagra (sildenafil)"."""
    name = graph().concept(id_).name(turn.language)
    for one in graph().mentions(turn.text, turn.language, MEDICINAL):
        if one.id == id_ and one.sure and one.how == "brand":
            around = "（{}）" if turn.language == "zh" else " ({})"
            return one.words + around.format(name)
    return name


def _sources(found: Checked) -> list[str]:
    known = graph()
    keys = [key for clash in found.clashes[:_SHOWN] for key in clash.worst.sources]
    keys += [key for _, edge in found.cautions[:1] for key in edge.sources]
    keys += [key for one, _ in found.twice[:1] for key in known.concept(one.id).sources]
    cited = (known.sources[key] for key in dict.fromkeys(keys))
    return [f"{one.title}, {one.year}" for one in cited][:_SHOWN]
