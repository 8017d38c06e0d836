"""Numbers by country and the fixed first words: the right number or an honest choice."""

from __future__ import annotations

import pytest

import safety
from safety import lexicon
from safety.verdict import Finding, PatientFacts, Tier, Verdict

STATUS = {
    "en": "Our nurses are not online until 08:00, so please use the numbers above.",
    "zh": "护士八点上班，现在请先用上面的电话。",
}


def verdict_of(flag: str, *, asked: bool = False) -> Verdict:
    found = lexicon.load().flags[flag]
    finding = Finding(flag=flag, tier=found.tier, asked=asked, people_only=found.people_only)
    return Verdict(findings=(finding,))


@pytest.mark.parametrize(
    ("country", "number"),
    [("CN", "120"), ("GB", "999"), ("us", "911"), ("HK", "999"), ("JP", "119"), ("SG", "995")],
)
def test_the_ambulance_number_of_a_country(country: str, number: str) -> None:
    found = safety.contacts(country)
    assert found.known
    assert found.ambulance == number
    assert found.source


@pytest.mark.parametrize("country", ["", "XX", "ZZ", "Narnia"])
def test_an_unknown_country_has_no_number(country: str) -> None:
    found = safety.contacts(country)
    assert not found.known
    assert (found.ambulance, found.crisis, found.poison) == ("", (), None)


def test_every_country_is_known_and_none_claims_a_check_that_nobody_made() -> None:
    assert len(safety.COUNTRIES) == 59
    for country in safety.COUNTRIES:
        found = safety.contacts(country, "a city")
        assert (found.known, found.city, found.checked_on) == (True, "a city", None)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("country", ["", "CN", "TH", "US"])
@pytest.mark.parametrize("flag", sorted(lexicon.load().flags))
def test_first_words_are_short_and_complete(flag: str, country: str, language: str) -> None:
    patient = PatientFacts(language=language, country=country)
    said = safety.first_message(verdict_of(flag), patient=patient, nurse_status=STATUS[language])
    assert "{" not in said
    assert STATUS[language] in said
    assert ("automated assistant" in said) == (language == "en")
    assert ("自动助手" in said) == (language == "zh")
    assert len(said.split()) <= 90
    assert len(said) <= (620 if language == "en" else 180)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unknown_country_gets_a_choice_not_a_guess(language: str) -> None:
    patient = PatientFacts(language=language)
    said = safety.first_message(verdict_of("chest_pain_acs"), patient=patient, nurse_status="")
    assert all(number in said for number in ("112", "911", "999", "120"))


def test_a_crisis_message_names_the_local_line() -> None:
    verdict = verdict_of("suicide_ideation_active")
    patient = PatientFacts(language="zh", country="CN")
    said = safety.first_message(verdict, patient=patient, nurse_status="")
    assert "12356" in said
    assert "120" in said


def test_an_unconfirmed_number_comes_with_another_way() -> None:
    patient = PatientFacts(country="TH")
    said = safety.first_message(verdict_of("choking"), patient=patient, nurse_status="")
    assert "1669" in said
    assert "112" in said


def test_a_failed_screen_has_words_too() -> None:
    verdict = Verdict(findings=(Finding(flag="screen_error", tier=Tier.P1, source="error"),))
    said = safety.first_message(
        verdict, patient=PatientFacts(country="GB"), nurse_status="Our nurse has the alert."
    )
    assert "999" in said
    assert "Our nurse has the alert." in said


def test_the_clarifying_question_is_the_flags_own_with_a_safety_net() -> None:
    patient = PatientFacts(country="GB")
    said = safety.clarifying_question(verdict_of("chest_pain_acs", asked=True), patient)
    assert said.startswith("Is the pain or pressure in the chest there right now")
    assert "999" in said


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("flag", sorted(lexicon.load().flags))
def test_every_flag_has_a_question_with_the_number(flag: str, language: str) -> None:
    patient = PatientFacts(language=language, country="US")
    said = safety.clarifying_question(verdict_of(flag, asked=True), patient)
    assert "911" in said
    assert ("?" in said) or ("？" in said)
