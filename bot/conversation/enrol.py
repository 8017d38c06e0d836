"""Enrolment: what the bot is, consent purpose by purpose, and the few facts it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.domain import places
from bot.domain.checkin import Schedule
from bot.domain.dates import birth_date_in
from bot.domain.message import Button, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import CONSENT_VERSION, Consent, Patient, PatientStatus, Purpose
from bot.domain.turn import Turn
from bot.ports import Clinic
from bot.whom_to_call import number_to_call
from prompts import say

CONSENTS = tuple(purpose.value for purpose in Purpose)
STEPS = (
    "language", *CONSENTS, "country", "city", "name", "birth_date",
    "sex",
)  # fmt: skip
_COUNTRY_BUTTONS = ("CN", "GB", "US", "HK", "SG", "TW")
_LANGUAGE_BUTTONS = (
    (
        Button(label="English", data="n:language:en"),
        Button(label="简体中文", data="n:language:zh"),
    ),
)
_YES = ("yes", "y", "ok", "okay", "sure", "agree", "是", "好", "好的", "可以", "同意", "行", "愿意")
_NO = ("no", "n", "nope", "don't agree", "不", "否", "不同意", "不可以", "不要", "不行", "不愿意")
_SKIP = ("skip", "跳过", "不说", "prefer not to say", "不方便说")
_SEX = {
    "female": "female", "f": "female", "woman": "female", "女": "female", "女性": "female",
    "male": "male", "m": "male", "man": "male", "男": "male", "男性": "male",
}  # fmt: skip


def welcome(patient: Patient, clinic: Clinic) -> tuple[dict[str, Any], Draft]:
    """The first words after a good code: both languages, one question."""
    return {"name": "enrolment", "step": "language"}, Draft(
        text=say("enrol.language", "en", clinic=clinic.name)
        + "\n\n"
        + say("enrol.language", "zh", clinic=clinic.name),
        buttons=_LANGUAGE_BUTTONS,
        approved=True,
        bilingual=True,
    )


def enrolment(turn: Turn, clinic: Clinic) -> Turn:
    """Take the answer to the question asked, and ask the next one; free text works everywhere."""
    topic = turn.dialogue.topic
    if topic.get("name") != "enrolment":
        if turn.patient.status is not PatientStatus.ENROLLED:
            return _anew(turn, clinic)
        topic, draft = welcome(turn.patient, clinic)
        return turn.say(draft, dialogue=turn.topic(topic))
    step = str(topic["step"])
    answer = _answer(turn, step)
    if answer is None:  # a button of an earlier question, tapped again
        return replace(turn, handled=True)
    taken = _TAKE[step](turn, answer)
    if taken is None:
        unclear = say(f"enrol.unclear_{_kind(step)}", turn.language)
        return turn.say(Draft(text=unclear, approved=True), question(step, turn.patient))
    if step == Purpose.CARE_MESSAGES.value and not taken.consents[-1].granted:
        return _without(taken)
    if topic.get("only") == "consents" and step in (_asked(clinic)[-1], CONSENTS[-1]):
        saved = Draft(text=say("enrol.consents_saved", taken.language), approved=True)
        return taken.say(saved, dialogue=turn.topic({}))
    return _next(taken, step, clinic)


def _without(turn: Turn) -> Turn:
    """The bot may not keep or answer anything: nothing goes on, and only /start asks again."""
    left = replace(turn, patient=replace(turn.patient, status=PatientStatus.ENROLLED), stop=True)
    words = Draft(text=say("enrol.cannot_without", left.language), approved=True)
    return left.say(words, dialogue=left.topic({}))


def _anew(turn: Turn, clinic: Clinic) -> Turn:
    """A tap under a question whose words have changed. Words never answer it: a plain "yes" to
    something else must not become a consent."""
    step = turn.incoming.data.removeprefix("n:").partition(":")[0]
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith("n:")
    if not tapped or step not in {one.value for one in turn.patient.outdated}:
        return turn
    taken = _TAKE[step](turn, _answer(turn, step) or "")
    if taken is None:
        return replace(turn, handled=True)
    if step == Purpose.CARE_MESSAGES.value and not taken.consents[-1].granted:
        return _without(taken)
    left = changed(taken.patient, clinic)
    if left:
        return taken.say(question(left[0], taken.patient))
    return taken.say(Draft(text=say("enrol.consents_saved", taken.language), approved=True))


def changed(patient: Patient, clinic: Clinic) -> list[str]:
    """The purposes that were answered to earlier words than those asked today, in their order."""
    return [one for one in _asked(clinic) if Purpose(one) in patient.outdated]


def _asked(clinic: Clinic) -> tuple[str, ...]:
    """The purposes that this clinic asks for."""
    left_out = () if clinic.similar_cases else (Purpose.SIMILAR_CASES.value,)
    return tuple(one for one in CONSENTS if one not in left_out)


def consents_again(turn: Turn) -> Turn:
    """ "Each can be changed later": the questions of consent once more, and nothing else."""
    topic = {"name": "enrolment", "step": CONSENTS[0], "only": "consents"}
    return turn.say(question(CONSENTS[0], turn.patient), dialogue=turn.topic(topic))


def _answer(turn: Turn, step: str) -> str | None:
    if turn.incoming.kind is not Kind.TAP:
        return turn.text.strip()
    tag, _, rest = turn.incoming.data.partition(":")
    asked, _, value = rest.partition(":")
    return value if (tag, asked) == ("n", step) else None


def _next(turn: Turn, step: str, clinic: Clinic) -> Turn:
    following = STEPS[STEPS.index(step) + 1 :]
    for name in following:
        if name in CONSENTS and name not in _asked(clinic):
            continue
        if name == "city" and len(places.clocks(turn.patient.country)) == 1:
            zone = places.clocks(turn.patient.country)[0]
            turn = replace(turn, patient=replace(turn.patient, timezone=zone))
            continue
        if name == "name" and turn.patient.name:
            continue
        topic = {**turn.dialogue.topic, "name": "enrolment", "step": name}
        drafts = [question(name, turn.patient)]
        if step == "language":
            number = number_to_call(turn.patient)
            about = say("enrol.about", turn.language, clinic=clinic.name, number=number)
            drafts.insert(0, Draft(text=about, approved=True))
        return turn.say(*drafts, dialogue=turn.topic(topic))
    return _finish(turn, clinic)


def _finish(turn: Turn, clinic: Clinic) -> Turn:
    patient = replace(turn.patient, status=PatientStatus.ACTIVE)
    words = say(
        "enrol.done",
        patient.language,
        name=patient.name,
        time=clinic.checkin_time,
        zone=places.zone_label(patient.timezone, patient.language),
        reminders=Purpose.REMINDERS in patient.consents,
        number=number_to_call(patient),
    )
    schedule = Schedule(
        id=f"wellness/{patient.id}",
        patient_id=patient.id,
        kind="wellness",
        time=clinic.checkin_time,
    )
    return turn.say(
        Draft(text=words, approved=True),
        patient=patient,
        dialogue=turn.topic({}),
        scheduled=(schedule, weekly_summary(patient, turn.now)),
    )


def weekly_summary(patient: Patient, now: datetime) -> Schedule:
    """The week in one message, on Sunday evening in the patient's own clock."""
    day = now.astimezone(patient.zone).date().isoformat()
    return Schedule(
        id=f"summary/{patient.id}",
        patient_id=patient.id,
        kind="summary",
        rule={
            "frequency": "weekly",
            "interval": 1,
            "weekdays": [6],
            "times": ["17:00"],
            "start": day,
        },
    )


