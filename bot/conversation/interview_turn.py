"""The symptom interview in the chat: begun by a complaint, answered by taps, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import safety
from bot.conversation import interview, interview_end, self_harm
from bot.conversation.answers import consent_in
from bot.conversation.interview import Person, State
from bot.conversation.interview_data import lexicon
from bot.conversation.interview_start import Named, asks, named
from bot.conversation.known import facts_of
from bot.conversation.risk_read import word
from bot.domain.escalation import OPEN
from bot.domain.message import SAID, Button, Direction, Kind, Message
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say
from safety import Tier

NAME = interview.NAME  #: of the topic
#: Topics of somebody who is asked about danger, or waits for it to be safe to talk.
_DANGER = ("clarify", "safe_word", self_harm.NAME)
_UNNAMED = "unnamed_emergency"  #: the classifier hears danger and knows no name for it
_AFTER_DANGER = timedelta(days=1)
#: Words that have heard the complaint already.
_HEARD = ("memory.complaint", "checkin.noted_worse", "interview.offer")
_BACK = 4  #: messages in which the complaint lies that the offer was made for


def person_of(turn: Turn, complaints: tuple[str, ...]) -> Person:
    """Whom the questions are about: the patient, or a child of whom the record says nothing."""
    if any(lexicon().complaints[id_].child for id_ in complaints):
        return Person()
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    return Person(
        age=facts.age_years,
        sex=turn.patient.sex,
        pregnant=bool(facts.pregnant),
        conditions=tuple(sorted(facts.conditions)),
    )


def wish(turn: Turn, services: Services) -> Turn:
    """ "I have had a headache for two days, what should I do?", "头疼两天了怎么办"."""
    if turn.incoming.kind is Kind.TAP:
        id_ = turn.incoming.data.removeprefix("iv:").removesuffix(":begin")
        if turn.incoming.data != f"iv:{id_}:begin" or id_ not in lexicon().complaints:
            return turn
        found: Named | None = Named(complaints=(id_,), symptoms=(), onset="")
    else:
        asked = turn.incoming.kind in SAID and asks(turn.text)
        found = _complaint(turn, turn.text) if asked else None
    return turn if found is None or _barred(turn, services) else _begin(turn, found, services)


def accepted(turn: Turn, services: Services) -> Turn:
    """ "Yes please", 好的, to the offer that was the last thing said here."""
    if turn.incoming.kind not in SAID or consent_in(turn.text) != "yes" or turn.dialogue.topic:
        return turn
    said = [m for m in turn.history if m.id != turn.message.id][-_BACK:]
    if not said or said[-1].text != say("interview.offer", turn.language):
        return turn
    told = next((m for m in reversed(said) if m.direction is Direction.INBOUND), None)
    found = _complaint(turn, told.text) if told else None
    return turn if found is None or _barred(turn, services) else _begin(turn, found, services)


def instead(turn: Turn, services: Services) -> Turn:
    """The red-flag questions in place of "is this happening now?", where nobody knows what it is.

    Only where the classifier hears an emergency without a name in short words that state a
    complaint and ask what to do. It is on the nurses' list as before; a named flag keeps its
    question.
    """
    found = turn.screened.findings
    if not found or not all(
        f.asked and f.flag == _UNNAMED and f.source == "classifier" and not f.people_only
        for f in found
    ):
        return turn
    if len(turn.text) > lexicon().limits["characters"] or turn.dialogue.topic.get("name") == NAME:
        return turn
    return wish(turn, services)


def offered(turn: Turn, services: Services) -> Turn:
    """After the words for a plain complaint: a button for those who want to be asked."""
    if turn.dialogue.topic or turn.screened.tier in (Tier.P0, Tier.P1) or turn.screened.asked:
        return turn
    before = turn.topic_before or {}
    if before.get("name") == "clarify":  # "not now": the words that were asked about come back
        if safety.closed_by_people(str(before["flag"])):
            return turn
        said = next((m for m in reversed(turn.history) if _is_asked_about(m, turn)), None)
        found = _complaint(turn, said.text) if said else None
    else:
        found = _complaint(turn, turn.text)
    if found is None or _barred(turn, services):
        return turn
    begin = Button(
        label=say("interview.begin", turn.language), data=f"iv:{found.complaints[0]}:begin"
    )
    draft = replace(_plain(turn, "interview.offer"), buttons=((begin,),))
    return replace(turn, drafts=(*turn.drafts, draft))


def answer(turn: Turn, services: Services) -> Turn:
    """An answer to the open question; anything else is answered by the other rooms first."""
    tapped = turn.incoming.kind is Kind.TAP
    said = turn.incoming.data if tapped else turn.text
    mine = tapped and said.startswith("iv:") and not said.endswith(":begin")
    if turn.dialogue.topic.get("name") != NAME:
        kept = turn.dialogue.paused.get(NAME)
        if not mine or kept is None or said.split(":")[1] != State.from_topic(kept).complaints[0]:
            return turn
        turn = replace(turn, dialogue=turn.dialogue.take_up(NAME))
    state = State.from_topic(turn.dialogue.topic)
    if not interview.fresh(state, turn.now):
        closed = replace(turn, dialogue=turn.dialogue.close(NAME))
        return closed.say(_plain(turn, "interview.too_old")) if mine else closed
    if turn.screened.findings:
        return turn  # its words come first, and the interview ends: see ``ended``
    if said == f"iv:{state.complaints[0]}:later" or (not tapped and word(said, ("later",))):
        interview_end.note(turn, state, _person(turn, state), "left", services)
        return turn.say(_plain(turn, "interview.left"), dialogue=turn.dialogue.put_off())
    new = interview.take(state, said)
    if new is None:  # an old button says nothing; words are for the other rooms
        return replace(turn, handled=True) if mine else turn
    if interview.alarm(new) is not None:
        return interview_end.alarm(turn, new, _person(turn, new), services)
    return _ask(turn, new, services)


def takes(topic: Mapping[str, Any], text: str) -> bool:
    """Whether ``text`` is one of the open question's answers, word for word."""
    return interview.take(State.from_topic(topic), text) is not None


