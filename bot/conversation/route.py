"""Room 5: which room of the conversation deals with a turn. The first one that does, does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation import (
    adherence_turn,
    alarm_open,
    bereaved,
    carer_turn,
    checkin_turn,
    commands,
    dose_turn,
    enrol,
    facts_said,
    facts_turn,
    files,
    flagged,
    forget_turn,
    intercepted,
    interview_turn,
    knowledge_follow,
    knowledge_turn,
    looked_turn,
    medicine_turn,
    medicine_wish,
    memory_turn,
    number_asked,
    nurse_turn,
    open_forms,
    pause_turn,
    questionnaire_turn,
    quiet_turn,
    record,
    reminder_turn,
    risk_turn,
    self_harm,
    small_talk,
    stop_turn,
    travel_turn,
)
from bot.domain.turn import Concern, Turn
from bot.plans import crossed
from bot.plans.wanted import meets
from bot.ports import Services
from safety import Tier

Room = Callable[[Turn, Services], Turn]


def _beside_a_doubt(turn: Turn, services: Services) -> Turn:
    """ "OK", after a danger question and then "how are you?": kept, and danger is asked again."""
    if not flagged.beside_the_doubt(turn):
        return turn
    return replace(checkin_turn.answer(turn, services), handled=False)


#: In this order. Where a patient has died nothing goes on as before; STOP works everywhere;
#: nothing personal happens before consent; a person who holds the chat is not interrupted; a
#: worry comes before everything that is pleasant.
ROOMS: tuple[Room, ...] = (
    bereaved.bereaved,
    commands.commands,
    flagged.while_enrolling,
    lambda turn, services: enrol.enrolment(turn, services.clinic),
    files.files,
    _beside_a_doubt,
    flagged.clarified,
    self_harm.answered,
    flagged.emergency,
    nurse_turn.held,
    interview_turn.instead,
    flagged.worry,
    flagged.safe_to_talk,
    alarm_open.first,
    questionnaire_turn.answer,
    interview_turn.answer,
    risk_turn.answer_to_form,
    risk_turn.details,
    record.answer_to_doubt,
    facts_turn.answer,
    carer_turn.decided,
    reminder_turn.answer,
    pause_turn.answer,
    travel_turn.answer,
    stop_turn.wish,
    medicine_turn.answer,
    knowledge_turn.tapped,
    knowledge_follow.followed,
    medicine_turn.question,
    intercepted.intercepted,
    medicine_wish.wish,
    quiet_turn.wish,
    pause_turn.wanted,
    travel_turn.wish,
    checkin_turn.set_time,
    reminder_turn.wish,
    number_asked.question,
    record.record,
    forget_turn.wish,
    facts_turn.question,
    looked_turn.question,
    facts_said.corrected,
    checkin_turn.answer,
    nurse_turn.asked_for,
    open_forms.go_on,
    interview_turn.accepted,
    small_talk.small_talk,
    interview_turn.wish,
    questionnaire_turn.wish,
    risk_turn.question,
    adherence_turn.question,
    record.trend,
    small_talk.feeling,
    memory_turn.question,
    dose_turn.amount,
    medicine_wish.missed,
    knowledge_turn.question,
    dose_turn.for_child,
    medicine_wish.alone,
    memory_turn.statement,
    small_talk.nothing,
)


def route(turn: Turn, services: Services) -> Turn:
    """Pass the turn from room to room until one has dealt with it."""
    for room in ROOMS:
        turn = room(turn, services)
        if turn.handled:
            if room in (record.record, number_asked.question) or (
                room is flagged.worry and turn.screened.asked
            ):
                turn = facts_said.asked_beside(turn, services)
            if room in _INTERVIEW_OFFERED:
                turn = interview_turn.offered(turn, services)
            break
    return _plan_limits(_checkin_met(open_forms.keep(_asked_again(turn, room), room)))


#: After these words for a complaint the interview is offered by a button.
_INTERVIEW_OFFERED: tuple[Room, ...] = (
    flagged.worry,
    flagged.clarified,
    memory_turn.statement,
)

#: After these the open question of a form is asked again, so that it is not lost. (After words for
#: a worry it is not: they stand alone. Small talk and the model's answers say it themselves.)
_ASIDES: tuple[Room, ...] = (
    commands.commands,
    record.record,
    reminder_turn.wish,
    travel_turn.wish,
    quiet_turn.wish,
    pause_turn.wanted,
    checkin_turn.set_time,
    checkin_turn.answer,
    nurse_turn.asked_for,
    stop_turn.wish,
    adherence_turn.question,
    record.trend,
    memory_turn.question,
    medicine_turn.question,
    medicine_wish.wish,
    medicine_wish.missed,
    knowledge_turn.question,
    knowledge_turn.tapped,
    knowledge_follow.followed,
    memory_turn.statement,
)


def _asked_again(turn: Turn, room: Room) -> Turn:
    if not turn.handled or room not in _ASIDES or turn.dialogue.topic != turn.topic_before:
        return turn
    again = open_forms.reminder(turn) if turn.drafts else None
    return replace(turn, drafts=(*turn.drafts, again)) if again else turn


def _plan_limits(turn: Turn) -> Turn:
    """A reading beyond a limit of the patient's care plan is a matter for the nurse."""
    names = {schedule.plan for schedule in turn.schedules if schedule.plan}
    if not names:
        return turn
    # What the screen found at least as urgent is with the nurse already.
    stated = [f.tier for f in turn.screened.findings if not f.asked]
    reached = [
        (o, tier)
        for o in turn.observed
        if (tier := crossed(names, o))
        and all(Tier[tier].is_more_urgent_than(found) for found in stated)
    ]
    concerns = tuple(
        Concern(reason="plan_limit", tier=tier, evidence={"reading": f"{o.code} {o.shown}"})
        for o, tier in reached
    )
    return replace(turn, concerns=(*turn.concerns, *concerns))


def _checkin_met(turn: Turn) -> Turn:
    """A reading answers every open question for it, and "how are you", whichever room took it."""
    if not turn.observed:
        return turn
    answered = {was.id for was, _ in turn.answers}
    schedules = {schedule.id: schedule for schedule in turn.schedules}
    met = [
        checkin
        for checkin in turn.open_checkins
        if checkin.id not in answered
        and (schedule := schedules.get(checkin.schedule_id)) is not None
        and any(meets(o, schedule) for o in turn.observed)
    ]
    daily = turn.open_of("wellness")
    if daily is not None and not turn.answers:
        met.append(daily)
    return replace(turn, answers=(*turn.answers, *(turn.answered(c, "reading") for c in met)))
