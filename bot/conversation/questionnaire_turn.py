"""A questionnaire in the chat: begun by words or a check-in, answered by taps, kept as a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import risk
import safety
from bot.conversation import questionnaire, self_harm
from bot.conversation.flagged import raise_stated
from bot.conversation.questionnaire import Item, State
from bot.conversation.risk_read import word
from bot.domain.checkin import CheckIn
from bot.domain.dates import day_in_words
from bot.domain.message import Button, Kind
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.post import short_id
from prompts import say

NAME = "questionnaire"


def wish(turn: Turn, services: Services) -> Turn:
    """ "I want to do the mood questionnaire", "做一下情绪量表": it begins, or goes on."""
    if turn.incoming.kind is Kind.TAP:
        name = turn.incoming.data.removeprefix("qn:").removesuffix(":begin")
        known = turn.incoming.data == f"qn:{name}:begin" and name in _all()
        return begin(turn, name) if known else turn
    name_ = questionnaire.wanted(turn.text)
    if name_ is None:
        return turn
    checkin = turn.open_of(NAME)
    if checkin is not None and name_ in ("", _due(turn, checkin)):
        return begin_for(turn, checkin)
    return begin(turn, name_) if name_ else _offer(turn)


def begin_for(turn: Turn, checkin: CheckIn) -> Turn:
    """The questionnaire that a check-in asks for; where its words name none, all are offered."""
    name = _due(turn, checkin)
    return begin(turn, name, checkin=checkin.id) if name else _offer(turn)


def _due(turn: Turn, checkin: CheckIn) -> str:
    schedule = next((s for s in turn.schedules if s.id == checkin.schedule_id), None)
    return questionnaire.named(schedule.what) if schedule else ""


def begin(turn: Turn, name: str, *, checkin: str = "") -> Turn:
    """Open the questionnaire ``name``, where it was left if that is not long ago."""
    dialogue = turn.dialogue
    if dialogue.topic.get("name") == NAME:
        dialogue = dialogue.put_off()
    kept = dialogue.paused.get(NAME)
    if kept is not None and kept["id"] == name:
        state = replace(State.from_topic(kept), checkin=checkin or str(kept["checkin"]))
        if state.answers and questionnaire.fresh(state, turn.now):
            title = say(f"questionnaire.name_{name}", turn.language)
            words = say("questionnaire.go_on", turn.language, name=title)
            return _ask(turn, state, Draft(text=words, approved=True))
    state = questionnaire.begin(name, turn.now, known={"sex": turn.patient.sex}, checkin=checkin)
    words = say(
        "questionnaire.intro",
        turn.language,
        name=say(f"questionnaire.name_{name}", turn.language),
        count=questionnaire.progress(state)[1],
        attribution=say(f"questionnaire.attribution_{_all()[name].model}", turn.language),
    )
    return _ask(turn, state, Draft(text=words, approved=True))


def answer(turn: Turn, services: Services) -> Turn:
    """An answer to the open question; anything else is answered by the other rooms first."""
    tapped = turn.incoming.kind is Kind.TAP
    said = turn.incoming.data if tapped else turn.text
    mine = tapped and said.startswith("qn:")
    if turn.dialogue.topic.get("name") != NAME:
        if not mine or said.endswith(":begin"):
            return turn
        kept = turn.dialogue.paused.get(NAME)
        if kept is None or kept["id"] != said.split(":")[1]:
            return turn
        turn = replace(turn, dialogue=turn.dialogue.take_up(NAME))
    state = State.from_topic(turn.dialogue.topic)
    if said == f"qn:{state.id}:later" or (not tapped and word(said, ("later",))):
        return turn.say(_plain(turn, "forms.left"), dialogue=turn.dialogue.put_off())
    if said == f"qn:{state.id}:back":
        return _ask(turn, questionnaire.back(state))
    new = questionnaire.take(state, said, turn.language)
    if new is None:
        # An old button says nothing; words are for the other rooms, and the question comes again.
        return replace(turn, handled=True) if mine and not said.endswith(":begin") else turn
    return _answered(turn, state, new, services)


def takes(topic: Mapping[str, Any], text: str, language: str) -> bool:
    """Whether ``text`` is one of the open question's answers, word for word."""
    return questionnaire.take(State.from_topic(topic), text, language) is not None


def again(turn: Turn) -> Draft | None:
    """The open question once more, after an aside."""
    if turn.dialogue.topic.get("name") != NAME:
        return None
    state = State.from_topic(turn.dialogue.topic)
    item = questionnaire.next_item(state)
    return _question(turn, state, item) if item else None


def _answered(turn: Turn, before: State, state: State, services: Services) -> Turn:
    flag = questionnaire.flag_of(state)
    if flag and not questionnaire.flag_of(before):
        turn = _worrying(turn, before, state, flag, services)
    item = questionnaire.next_item(state)
    if flag:  # the first words stand alone; what was answered is kept
        if item is None:
            turn = _finish(turn, state, silent=True)
        else:
            aside = turn.topic(state.to_topic()).put_off()
            turn = replace(turn, dialogue=aside, handled=True)
        return self_harm.first_question(turn) if self_harm.follows(turn, flag) else turn
    return _ask(turn, state) if item is not None else _finish(turn, state, silent=False)


