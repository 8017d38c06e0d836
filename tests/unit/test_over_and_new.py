"""A good end, a name or somebody else's story in the message hides no emergency of now."""

import pytest

import safety
from safety.verdict import Language, PatientFacts, Tier, Verdict


def _heard(text: str) -> Verdict:
    language: Language = "en" if text.isascii() else "zh"
    readings = safety.read_vitals(text, language=language)
    return safety.screen(text, patient=PatientFacts(language=language), readings=readings)


#: by cause: an emergency at once, without a question
OUTRIGHT = {
    "ended well, and ill anew without the word again": [
        "He had a stroke in June, back at work, his left arm has gone dead and he's dribbling",
        "dad had a heart attack at Easter, doing well, gone grey and clutching his chest",
        "My brother had a seizure last term, back at school, he's on the floor jerking",
        "ma da had a stroke in June, he's back at the bowls. His mooth's a' tae wan side",
        "My husband had a heart attack in June, he's a driver now. He's slumped at the wheel",
        "anaphylaxis in August, doing great, ate a nut bar, tongue swelling, throat closing",
        "last pregnancy I bled, home and well. Blood's running down my legs, 30 weeks",
        "wee man choked last term and he's flying, he's choking at the table on a sausage",
        "His face has dropped. He had a stroke in June, back at work.",
        "前年中风过，康复了，嘴歪了说不清话",
        "去年心梗放了支架，早上班了，胸口压得像石头，出汗",
        "三年前中过风，早好了，左边胳膊抬不起来",
        "几年前哮喘住过院，后来再没犯，嘴唇发紫，话说不成句",
        "侬晓得伐，姆妈前年中风老早好了，嘴巴歪脱了",
        "老师中风了，早上班了，师母歪着嘴讲不出话",
    ],
    "the name of a thing, and the body beside it": [
        "Your chest pain questionnaire: yes, crushing, yes down the arm, yes sweating",
        "In answer to chest pain section: severe, one hour, sweating",
        "chest pain code 4 on your sheet, thats me, squeezing, breathless",
        "Chest pain team? Send them. He's on the floor clutching it",
        "Chest pain unit full they told me, so I'm home with it crushing",
        "how many people get this crushing chest pain? mine is down the arm, I'm cold",
        "胸痛门诊的护士没接，我胸口压得喘不上气",
        "自杀风险的量表我填了，满分，刀在手里",
    ],
    "somebody's death, and the writer's own body": [
        "My dad's death from a heart attack was sudden and I have the same crushing chest pain",
        "我爸心梗去世的，我胸口压着疼出冷汗",
        "Since mum's passing of a stroke I worry, and my hand has gone dead",
    ],
    "a figure of speech meant as it is said": [
        "my ex stabbed me in the back at work, I can feel the blood running",
        "my ex stabbed me in the back by the kitchen door",
        "可爱的外孙失血过多脸都白了，玻璃划了脖子",
        "房租没交，产后大出血没人送我",
        "旅游路上老婆大出血，怀孕八个月",
        "学费交了，老婆产后大出血",
    ],
}


@pytest.mark.parametrize("text", [text for texts in OUTRIGHT.values() for text in texts])
def test_an_emergency_beside_what_is_over_or_only_named_is_one_outright(text: str) -> None:
    verdict = _heard(text)
    assert verdict.tier is Tier.P0
    assert not verdict.asked


SILENT = [
    "My dad's death from a heart attack was sudden, I'd like to join the walk for him",
    "Our head of sales stabbed us in the back at work, what a week",
    "Our cook had a heart attack in June and he's back at work now, grumpy as ever.",
    "Chest pain team? Lovely lot. What's their number for the bookings?",
    "旅游回来钱包大出血",
    "自杀风险的量表培训是几号",
    "邻居王叔前年中风，早好利索了，天天打太极",
]


@pytest.mark.parametrize("text", SILENT)
def test_the_same_words_without_a_body_are_none(text: str) -> None:
    assert not _heard(text).tier.is_at_least(Tier.P1)


@pytest.mark.parametrize(
    "text",
    [
        "The crisis line is engaged and I've got the rope in my hand",
        "tablets in my lap, 988 just rings and rings",
        "三年前救回来过，刚刚又把一瓶都吞了",
        "绿色通道往哪走，我爸快不行了",
    ],
)
def test_means_in_the_hand_and_a_person_dying_are_heard_beside_a_line_and_a_past(text: str) -> None:
    verdict = _heard(text)
    assert verdict.tier is Tier.P0
    assert not verdict.asked


@pytest.mark.parametrize(
    "text",
    [
        "the leaflet of the crisis line is in my hand",
        "我妈快不行了哈哈，跳了一晚上",
        "手机快不行了",
    ],
)
def test_a_leaflet_a_joke_and_a_phone_are_none(text: str) -> None:
    assert _heard(text).tier is Tier.P3
