"""Every word the house can say to a patient passes its own review, in both languages."""

from __future__ import annotations

import ast
import re
import string
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from jinja2 import UndefinedError, meta

import safety
from bot.console.words import Shown
from bot.domain.checkin import kinds
from bot.escalations.card import topic
from prompts import LANGUAGES, UnknownWords, check, say
from prompts.catalogue import _environment, _messages, _plain
from safety import Finding, Language, PatientFacts, ReviewContext, Verdict, lexicon

#: Shown on a screen to the care team, or chips of the demo page: never put in the post.
_NOT_POSTED = ("console.", "chat.", "care.card", "care.state_", "care.tier_", "care.button_",
               "watch.card_", "watch.email", "watch.call_button_", "watch.canary")  # fmt: skip
#: Said only after a person has really accepted; ``accept`` says so to the review.
_TRUE_NURSE = (
    "care.status_accepted", "care.nurse_is_looking", "care.from_person",
    "watch.call_no_need", "watch.call_question_again",
)  # fmt: skip
_VALUES: dict[str, Any] = {
    "time": "09:00", "count": 3, "who": "Bob", "name": "", "reminders": True, "said": 3,
    "asked": 3, "taken": 1, "skipped": 1, "open": 1,
    "lines": ["132/84"], "facts": ["penicillin"], "readings": ["132/84 mmHg"], "consents": ["…"],
}  # fmt: skip


def test_both_languages_hold_the_same_messages() -> None:
    assert check() > 100


def test_a_missing_word_or_value_is_an_error_and_never_a_blank() -> None:
    with pytest.raises(UnknownWords):
        say("enrol.nothing", "en")
    with pytest.raises(UndefinedError):
        say("enrol.stranger", "en")


@pytest.mark.parametrize("language", get_args(Language))
def test_every_message_to_a_patient_passes_the_review(language: Language) -> None:
    broken = {}
    for key, text in _messages(language).items():
        if key.startswith(_NOT_POSTED):
            continue
        names = meta.find_undeclared_variables(_environment.parse(text))
        said = _environment.from_string(text).render({n: _VALUES.get(n, "x") for n in names})
        context = ReviewContext(
            language=language, approved=True, nurse_status_true=key in _TRUE_NURSE
        )
        if said.strip() and not (verdict := safety.review(said, context)).allowed:
            broken[key] = [(reason.rule, reason.said) for reason in verdict.reasons]
    assert broken == {}


@pytest.mark.parametrize("language", get_args(Language))
def test_the_number_of_every_country_passes_the_review(language: Language) -> None:
    context = ReviewContext(language=language, approved=True)
    numbers = {safety.contacts(country).ambulance for country in safety.COUNTRIES}
    said = 0
    for key, text in _messages(language).items():
        names = meta.find_undeclared_variables(_environment.parse(text))
        if key.startswith(_NOT_POSTED) or not names & {"number", "ems"} or key in _TRUE_NURSE:
            continue
        said += 1
        for number in [*numbers, say("answer.number_unknown", language)]:
            values = {n: _VALUES.get(n, "x") for n in names} | {"number": number, "ems": number}
            review = safety.review(say(key, language, **values), context)
            assert review.allowed, (key, number, review.reasons)
    assert said > 30


#: Said where no country of the patient is known, to somebody else, or where the police may be
#: meant, whose number is not on record; travel tells the number itself. "answer.cannot" is heard
#: after ordinary words that are only kept, many times a day: a number there sounds like an alarm.
_NO_NUMBER = (
    "answer.cannot", "answer.number_unknown",
    "enrol.ask_country", "enrol.stranger", "enrol.bad_code",
    "carer.linked", "carer.told_nothing", "carer.nurse", "flagged.safe_to_talk",
    "intercepts.harm_request", "travel.",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_to_a_patient_speaks_of_a_number_it_could_name(language: str) -> None:
    spoken = re.compile(r"(?:the|your(?: local)?) emergency number|急救(?:或报警)?电话")
    mute = [
        key
        for key, text in _messages(language).items()
        if spoken.search(text) and not key.startswith((*_NOT_POSTED, *_NO_NUMBER))
    ]
    assert mute == []


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("country", ["", *safety.COUNTRIES])
def test_every_red_flag_may_say_its_first_words_everywhere(
    country: str, language: Language
) -> None:
    patient = PatientFacts(language=language, country=country)
    for status, phone in (("trying", ""), ("nobody", ""), ("nobody", "01632 960001")):
        nurse = say(f"care.status_{status}", language, phone=phone)
        for flag in lexicon.load().flags.values():
            finding = Finding(flag=flag.id, tier=flag.tier, source="rule")
            verdict = Verdict(findings=(finding,))
            context = ReviewContext(language=language, approved=True, flagged_tier=flag.tier)
            words = safety.first_message(verdict, patient=patient, nurse_status=nurse)
            review = safety.review(words, context)
            assert review.allowed, (flag.id, words, review.reasons)
            question = safety.clarifying_question(verdict, patient)
            review = safety.review(question, ReviewContext(language=language, approved=True))
            assert review.allowed, (flag.id, question, review.reasons)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_without_conditions_reads_as_its_template_does(language: str) -> None:
    plain = 0
    for key, text in _messages(language).items():
        names = meta.find_undeclared_variables(_environment.parse(text))
        values = {name: f" 50 % of %({name})s {{{{ {name} }}}} " for name in names}
        if _plain(language, key) is None:
            continue
        plain += 1
        rendered = _environment.from_string(text).render(values).strip()
        assert say(key, language, **values, unused="x") == rendered, key
        for name in names:
            with pytest.raises(UndefinedError):
                say(key, language, **{k: v for k, v in values.items() if k != name})
    assert plain > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_holds_an_unfilled_place(language: str) -> None:
    for key, text in _messages(language).items():
        fields = [name for _, name, _, _ in string.Formatter().parse(text.replace("{{", "").replace(
            "}}", "").replace("{%", "").replace("%}", "")) if name]  # fmt: skip
        assert fields == [], key


def _reasons() -> set[str]:
    """What the code calls the matters it opens by itself."""
    found = {f"{kind.name}_missed" for kind in kinds().values() if kind.missed}
    found = found - {"wellness_missed"} | {"checkin_missed", "screen_error"}
    for path in (Path(__file__).parents[2] / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("begin", "Concern"):
                found |= {
                    word.value.value
                    for word in node.keywords
                    if word.arg == "reason" and isinstance(word.value, ast.Constant)
                }
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_matter_has_a_name_on_the_card_and_in_the_console(language: str) -> None:
    assert {"plan_limit", "not_asked", "medicine_missed", "bot_blocked"} <= _reasons()
    words = Shown(language, datetime(2026, 1, 5, tzinfo=UTC))
    for code in _reasons():
        for said in (topic(code, language), words.reason(code)):
            assert said.replace("_", " ") != code.replace("_", " ")
            assert said.isascii() == (language == "en"), (code, said)