def _worrying(turn: Turn, before: State, state: State, flag: str, services: Services) -> Turn:
    """An answer that opens a safety path: a person hears of it before anything else is said."""
    item = questionnaire.next_item(before)
    assert item is not None
    key = next(key for key, value in item.options if value == state.answers[item.name])
    said = (
        f"{say(f'questionnaire.short_{state.id}', turn.language)}: "
        f"{_text(state, item, turn.language)} - {say(f'questionnaire.{key}', turn.language)}"
    )
    finding = safety.stated(flag, cue=f"{state.id}_{item.name}")
    return raise_stated(turn, finding, said, services)


def _finish(turn: Turn, state: State, *, silent: bool) -> Turn:
    """The score goes into the record, a high one to the care team, its meaning to the patient."""
    score = questionnaire.result(state)
    one = _all()[state.id]
    observation = Observation(
        id=short_id("questionnaire", turn.message.id, state.id),
        patient_id=turn.patient_id,
        code=state.id,
        value=score.total,
        unit="",
        said=", ".join(f"{name} {_figure(value)}" for name, value in state.answers.items()),
        source=turn.message.id,
        at=turn.now,
    )
    kept = replace(turn, observed=(*turn.observed, observation), dialogue=turn.dialogue.close(NAME))
    if checkin := next((c for c in turn.open_checkins if c.id == state.checkin), None):
        kept = replace(kept, answers=(turn.answered(checkin, "done"),))
    if silent:  # the first words of an emergency stand alone; the score is in the record
        return replace(kept, handled=True)
    shown = f"{say(f'questionnaire.short_{state.id}', 'en')} {score.total:g}/{one.out_of}"
    concerns: tuple[Concern, ...] = ()
    if score.priority:
        evidence = {"score": shown, "band": score.category}
        concerns = (Concern(reason="questionnaire_score", tier=score.priority, evidence=evidence),)
    words = _result(turn, state, score, listed=bool(concerns))
    kept = replace(kept, concerns=(*turn.concerns, *concerns))
    if (more := questionnaire.longer(state, score.total)) is not None:
        why = _plain(turn, "questionnaire.longer")
        return _ask(replace(kept, drafts=(*turn.drafts, words)), more, why)
    return kept.say(words)


def _result(turn: Turn, state: State, score: risk.Score, *, listed: bool) -> Draft:
    before = next((o for o in turn.observations if o.code == state.id), None)
    band = score.category.replace(" ", "_")
    text = say(
        "questionnaire.result",
        turn.language,
        name=say(f"questionnaire.short_{state.id}", turn.language),
        total=f"{score.total:g}",
        of=_all()[state.id].out_of,
        band=say(f"questionnaire.band_{band}", turn.language) if band else "",
        before=f"{before.value:g}" if before else "",
        when=day_in_words(before.at, turn.patient.zone, turn.language) if before else "",
        listed=listed,
    )
    return Draft(text=text, approved=True)


def _ask(turn: Turn, state: State, *first: Draft) -> Turn:
    item = questionnaire.next_item(state)
    assert item is not None
    return turn.say(*first, _question(turn, state, item), dialogue=turn.topic(state.to_topic()))


def _question(turn: Turn, state: State, item: Item) -> Draft:
    number, count = questionnaire.progress(state)
    language = turn.language
    text = say(
        "questionnaire.asked",
        language,
        number=number,
        count=count,
        lead=say(f"questionnaire.lead_{_all()[state.id].model}", language),
        text=_text(state, item, language),
    )
    labels = [
        (say(f"questionnaire.{key}", language), f"qn:{state.id}:{item.name}:{index}")
        for index, (key, _) in enumerate(item.options)
    ]
    if number > 1:
        labels.append((say("questionnaire.back", language), f"qn:{state.id}:back"))
    labels.append((say("questionnaire.not_now", language), f"qn:{state.id}:later"))
    rows = tuple((Button(label=label, data=data),) for label, data in labels)
    return Draft(text=text, buttons=rows, approved=True)


def _text(state: State, item: Item, language: str) -> str:
    return say(f"questionnaire.{_all()[state.id].model}_{item.name}", language)


def _offer(turn: Turn) -> Turn:
    rows = tuple(
        (Button(label=say(f"questionnaire.name_{name}", turn.language), data=f"qn:{name}:begin"),)
        for name, one in _all().items()
        if not one.then
    )
    return turn.say(replace(_plain(turn, "questionnaire.offer"), buttons=rows))


def _plain(turn: Turn, key: str) -> Draft:
    return Draft(text=say(key, turn.language), approved=True)


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _all() -> dict[str, questionnaire.Questionnaire]:
    return dict(questionnaire.lexicon().questionnaires)
