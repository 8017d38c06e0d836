"""What the screen heard: the fixed first words, one clear question, and its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import safety
from bot.conversation import knowledge_turn, self_harm
from bot.conversation.answers import leaning
from bot.conversation.emergency import raise_emergency
from bot.conversation.known import earlier_of, facts_of
from bot.conversation.readings import observed_in, read_back
from bot.domain.message import Button, Direction, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import PatientStatus
from bot.domain.turn import Concern, Turn
from bot.escalations.status import nurse_status
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say
from safety import Finding, PatientFacts, Reading, Tier, Verdict

_CLARIFY, _SAFE_WORD = "clarify", "safe_word"  #: of the topic
_SAID = {"yes": "yes_now", "no": "not_now", "unsure": "something_else"}


def emergency(turn: Turn, services: Services) -> Turn:
    """A stated emergency was answered at the door; here only what it measured is kept."""
    if turn.screened.tier is not Tier.P0 or turn.screened.asked:
        return turn
    kept = replace(turn, observed=observed_in(turn).certain, handled=True)
    if self_harm.begins(turn):
        return self_harm.first_question(kept)
    if turn.dialogue.topic.get("name") == self_harm.NAME:
        return self_harm.still_open(kept)
    return replace(kept, dialogue=turn.topic({}))


def worry(turn: Turn, services: Services) -> Turn:
    """P1 and P2 get their fixed words; an emergency that is only asked about gets one question."""
    verdict = turn.screened
    worst = verdict.worst
    if worst is None:
        return turn
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    if verdict.asked and all(f.source == "metric" for f in verdict.findings):
        return turn  # the doubt is the unit: the record room asks for it, and judges the answer
    if verdict.asked:
        return _ask(turn, verdict)
    words = _first_words(turn, verdict, facts, services)
    kept = observed_in(turn)
    drafts = [Draft(text=words, approved=True)]
    if kept.certain:
        drafts.append(read_back(turn, kept.certain))
    if verdict.tier is Tier.P2 and (why := knowledge_turn.explained(turn, services)):
        drafts.append(why)  # a small worry that asks why: both
    told = turn.say(*drafts, observed=kept.certain)
    if safety.waits_for_safe_word(worst.flag):
        return replace(told, dialogue=turn.topic({"name": _SAFE_WORD}))
    return self_harm.first_question(told) if self_harm.begins(turn) else told


def _first_words(turn: Turn, verdict: Verdict, facts: PatientFacts, services: Services) -> str:
    phone = services.clinic.team_phone
    with services.store.reading() as rows:
        status = nurse_status(rows, turn.language, now=turn.now, phone=phone, tier=verdict.tier)
    return safety.first_message(verdict, patient=facts, nurse_status=status, team_phone=phone)


def _ask(turn: Turn, verdict: Verdict, opening: str = "", **more: object) -> Turn:
    """The question of the worst finding, open from now on."""
    worst = verdict.worst
    assert worst is not None
    flag = worst.flag
    topic = {
        "name": _CLARIFY, "flag": flag, "tier": worst.tier.name, "since": turn.now.isoformat(),
        "asked_in": turn.message.id, **more,
    }  # fmt: skip
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    row = tuple(
        Button(label=say(f"flagged.{answer}", turn.language), data=f"q:{flag[:40]}:{answer}")
        for answer in ("yes_now", "not_now", "something_else")
    )
    text = opening + safety.clarifying_question(verdict, facts)
    question = Draft(text=text, buttons=tuple((b,) for b in row), approved=True)
    return turn.say(question, dialogue=turn.topic(topic))


def safe_to_talk(turn: Turn, services: Services) -> Turn:
    """The word that was asked for: the patient can talk now, and a nurse is called."""
    if turn.dialogue.topic.get("name") != _SAFE_WORD or turn.incoming.kind is Kind.TAP:
        return turn
    words = say("flagged.safe_words", turn.language).split("|")
    if turn.text.strip().strip(".!。！ ").casefold() not in words:
        return turn
    with services.store.reading() as rows:
        status = nurse_status(rows, turn.language, now=turn.now, tier=Tier.P1)
    told = say("flagged.safe_to_talk", turn.language, status=status)
    concern = Concern(reason="safe_to_talk", tier="P1")
    draft = Draft(text=told, approved=True)
    return turn.say(draft, dialogue=turn.topic({}), concerns=(*turn.concerns, concern))


def while_enrolling(turn: Turn, services: Services) -> Turn:
    """A worry during enrolment: its words come first, and the question stays open."""
    if turn.patient.status is not PatientStatus.ENROLLED:
        return turn
    return while_closed(turn, services)


def while_closed(turn: Turn, services: Services) -> Turn:
    """A worry of somebody with whom nothing else goes on; what it measured is not kept."""
    told = clarified(turn, services)
    if told.handled or turn.screened.worst is None:
        return told
    if turn.screened.tier is Tier.P0 and not turn.screened.asked:
        return replace(turn, handled=True)  # answered at the door; not an answer to the question
    return replace(worry(told, services), observed=())


def judged(turn: Turn, reading: Reading, services: Services) -> Turn:
    """A reading whose unit was only just made clear is judged like any other."""
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    earlier = earlier_of(turn.observations, turn.message.id, turn.now)
    verdict = safety.screen("", patient=facts, readings=(reading,), earlier=earlier, now=turn.now)
    worst = verdict.worst
    if worst is None or verdict.asked:
        return turn
    if verdict.tier is Tier.P0:
        with services.store.unit_of_work() as work:
            raise_emergency(
                work, verdict, turn.message, turn.patient, turn.contact, services, turn.now,
                facts=facts,
            )  # fmt: skip
        return turn
    words = _first_words(turn, verdict, facts, services)
    concern = Concern(reason=worst.flag, tier=verdict.tier.name)
    return replace(
        turn,
        drafts=(*turn.drafts, Draft(text=words, approved=True)),
        concerns=(*turn.concerns, concern),
    )


def clarified(turn: Turn, services: Services) -> Turn:
    """The answer to the one question: yes now is an emergency; anything else stays listed."""
    if turn.incoming.kind is Kind.TAP:
        return _tapped(turn, services)
    topic = turn.dialogue.topic
    if topic.get("name") != _CLARIFY:
        return turn
    flag, tier, leans = str(topic["flag"]), Tier[str(topic["tier"])], _leans(turn)
    if not leans:
        return replace(turn, dialogue=turn.topic({}))  # other words: screened by themselves
    newer = _asked_newer(turn)
    if newer and _others_first(turn):
        return replace(turn, dialogue=turn.topic({}))  # it answers the nurse, or "have you called?"
    if newer or not _fresh(turn):
        # Nobody knows what it answers, or whether it is so now. Without a newer question it is
        # about the danger, however late.
        return _once_more(turn, flag, tier, "" if newer or leans == "no" else "late")
    if leans == "unsure" and "again" not in topic:
        return _once_more(turn, flag, tier, "unsure", again=True)
    return _answered(turn, _SAID[leans], services)


def beside_the_doubt(turn: Turn) -> bool:
    """A short answer while a danger question is open and something newer was asked."""
    open_ = turn.dialogue.topic.get("name") == _CLARIFY and turn.incoming.kind is not Kind.TAP
    return open_ and bool(_leans(turn)) and _asked_newer(turn) and not _others_first(turn)


def _others_first(turn: Turn) -> bool:
    """A person writes with them, or help for an emergency of theirs is asked about."""
    return bool(turn.dialogue.held_by) or turn.emergency is not None


def _leans(turn: Turn) -> str:
    # What was said is worse, or else: its own words come first.
    other = turn.screened.findings or observed_in(turn).certain
    return "" if other else turn.once(leaning, turn.text)


def _fresh(turn: Turn) -> bool:
    """Said while the answer may still be to the question; the house may hear it later."""
    since = turn.dialogue.topic.get("since")
    if since is None:  # kept by an older version
        return False
    return turn.message.at - datetime.fromisoformat(str(since)) < safety.question_open_for()


def _asked_newer(turn: Turn) -> bool:
    """The patient was told something else after the question, and before this answer."""
    topic = turn.dialogue.topic
    if "since" not in topic:
        return False
    since, own = datetime.fromisoformat(str(topic["since"])), f"{topic['asked_in']}/"
    return any(
        m.direction is Direction.OUTBOUND
        and since < m.at <= turn.message.at
        and not m.id.startswith(own)
        for m in turn.history
    )


def _tapped(turn: Turn, services: Services) -> Turn:
    """A button of the question says what it says; "yes, now" on an old one is asked about."""
    topic = turn.dialogue.topic
    kind, flag, answer = (*turn.incoming.data.split(":"), "", "")[:3]
    open_ = topic.get("name") == _CLARIFY
    if kind != "q":
        return replace(turn, dialogue=turn.topic({})) if open_ else turn
    mine = open_ and str(topic["flag"])[:40] == flag
    if mine and (answer != "yes_now" or _fresh(turn)):
        return _answered(turn, answer, services)
    raised = turn.emergency is not None and turn.emergency.reason == flag
    busy = topic.get("name") in (self_harm.NAME, _SAFE_WORD)
    if answer != "yes_now" or raised or busy or not safety.is_flag(flag):
        return replace(turn, handled=True)
    tier = Tier[str(topic["tier"])] if mine else safety.stated(flag, cue="unsure").tier
    return _once_more(turn, flag, tier, "late")


def _answered(turn: Turn, answer: str, services: Services) -> Turn:
    topic = turn.dialogue.topic
    flag, closed = str(topic["flag"]), replace(turn, dialogue=turn.topic({}))
    if answer == "yes_now":
        return _raise(closed, flag, Tier[str(topic["tier"])], services)
    if answer in ("not_now", "something_else"):
        # What only people close is not closed by a button, and nobody says that it is well.
        people = "_people" if answer == "not_now" and safety.closed_by_people(flag) else ""
        number = number_to_call(turn.patient)
        words = say(f"flagged.noted_{answer}{people}", turn.language, number=number)
        return closed.say(Draft(text=words, approved=True))
    return closed


def _once_more(turn: Turn, flag: str, tier: Tier, why: str, **more: object) -> Turn:
    """The question comes once more; ``why`` ("unsure", "late"): and a person looks today."""
    doubt = replace(safety.stated(flag, cue="unsure"), tier=tier, asked=True)
    if why:
        concern = Concern(reason=flag, tier="P1", evidence={"answer": why})
        turn = replace(turn, concerns=(*turn.concerns, concern))
    opening = say("flagged.once_more", turn.language) + "\n"
    return _ask(turn, Verdict(findings=(doubt,)), opening, **more)


def _raise(turn: Turn, flag: str, tier: Tier, services: Services) -> Turn:
    finding = replace(safety.stated(flag, cue="answered_yes"), tier=tier)
    said_as = turn.text or say("flagged.yes_now", turn.language)
    raised = raise_stated(turn, finding, said_as, services)
    starts = flag in safety.self_harm().starts
    return self_harm.first_question(raised) if starts else raised


def raise_stated(turn: Turn, finding: Finding, said_as: str, services: Services) -> Turn:
    """An emergency given by a button: escalated and answered at once, in its own transaction.

    ``said_as``: what the button meant, for the people who look.
    """
    verdict = Verdict(findings=(finding,), rule_version=turn.screened.rule_version)
    said = replace(turn.message, text=said_as)
    with services.store.unit_of_work() as work:
        facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
        raise_emergency(
            work, verdict, said, turn.patient, turn.contact, services, turn.now, facts=facts
        )
    return replace(turn, handled=True)
