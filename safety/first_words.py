"""The fixed first words of an urgent verdict, and the one question of an uncertain one."""

from __future__ import annotations

import functools
import re
from datetime import timedelta
from pathlib import Path

from safety import lexicon
from safety.emergency import EmergencyContacts, contacts
from safety.files import read_toml, table_field, text_field
from safety.lexicon import LANGUAGES
from safety.verdict import Finding, Language, PatientFacts, Verdict

_FILE = Path(__file__).with_name("first_words.toml")
_KEYS = (
    "ems_unknown",
    "that_number",
    "unconfirmed",
    "busy",
    "crisis_unknown",
    "team",
    "team_at",
    "automated",
    "ask_default",
    "safety_net",
    "safety_net_people",
    "screen_error",
    "plain",
)
_BUSY = ("CN",)  # the ambulance line is per city there and can be engaged
_CJK_EDGE = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff“（])")


@functools.cache
def _words() -> dict[Language, dict[str, str]]:
    data = read_toml(_FILE)
    return {
        language: {
            key: text_field(table_field(data, language, _FILE.name), key, f"{_FILE.name}: {key}")
            for key in _KEYS
        }
        for language in LANGUAGES
    }


def first_message(
    verdict: Verdict, *, patient: PatientFacts, nurse_status: str, team_phone: str = ""
) -> str:
    """The approved text of the worst finding, in the patient's language, numbers filled in.

    ``nurse_status`` is one short sentence from the real state of the escalation, or "".
    ``team_phone`` is the clinic's own line, named with the care team where it is known. A finding
    without words of its own (a failed screen) gets the general ones. At most 90 English words.
    """
    words = _words()[patient.language]
    worst = verdict.worst
    where = contacts(patient.country, patient.city)
    template = _template(worst, patient.language)
    if "{EMS}" in template:
        template += " " + _otherwise(where, words)
    if "{NURSE_STATUS}" not in template:
        template += " {NURSE_STATUS}"
    text = _filled(template, where, words, team_phone).replace("{NURSE_STATUS}", nurse_status)
    return _tidy(f"{text} {words['automated']}", patient.language)


def _template(worst: Finding | None, language: Language) -> str:
    words = _words()[language]
    if worst is None:
        return words["plain"]
    flag = lexicon.load().flags.get(worst.flag)
    return flag.first_message[language] if flag else words["screen_error"]


def clarifying_question(verdict: Verdict, patient: PatientFacts) -> str:
    """The question of the flag that is only asked, with a safety-net line and the number."""
    words = _words()[patient.language]
    worst = verdict.worst
    flag = lexicon.load().flags.get(worst.flag) if worst else None
    ask = flag.ask.get(patient.language, "") if flag else ""
    net = words["safety_net_people" if worst and worst.people_only else "safety_net"]
    where = contacts(patient.country, patient.city)
    said = f"{ask or words['ask_default']} {net.format(ems=_ems(where, words))}"
    return _tidy(f"{said} {_otherwise(where, words)}", patient.language)


@functools.cache
def question_open_for() -> timedelta:
    """How long words alone answer the question; a later yes is asked about. ValueError."""
    hours = read_toml(_FILE).get("question_open_hours")
    if not isinstance(hours, int | float) or not 0 < hours <= 24:
        raise ValueError(f"{_FILE.name}: question_open_hours must be hours, at most 24")
    return timedelta(hours=hours)


def _filled(
    template: str, where: EmergencyContacts, words: dict[str, str], team_phone: str = ""
) -> str:
    """The numbers in place; said a second time, a choice is only "that number"."""
    ems = _ems(where, words)
    team = words["team_at"].format(phone=team_phone) if team_phone else words["team"]
    return (
        template.replace("{EMS}", ems, 1)
        .replace("{EMS}", where.ambulance or words["that_number"])
        .replace("{CRISIS}", _crisis(where, words))
        .replace("{POISON}", where.poison.number if where.poison else ems)
        .replace("{TEAM}", team)
    )


def _ems(where: EmergencyContacts, words: dict[str, str]) -> str:
    return where.ambulance or words["ems_unknown"]


def _otherwise(where: EmergencyContacts, words: dict[str, str]) -> str:
    """What to do when the number does not answer, where that is known to happen."""
    if where.known and not where.confirmed:
        return words["unconfirmed"].format(number=where.ambulance)
    if where.country in _BUSY:
        return words["busy"].format(number=where.ambulance)
    return ""


def _crisis(where: EmergencyContacts, words: dict[str, str]) -> str:
    """The verified line if there is one, else the first listed, else words without a number."""
    lines = sorted(where.crisis, key=lambda line: not line.verified)
    return lines[0].number if lines else words["crisis_unknown"]


def _tidy(text: str, language: Language) -> str:
    text = " ".join(text.split())
    if language == "zh":
        text = re.sub(r"(?<=[。！？；，]) ", "", text)
        text = _CJK_EDGE.sub("", text)
    return text