def question(step: str, patient: Patient) -> Draft:
    """The question of one step with its buttons."""
    language = patient.language

    def button(label: str, value: str) -> Button:
        return Button(label=label, data=f"n:{step}:{value}")

    rows: tuple[tuple[Button, ...], ...] = ()
    if step == "language":
        rows = _LANGUAGE_BUTTONS
    elif step in CONSENTS:
        rows = (
            (button(say("enrol.yes", language), "yes"), button(say("enrol.no", language), "no")),
        )
    elif step == "country":
        names = [button(places.country_name(c, language), c) for c in _COUNTRY_BUTTONS]
        rows = (tuple(names[:3]), tuple(names[3:]))
    elif step == "city":
        zones = places.clocks(patient.country)
        rows = tuple((button(places.zone_label(z, language), z),) for z in zones)
    elif step in ("birth_date", "name"):
        rows = ((button(say("enrol.skip", language), "skip"),),)
    elif step == "sex":
        rows = (
            (
                button(say("enrol.female", language), "female"),
                button(say("enrol.male", language), "male"),
            ),
            (button(say("enrol.skip", language), "skip"),),
        )
    return Draft(text=say(f"enrol.ask_{step}", language), buttons=rows, approved=True)


def _language(turn: Turn, answer: str) -> Turn | None:
    wanted = answer.casefold()
    if wanted in ("en", "english", "英文", "英语"):
        return replace(turn, patient=replace(turn.patient, language="en"))
    if wanted in ("zh", "chinese", "中文", "简体中文", "汉语", "普通话"):
        return replace(turn, patient=replace(turn.patient, language="zh"))
    return None


