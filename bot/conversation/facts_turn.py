""" "What do you know about me?", and what the patient then does about one fact."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.conversation.facts_words import button, in_order, known, noted_elsewhere
from bot.conversation.forget_turn import forget
from bot.domain.message import Direction, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from memory import Fact
from memory.fact import PATIENTS_OWN
from prompts import say

ALL = re.compile(
    r"\bwhat (?:do|have) you (?:know|remember|noted?|written|got|kept|have)(?: down)?"
    r"(?: about| on) me\b|\beverything (?:you )?(?:know )?(?:about|on) me\b"
    r"|\bwhat(?:'s| is) (?:in )?my record\b"
    r"|\b(?:what|which) (?:allerg\w+|medicines?|medications?|conditions?|illnesses)\b.{0,30}"
    r"\b(?:have|got|noted|know|record|list|down)\b|\bwhat am i (?:allergic to|taking)\b"
    r"|我对(?:什么|啥|哪些).{0,4}过敏|[你您](?:都|还)?记着?我在?(?:吃|用)(?:着)?(?:什么|哪些|啥)药?"
    r"|\b(?:what|which) (?:medicines?|medications?|tablets?|pills?|drugs?) (?:am|do|should) i\b"
    r"(?! (?:avoid|not|never|skip|stop|stay))"
    r"|我(?:现在|每天|平时)?(?:在|都|该|要)*(?:吃|用)(?:着|的|的是)?(?:什么|哪些|啥|几种)药"
    r"|[你您](?:都|还)?(?:知道|记得|记了|记着|了解)我(?:的)?(?:什么|哪些|多少|啥)"
    r"|关于我.{0,6}(?:知道|记)|我的资料里?(?:有|都有)(?:什么|哪些)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^\W*(?:(?P<forget>forget|delete|remove|忘掉|忘记|删掉|删除)\s*(?:number|no\.?|#|第)?\s*(?P<a>\d{1,2})"
    r"|(?:number|no\.?|#|第)?\s*(?P<b>\d{1,2})\s*[条个项]?\s*(?:(?:is|was)\s+)?"
    r"(?:(?P<wrong>wrong|not right|not true|incorrect|不对|错了?|是错的|不是)"
    r"|(?P<right>right|correct|true|对|没错)))[条个项]?\W*$",
    re.IGNORECASE,
)  # fmt: skip
_THAT_IS_WRONG = re.compile(
    r"^\W*(?:no\W+)?(?:that(?:'s| is| was)|it(?:'s| is)|this is) "
    r"(?:wrong|not right|not true|incorrect|a mistake|not correct)\W*$"
    r"|^\W*(?:no\W+)?you (?:got|have) (?:that|it) wrong\W*$"
    r"|^\W*(?:不对|这个?不对|那个?不对|记错了|你记错了|您记错了|写错了|不是这样(?:的)?)[了的]?\W*$",
    re.IGNORECASE,
)  # fmt: skip
_JUST_SAID = timedelta(hours=1)


def answer(turn: Turn, services: Services) -> Turn:
    """A button under a fact, "2 is wrong", or "that's wrong" after something was noted."""
    topic = turn.dialogue.topic
    if turn.incoming.kind is Kind.TAP:
        if not turn.incoming.data.startswith("f:"):
            return turn
        _, act, subject = (*turn.incoming.data.split(":", 2), "", "")[:3]
        return _act(turn, services, act, subject)
    if topic.get("name") == "facts":
        turn = replace(turn, dialogue=turn.topic({}))
        if match := _NUMBERED.search(turn.text):
            shown, number = topic["shown"], int(match["a"] or match["b"])
            act = "forget" if match["forget"] else "wrong" if match["wrong"] else "yes"
            if isinstance(shown, list) and 0 < number <= len(shown):
                return _act(turn, services, act, str(shown[number - 1]))
            return _say(turn, "no_such")
    if _THAT_IS_WRONG.search(turn.text):
        return _last_is_wrong(turn, services)
    return turn


def question(turn: Turn, services: Services) -> Turn:
    """Everything known, in groups, each with who said it and when."""
    if not ALL.search(turn.text):
        return turn
    return _list(replace(turn, unremembered=True), services)


def _list(turn: Turn, services: Services) -> Turn:
    with services.store.reading() as rows:
        facts = in_order([*rows.facts.of(turn.patient_id), *noted_elsewhere(turn)])
        if not facts:
            return _say(turn, "none")
        draft = known(turn, facts, rows)
    return turn.say(
        draft, dialogue=turn.topic({"name": "facts", "shown": [fact.id for fact in facts]})
    )


def _last_is_wrong(turn: Turn, services: Services) -> Turn:
    """What was noted from the message just before this one; which of it, where there is more."""
    with services.store.reading() as rows:
        facts = [f for f in rows.facts.of(turn.patient_id) if f.said_by in PATIENTS_OWN]
    said = [m.id for m in turn.history if m.direction is Direction.INBOUND]
    before = next((one for one in reversed(said) if one != turn.message.id), "")
    last = [f for f in facts if f.source == before and turn.now - f.recorded_at < _JUST_SAID]
    if not last:
        return turn
    turn = replace(turn, unremembered=True)
    if len(last) == 1:
        return _act(turn, services, "wrong", last[0].id)
    rows_of = tuple(
        (replace(button(turn, "button_number", "wrong", f.id, number=n), label=f.text[:60]),)
        for n, f in enumerate(last, 1)
    )
    return turn.say(
        Draft(text=say("facts.which_wrong", turn.language), buttons=rows_of, approved=True),
        dialogue=turn.topic({"name": "facts", "shown": [f.id for f in last]}),
    )


def _act(turn: Turn, services: Services, act: str, subject: str) -> Turn:
    turn = replace(turn, unremembered=True)
    if act == "src":
        return forget(turn, services, subject)
    with services.store.reading() as rows:
        facts = [*rows.facts.of(turn.patient_id, everything=True), *noted_elsewhere(turn)]
    everything = {fact.id: fact for fact in facts}
    fact = everything.get(subject)
    if fact is None or (fact.status != "current" and act != "undo"):
        return _say(turn, "no_such")
    if fact.said_by not in PATIENTS_OWN and act not in ("yes", "keep"):
        evidence = {"words": turn.text or fact.text, "fact": fact.id}
        concern = Concern(reason="fact_contradicted", tier="P3", evidence=evidence)
        return replace(_say(turn, "clinics_own"), concerns=(concern,))
    if act == "forget":
        return forget(turn, services, fact.source, only=fact)
    found = _CHANGES[act](fact, everything, turn) if act in _CHANGES else None
    if found is None:
        return _say(turn, "no_such")
    words, changed = found
    told = _say(turn, words)
    if fact.kind == "AllergyIntolerance" and act in ("wrong", "drop", "new"):
        told = replace(told, concerns=(took_back(fact),))
    return replace(told, facts=changed)


def took_back(fact: Fact) -> Concern:
    """An allergy that is no longer counted is worth a look by a person."""
    return Concern(
        reason="allergy_changed", tier="P3", evidence={"words": fact.text, "fact": fact.id}
    )


_Change = tuple[str, tuple[Fact, ...]] | None


def _wrong(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    return "taken_back", (replace(fact, status="entered-in-error"),)


def _yes(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    return "confirmed", (replace(fact, verification="certain"),)


def _drop(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    return "ended", (replace(fact, status="superseded", valid_until=turn.now),)


def _keep(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    """The earlier one counts: what contradicted it was a slip."""
    if fact.disputes:
        return "kept", (replace(fact, status="entered-in-error"),)
    return "kept", ()


def _new(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    """Today's counts, and the one it contradicted ends today."""
    old = everything.get(fact.disputes)
    if old is None or old.status != "current" or old.said_by not in PATIENTS_OWN:
        return None
    ended = replace(old, status="superseded", valid_until=turn.now, replaced_by=fact.id)
    return "ended", (ended, replace(fact, verification="certain", disputes=""))


def _both(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    return "both_kept", (replace(fact, verification="certain", disputes=""),)


def _undo(fact: Fact, everything: dict[str, Fact], turn: Turn) -> _Change:
    """The correction was a misunderstanding: the old statement holds again."""
    if fact.status != "superseded":
        return None
    back = replace(fact, status="current", valid_until=None, replaced_by="")
    new = everything.get(fact.replaced_by)
    if new is None or new.status != "current":
        return "undone", (back,)
    return "undone", (back, replace(new, status="entered-in-error"))


_CHANGES = {
    "wrong": _wrong, "yes": _yes, "drop": _drop, "keep": _keep, "new": _new, "both": _both,
    "undo": _undo,
}  # fmt: skip


def _say(turn: Turn, words: str) -> Turn:
    return turn.say(Draft(text=say(f"facts.{words}", turn.language), approved=True))
