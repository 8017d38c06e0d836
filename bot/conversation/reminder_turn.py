"""Reminders set by talking: understood, read back, and saved on a yes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.conversation.answers import consent_in
from bot.conversation.stop_turn import unheard
from bot.domain.checkin import Schedule
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.occurrences import rule_of
from bot.ports import Services
from bot.post import short_id
from bot.rule_words import schedule_in_words
from bot.when import ReminderWish, Rule, When, reminder
from prompts import say

_KINDS = (
    (  # nothing is taken, and nothing is missed by a nurse's clock
        "reminder",
        re.compile(
            r"^(?:stop|cancel|turn off|switch off|end|disconnect|remove)\b"
            r"|^(?:停|关|取消|拔|断开|摘|拆)",
            re.IGNORECASE,
        ),
    ),
    (
        "measurement",
        re.compile(
            r"\b(?:measure|check|test|weigh|take)\b.{0,24}\b(?:pressure|bp|sugar|glucose|weight|"
            r"temperature|oxygen|pulse|peak flow|myself)\b"
            r"|(?:测|量|称).{0,6}(?:血压|血糖|体重|体温|血氧|心率|脉搏)",
            re.IGNORECASE,
        ),
    ),
    (
        "appointment",
        re.compile(r"\b(?:appointment|check-?up|clinic visit)\b|复诊|就诊|看医生|预约|复查", re.I),
    ),
    (
        "medicine",
        re.compile(
            r"\b(?:take|tablets?|pills?|medicines?|medication|insulin|inject|inhaler|mg|puffs?)\b"
            r"|吃药|服药|用药|服用|药|胰岛素|毫克|片",
            re.IGNORECASE,
        ),
    ),
)
_NUMBER = re.compile(r"(?:reminder|number|no\.?|#|第)\s*(\d{1,2})", re.IGNORECASE)
_WEEKEND = re.compile(r"weekend|周末", re.IGNORECASE)
_MORNING = "09:00"  #: for a day without a time; it is read back before anything is saved


def wish(turn: Turn, services: Services) -> Turn:
    """A sentence about reminders: made, moved, ended or listed."""
    if turn.incoming.kind not in TYPED:
        return turn
    found = reminder(turn.text, language=turn.language, now=turn.now, zone=turn.patient.zone)
    if found is None:
        return turn
    if found.action == "list":
        return _list(turn)
    if found.problem is not None:
        words = next(w.words for w in found.when if w.problem is not None)
        return _say(turn, f"problem_{found.problem}", words=words.strip())
    if found.action not in ("list", "stop") and (why := unheard(turn.patient)):
        return turn.say(Draft(text=say(why, turn.language), approved=True))
    if found.action == "create":
        return _create(turn, found)
    chosen = _meant(turn, found)
    if len(chosen) != 1:
        return _list(turn, asks="which")
    if found.action == "stop":
        return _confirm_stop(turn, chosen[0])
    return _move(turn, chosen[0], found)


def answer(turn: Turn, services: Services) -> Turn:
    """Yes or no to what was read back; anything else leaves nothing half saved."""
    topic = turn.dialogue.topic
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith("m:")
    if topic.get("name") != "reminder":
        return replace(turn, handled=True) if tapped else turn
    said = consent_in(turn.text)
    closed = replace(turn, dialogue=turn.topic({}))
    yes = turn.incoming.data == "m:yes" if tapped else said == "yes"
    no = turn.incoming.data == "m:no" if tapped else said == "no"
    if no:
        return _say(closed, "not_saved" if topic["active"] else "not_ended")
    if not yes:
        return closed
    values = {name: topic[name] for name in ("id", "kind", "what", "rule", "active", "time")}
    schedule = Schedule(patient_id=turn.patient_id, **values)  # type: ignore[arg-type]
    if not schedule.active:
        told = _say(closed, "stopped", what=_what(turn, schedule))
        return replace(told, scheduled=(schedule,))
    said = schedule_in_words(schedule, turn.patient.zone, turn.language)
    if _over(schedule, turn):  # "in one minute", and the yes came after two
        return _say(closed, "problem_past", words=said)
    return replace(
        _say(closed, "saved", what=_what(turn, schedule), rule=said), scheduled=(schedule,)
    )


def _create(turn: Turn, found: ReminderWish) -> Turn:
    if not found.what:
        return _say(turn, "no_what")
    if len({when.moment.date() for when in found.when if when.moment}) > 1:
        return _say(turn, "several_days")
    rule = _rule(found.when, turn)
    if rule is None:
        return _say(turn, "no_when", what=found.what)
    if rule.frequency == "minutely":
        return _say(turn, "problem_unclear", words=found.when[0].words)
    kind = next((name for name, words in _KINDS if words.search(found.what)), "reminder")
    schedule = Schedule(
        id=short_id("reminder", turn.message.id),
        patient_id=turn.patient_id,
        kind=kind,
        what=found.what,
        rule=rule.to_dict(),
    )
    return _confirm(turn, schedule)


def _rule(whens: tuple[When, ...], turn: Turn) -> Rule | None:
    """One rule out of what was said; a moment becomes a rule that happens once."""
    local = turn.now.astimezone(turn.patient.zone).replace(tzinfo=None)
    for when in whens:
        if when.rule is not None:
            return when.rule.anchored(local)
    moments = [when.moment for when in whens if when.moment is not None]
    if moments:
        return _once(*moments)
    times = {when.value[:5] for when in whens if when.kind == "time" and when.value}
    if len(times) > 1:  # "at 9am and 9pm": every day, as is read back
        return Rule(frequency="daily", times=tuple(sorted(times))).anchored(local)
    for when in whens:
        if when.kind == "date" and when.value:
            return _once(datetime.combine(datetime.fromisoformat(when.value), _at(_MORNING)))
    for clock in times:
        moment = datetime.combine(local.date(), _at(clock))
        return _once(moment if moment > local else moment + timedelta(days=1))
    return None


def _once(*moments: datetime) -> Rule:
    """At moments of one day."""
    day = moments[0].date().isoformat()
    times = tuple(sorted({f"{moment:%H:%M}" for moment in moments}))
    return Rule(frequency="daily", times=times, start=day, end=day, count=len(times))


def _at(clock: str) -> time:
    return time.fromisoformat(clock)


def _meant(turn: Turn, found: ReminderWish) -> list[Schedule]:
    """The reminders a wish may be about: by number, by words, by time, by weekend."""
    mine = _mine(turn)
    if number := _NUMBER.search(turn.text):
        at = int(number[1]) - 1
        return mine[at : at + 1]
    if _WEEKEND.search(turn.text):
        return [s for s in mine if set(rule_of(s).weekdays) and set(rule_of(s).weekdays) <= {5, 6}]
    times = {when.value[:5] for when in found.when[:1] if when.kind == "time" and when.value}
    what = found.what.casefold()
    chosen = [
        schedule
        for schedule in mine
        if (times and times & set(rule_of(schedule).times))
        or (what and (what in schedule.what.casefold() or schedule.what.casefold() in what))
    ]
    return chosen or (mine if len(mine) == 1 and not what and not times else [])


def _move(turn: Turn, schedule: Schedule, found: ReminderWish) -> Turn:
    new = [w.value[:5] for w in found.when if w.kind == "time" and w.value]
    rule = rule_of(schedule, turn.now)
    if not new:
        return _say(turn, "no_when", what=schedule.what)
    if len(new) > 1:
        times = tuple(new[-1] if at == new[0] else at for at in rule.times)
    else:
        times = (new[-1],)
    if schedule.rule is None:
        return _confirm(turn, replace(schedule, time=times[0]))
    moved = Rule.from_dict(rule.to_dict() | {"times": sorted(set(times))})
    return _confirm(turn, replace(schedule, rule=moved.to_dict()))


def _over(schedule: Schedule, turn: Turn) -> bool:
    """It was for one day, and nothing of it is still to come."""
    rule, zone = rule_of(schedule, turn.now), ZoneInfo(schedule.home_zone or turn.patient.timezone)
    end = turn.now + timedelta(days=366 * 9)
    return rule.once and all(at <= turn.now for at in rule.instants(zone, turn.now, end))


def _confirm(turn: Turn, schedule: Schedule) -> Turn:
    said = schedule_in_words(schedule, turn.patient.zone, turn.language)
    if _over(schedule, turn):
        return _say(turn, "problem_past", words=said)
    text = say("reminders.confirm", turn.language, what=_what(turn, schedule), rule=said)
    if schedule.kind == "medicine":
        text += "\n" + say("reminders.medicine_note", turn.language)
    return _asked(turn, text, schedule)


def _confirm_stop(turn: Turn, schedule: Schedule) -> Turn:
    said = schedule_in_words(schedule, turn.patient.zone, turn.language)
    text = say("reminders.stop_confirm", turn.language, what=_what(turn, schedule), rule=said)
    return _asked(turn, text, replace(schedule, active=False))


def _asked(turn: Turn, text: str, schedule: Schedule) -> Turn:
    yes = "button_yes" if schedule.active else "button_end"
    topic = {
        "name": "reminder",
        "id": schedule.id,
        "kind": schedule.kind,
        "what": schedule.what,
        "rule": schedule.rule,
        "time": schedule.time,
        "active": schedule.active,
    }
    row = (
        Button(label=say(f"reminders.{yes}", turn.language), data="m:yes"),
        Button(label=say("reminders.button_no", turn.language), data="m:no"),
    )
    draft = Draft(text=text, buttons=(row,), approved=True)
    return turn.say(draft, dialogue=turn.topic(topic))


def _list(turn: Turn, *, asks: str = "") -> Turn:
    mine = _mine(turn)
    if not mine:
        return _say(turn, "none")
    lines = [
        say(
            "reminders.line",
            turn.language,
            what=_what(turn, schedule),
            rule=schedule_in_words(schedule, turn.patient.zone, turn.language),
        )
        for schedule in mine
    ]
    text = say("reminders.list", turn.language, lines=lines)
    if asks:
        text = say(f"reminders.{asks}", turn.language) + "\n" + text
    return turn.say(Draft(text=text, approved=True))


def _mine(turn: Turn) -> list[Schedule]:
    today = turn.now.astimezone(turn.patient.zone).date().isoformat()
    return [s for s in turn.schedules if s.rule is None or (rule_of(s).end or "9") >= today]


def _what(turn: Turn, schedule: Schedule) -> str:
    words = "summary_of_week" if schedule.kind == "summary" else "daily_question"
    return schedule.what or say(f"reminders.{words}", turn.language)


def _say(turn: Turn, message: str, /, **values: object) -> Turn:
    text = say(f"reminders.{message}", turn.language, **values)
    return turn.say(Draft(text=text, approved=True))
