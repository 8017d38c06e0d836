"""Plain complaints, medicines and denials raise no alarm; their urgent neighbours do."""

from __future__ import annotations

import pytest

import safety
from bot.bootstrap import load_hearing
from safety.classifier.heard import Hearing
from safety.verdict import Tier, Verdict

PLAIN = (
    "I have back pain",
    "I also take paracetamol",
    "are you a real person?",
    "I have palpitations now and then, what should I do?",
    "29 weeks, BP 116/72, no protein, midwife happy",
    "no headache, no funny vision, no chest tightness, just tired",
    "Changed the carbon monoxide alarm batteries today",
    "我现在还在吃布洛芬",
    "头疼两天了怎么办",
    "我咳嗽一周了，怎么办",
    "我头疼两天了，怎么办",
    "今天胸不闷气也不喘",
    "产检血压118/76，都正常",
    "哮喘病人能坐飞机带喷雾吗",
    "贴了膏药舒服多了",
    "把中药喝了，苦死我了",
)
#: The rules leave these alone; the classifier still asks about them.
LEFT_ALONE = (
    "took 2 paracetamol for my head, feels better",
    "I feel like I've been hit by a bus, two under two",
    "Checked the list: chest pain, coughing blood, black stools, calf pain. None of them.",
    "您说的胸痛、嘴歪、看不清，我一样都没有",
)
URGENT = (
    "35 weeks, blood pressure 168/112 and seeing stars",
    "no vision in my left eye since this morning",
    "the carbon monoxide alarm is screaming and we all feel sick",
    "took 24 paracetamol an hour ago",
    "怀孕33周，血压165，眼前冒金星",
    "哮喘犯了，喘得说不出话",
    "把安眠药全吃了",
    "气短得厉害，走五步歇一回",
    "none of the tablets touch it, crushing chest pain all night",
    "none of the warning signs except chest pain",
    "胸痛，一点力气都没有",
)


@pytest.fixture(scope="module")
def ears() -> Hearing:
    return load_hearing("")


def judged(text: str, ears: Hearing) -> Verdict:
    readings = safety.read_vitals(text)
    return safety.listen(safety.screen(text, readings=readings), text, ears, readings)


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_message_is_neither_called_an_emergency_nor_asked_about(
    text: str, ears: Hearing
) -> None:
    assert judged(text, ears).tier is not Tier.P0


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_the_rules_leave_it_alone(text: str) -> None:
    assert safety.screen(text, readings=safety.read_vitals(text)).tier is not Tier.P0


@pytest.mark.parametrize("text", URGENT)
def test_its_urgent_neighbour_is_answered_at_once(text: str) -> None:
    verdict = safety.screen(text, readings=safety.read_vitals(text))
    assert verdict.tier is Tier.P0
    assert not verdict.asked


def test_a_sign_dated_years_back_is_asked_about_and_one_of_today_is_not() -> None:
    past = safety.screen("I had a stroke five years ago, my left hand's still a bit slow")
    assert past.asked
    now = safety.screen("I had a stroke five years ago, and today my face is drooping")
    assert now.tier is Tier.P0
    assert not now.asked