def _consent(purpose: Purpose) -> Callable[[Turn, str], Turn | None]:
    def take(turn: Turn, answer: str) -> Turn | None:
        granted = _yes_or_no(answer)
        if granted is None:
            return None
        consent = Consent(
            patient_id=turn.patient.id,
            purpose=purpose,
            granted=granted,
            version=CONSENT_VERSION,
            at=turn.now,
        )
        held = turn.patient.consents - {purpose} | ({purpose} if granted else set())
        return replace(
            turn,
            consents=(*turn.consents, consent),
            patient=replace(
                turn.patient,
                consents=frozenset(held),
                outdated=turn.patient.outdated - {purpose},
            ),
        )

    return take


def _yes_or_no(answer: str) -> bool | None:
    wanted = answer.casefold().strip(".!。！ ")
    if wanted in _YES:
        return True
    return False if wanted in _NO else None


def _country(turn: Turn, answer: str) -> Turn | None:
    code = places.country_named(answer)
    if code is None:
        return None
    return replace(turn, patient=replace(turn.patient, country=code, city=""))


def _city(turn: Turn, answer: str) -> Turn | None:
    here = places.zones(turn.patient.country)
    zone = answer if answer in here else places.zone_of_city(answer, turn.patient.country)
    if zone is None:
        return None
    city = places.zone_label(zone, turn.language) if answer in here else answer[:80]
    return replace(turn, patient=replace(turn.patient, timezone=zone, city=city))


def _name(turn: Turn, answer: str) -> Turn | None:
    if answer.casefold() in _SKIP:
        return turn
    name = " ".join(answer.split())[:60]
    return replace(turn, patient=replace(turn.patient, name=name)) if name else None


def _birth_date(turn: Turn, answer: str) -> Turn | None:
    if answer.casefold() in _SKIP:
        return turn
    born = birth_date_in(answer)
    if born is None or not _plausible(born, turn.now):
        return None
    return replace(turn, patient=replace(turn.patient, birth_date=born))


def _plausible(born: date, now: datetime) -> bool:
    return 0 <= now.year - born.year <= 120 and born <= now.date()


def _sex(turn: Turn, answer: str) -> Turn | None:
    if answer.casefold() in _SKIP:
        return turn
    sex = _SEX.get(answer.casefold())
    return replace(turn, patient=replace(turn.patient, sex=sex)) if sex else None


def _kind(step: str) -> str:
    return "yes_no" if step in CONSENTS else step


_TAKE: dict[str, Callable[[Turn, str], Turn | None]] = {
    "language": _language,
    **{purpose.value: _consent(purpose) for purpose in Purpose},
    "country": _country,
    "city": _city,
    "name": _name,
    "birth_date": _birth_date,
    "sex": _sex,
}
