"""Silence for a while: asked for in words, read back, begun on a tap, ended by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.conversation.answers import consent_in
from bot.domain.checkin import Schedule, kinds
from bot.domain.dates import day_in_words
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import PatientStatus, Pause
from bot.domain.slots import moment
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.when import When, understand
from prompts import say

NAME = "pause"
LONGEST = timedelta(days=90)
_WANTED = re.compile(
    r"^\W*(?:please |could you |can you |i want to |i would like to )*"
    r"(?:pause|take a break|be quiet)\b(?!.{0,20}\b(?:medicine|tablets?|pills?|insulin)\b)"
    r"|^\W*(?:please )?stop (?:for|until|till)\b"
    r"|\b(?:stop|no|don't send|do not send)\b.{0,24}\b(?:reminders?|messages?|messaging|writing|"
    r"texting|check-?ins)\b.{0,16}\b(?:for (?!good)|until|till|this week|next week)\b"
    r"|\b(?:i'?m|i am|i'll be|i will be|we are|we're|i'?m going|i am going|going)\b.{0,12}"
    r"\b(?:on|for a) (?:holidays?|vacation|leave)\b"
    r"|\bi(?:'m| am|'ll be| will be) away (?:for|until|till|from)\b"
    r"|^\W*(?:请|麻烦)?(?:先|帮我|给我)?(?:暂停|停一停|歇一?歇)"
    r"|^\W*(?:请)?(?:先)?停[一二两三四五六七八九十\d]+个?(?:天|周|星期|礼拜|月)"
    r"|(?:这|下|最近|接下来).{0,6}(?:天|周|星期|礼拜|月).{0,4}(?:先)?(?:别|不要|不用).{0,4}"
    r"(?:提醒|问候|发|打扰)"
    r"|(?:去|在|要|正在)?(?:度假|休假|放假)(?!.{0,4}(?:吗|？|\?))",
    re.IGNORECASE,
)
_BACK = (
    "resume", "unpause", "start again", "go on again", "i'm back", "i am back", "i'm home again",
    "back from holiday", "恢复", "恢复提醒", "继续提醒", "取消暂停", "结束暂停", "我回来了",
    "度假回来了", "可以继续了",
)  # fmt: skip


def wanted(turn: Turn, services: Services) -> Turn:
    """ "Pause for a week", "暂停一周", "I'm on holiday until Friday"; and "I'm back"."""
    if turn.incoming.kind not in TYPED:
        return turn
    plain = turn.text.strip().strip(".!。！ ").casefold().replace("’", "'")
    if turn.patient.status is PatientStatus.PAUSED and plain in _BACK:
        return awake(turn)
    if not _WANTED.search(turn.text.replace("’", "'")):
        return turn
    whens = understand(
        turn.text, language=turn.language, now=turn.now, zone=turn.patient.zone, waking=True
    )
    if not whens:
        return _how_long(turn)
    return _until(turn, whens[0])


def answer(turn: Turn, services: Services) -> Turn:
    """The button under what was read back; other words leave everything as it was."""
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith("z:")
    topic = turn.dialogue.topic
    if topic.get("name") != NAME:
        return replace(turn, handled=True) if tapped else turn
    chosen = turn.incoming.data.removeprefix("z:") if tapped else _in_words(turn)
    closed = replace(turn, dialogue=turn.topic({}))
    if not chosen:
        return closed  # other words leave everything as it was
    if chosen == "no":
        return _say(closed, "not_paused")
    if chosen.isdigit():
        return _confirm(turn, turn.now + timedelta(days=int(chosen)))
    if chosen == "open":
        return _confirm(turn, None)
    until = str(topic.get("until", ""))
    if chosen not in {pause.value for pause in Pause} or "until" not in topic:
        return replace(turn, handled=True)
    return _begin(closed, Pause(chosen), datetime.fromisoformat(until) if until else None)


def _in_words(turn: Turn) -> str:
    """Yes and no; where yes could mean two things the more careful one is taken."""
    said = consent_in(turn.text)
    if said == "yes" and "until" in turn.dialogue.topic:
        return str((Pause.ORDINARY if _clinical(turn) else Pause.ALL).value)
    return "no" if said == "no" else ""


def awake(turn: Turn) -> Turn:
    """The pause ends now, because the patient says so."""
    patient = replace(turn.patient, status=PatientStatus.ACTIVE, pause=None, paused_until=None)
    return _say(replace(turn, patient=patient), "ended")


def _until(turn: Turn, when: When) -> Turn:
    if when.problem is not None:
        said = say(f"reminders.problem_{when.problem}", turn.language, words=when.words)
        return turn.say(Draft(text=said, approved=True))
    today = turn.now.astimezone(turn.patient.zone).date()
    until: datetime | None = None
    if when.kind == "duration" and when.seconds:
        until = turn.now + timedelta(seconds=when.seconds)
    elif when.kind == "date" and when.value:
        until = moment(date.fromisoformat(when.value), "00:00", turn.patient.zone)
    elif when.kind == "range" and when.start and when.end and "-" in when.start:
        if date.fromisoformat(when.start[:10]) > today:
            return _say(turn, "begins_later", day=_day(turn, when.start[:10]))
        until = moment(date.fromisoformat(when.end[:10]), "00:00", turn.patient.zone)
    elif when.moment is not None:
        until = when.moment.replace(tzinfo=turn.patient.zone)
    if until is None:
        return _how_long(turn)
    if until <= turn.now:
        said = say("reminders.problem_past", turn.language, words=when.words)
        return turn.say(Draft(text=said, approved=True))
    if until - turn.now > LONGEST:
        return _say(turn, "too_long", days=LONGEST.days)
    return _confirm(turn, until)


def _how_long(turn: Turn) -> Turn:
    choices = (("7", "button_week"), ("14", "button_fortnight"), ("open", "button_open"))
    rows = tuple(_button(turn, data, words) for data, words in (*choices, ("no", "button_no")))
    draft = Draft(text=say("pause.how_long", turn.language), buttons=rows, approved=True)
    return turn.say(draft, dialogue=turn.topic({"name": NAME}))


def _confirm(turn: Turn, until: datetime | None) -> Turn:
    clinical = _clinical(turn)
    shown = _moment(turn, until) if until else ""
    text = say("pause.confirm", turn.language, until=shown, clinical=clinical)
    rows = [_button(turn, Pause.ALL.value, "button_all" if clinical else "button_yes")]
    if clinical:
        rows.insert(0, _button(turn, Pause.ORDINARY.value, "button_ordinary"))
    draft = Draft(text=text, buttons=(*rows, _button(turn, "no", "button_no")), approved=True)
    topic = {"name": NAME, "until": until.isoformat() if until else ""}
    return turn.say(draft, dialogue=turn.topic(topic))


def _begin(turn: Turn, pause: Pause, until: datetime | None) -> Turn:
    patient = replace(turn.patient, status=PatientStatus.PAUSED, pause=pause, paused_until=until)
    concerns: tuple[Concern, ...] = ()
    if pause is Pause.ALL and _clinical(turn):
        # Silence about a medicine is something a person should know of.
        concerns = (Concern(reason="paused", tier="P3"),)
    words = "begun_all" if pause is Pause.ALL else "begun_ordinary"
    shown = _moment(turn, until) if until else ""
    return _say(replace(turn, patient=patient, concerns=concerns), words, until=shown)


def _clinical(turn: Turn) -> list[str]:
    """What would fall silent and is more than a courtesy, in the patient's or nurse's words."""
    found: list[Schedule] = [
        one for one in turn.schedules
        if kinds()[one.kind].message_class is MessageClass.CLINICAL
    ]  # fmt: skip
    return list(dict.fromkeys(one.what for one in found if one.what))


def _moment(turn: Turn, at: datetime) -> str:
    local = at.astimezone(turn.patient.zone)
    day = day_in_words(at, turn.patient.zone, turn.language)
    return day if f"{local:%H:%M}" == "00:00" else f"{day} {local:%H:%M}"


def _day(turn: Turn, iso: str) -> str:
    noon = moment(date.fromisoformat(iso), "12:00", turn.patient.zone)
    return day_in_words(noon, turn.patient.zone, turn.language)


def _button(turn: Turn, data: str, words: str) -> tuple[Button, ...]:
    return (Button(label=say(f"pause.{words}", turn.language), data=f"z:{data}"),)


def _say(turn: Turn, words: str, **values: object) -> Turn:
    return turn.say(Draft(text=say(f"pause.{words}", turn.language, **values), approved=True))