def again(turn: Turn) -> Draft | None:
    """The open question once more, after an aside."""
    if turn.dialogue.topic.get("name") != NAME or turn.screened.findings:
        return None
    state = State.from_topic(turn.dialogue.topic)
    return _question(turn, state) if interview.fresh(state, turn.now) else None


def go_on(turn: Turn) -> Turn:
    """The interview that lay aside, open again where it was left, if that is not long ago."""
    state = State.from_topic(turn.dialogue.paused[NAME])
    if not interview.fresh(state, turn.now):
        closed = replace(turn, dialogue=turn.dialogue.close(NAME))
        return closed.say(_plain(turn, "interview.too_old"))
    back = replace(turn, dialogue=turn.dialogue.take_up(NAME))
    return back.say(_question(back, state))


def ended(turn: Turn) -> Turn:
    """What the screen found goes before every question: the interview is not taken up again."""
    now = turn.dialogue
    paused = {name: topic for name, topic in now.paused.items() if name != NAME}
    topic = {} if now.topic.get("name") == NAME else now.topic
    return replace(turn, dialogue=replace(now, topic=topic, paused=paused))


def _is_asked_about(message: Message, turn: Turn) -> bool:
    return message.direction is Direction.INBOUND and message.id != turn.message.id


def _complaint(turn: Turn, text: str) -> Named | None:
    if not text.strip():
        return None
    return named(text, turn.language, person_of(turn, ()))


def _barred(turn: Turn, services: Services) -> bool:
    """Not in the middle of questions about danger, nor while an emergency of theirs is open."""
    topic = turn.dialogue.topic
    if topic.get("name") in _DANGER:
        return True
    with services.store.reading() as rows:
        return any(
            e.tier == Tier.P0.name and (e.state in OPEN or turn.now - e.created_at < _AFTER_DANGER)
            for e in rows.escalations.of_patient(turn.patient_id)
        )


def _begin(turn: Turn, found: Named, services: Services) -> Turn:
    dialogue = turn.dialogue
    for topic in (dialogue.topic, dialogue.paused.get(NAME, {})):
        if topic.get("name") == NAME:
            state = State.from_topic(topic)
            if state.complaints == found.complaints and interview.fresh(state, turn.now):
                back = dialogue if dialogue.topic is topic else dialogue.take_up(NAME)
                return turn.say(_question(turn, state), dialogue=back)
            dialogue = dialogue.close(NAME) if dialogue.topic is topic else dialogue
    state = State(
        id=turn.message.id,
        complaints=found.complaints,
        answers={"onset": found.onset} if found.onset else {},
        named=found.symptoms,
        words=turn.text,
        begun_at=turn.now,
    )
    interview_end.note(turn, state, _person(turn, state), "open", services)
    intro = say(
        "interview.intro", turn.language, sorry=_sorry(turn), ems=number_to_call(turn.patient)
    )
    first = Draft(text=intro, approved=True)
    return _ask(replace(turn, dialogue=dialogue), state, services, first)


def _sorry(turn: Turn) -> str:
    """Said once: not again after the words for the complaint, or the offer that followed them."""
    told = [say(key, turn.language) for key in _HEARD]
    said = [m for m in turn.history if m.id != turn.message.id][-_BACK:]
    heard = any(m.direction is Direction.OUTBOUND and m.text in told for m in said)
    return "" if heard else say("interview.sorry", turn.language)


def _ask(turn: Turn, state: State, services: Services, *first: Draft) -> Turn:
    from bot.conversation.interview_graph import worth_asking

    person = _person(turn, state)
    step = interview.next_step(state, person, partial(worth_asking, person=person))
    if not step:
        return interview_end.finish(turn, state, person, services)
    state = replace(state, open=step)
    return turn.say(*first, _question(turn, state), dialogue=turn.topic(state.to_topic()))


def _question(turn: Turn, state: State) -> Draft:
    language, step = turn.language, state.open
    kind, _, key = step.partition(":")
    if kind == "red":
        text = say(f"interview.red_{key}", language)
    elif kind == "more":
        text = say("interview.ask_more", language, symptom=say(f"interview.has_{key}", language))
    elif step == "severity" and state.number:
        text = say("interview.ask_severity_number", language, number=state.number)
    else:
        text = say(f"interview.ask_{step}", language)
    prefix = f"answer_{step}_" if step in interview.ANSWERS else "answer_"
    labels = [
        (say(f"interview.{prefix}{one}", language), f"iv:{state.complaints[0]}:{step}:{one}")
        for one in interview.options(step)
    ]
    labels.append((say("interview.not_now", language), f"iv:{state.complaints[0]}:later"))
    rows = tuple((Button(label=label, data=data),) for label, data in labels)
    return Draft(text=text, buttons=rows, approved=True)


def _person(turn: Turn, state: State) -> Person:
    return person_of(turn, state.complaints)


def _plain(turn: Turn, key: str) -> Draft:
    return Draft(text=say(key, turn.language), approved=True)
