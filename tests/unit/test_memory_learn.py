"""What a message teaches about its patient, and the near misses that must teach nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory import learn
from memory.learn import read

A, M, C, OB = "AllergyIntolerance", "MedicationStatement", "Condition", "Observation"
F, G, P, S = "FamilyMemberHistory", "Goal", "Preference", "SocialHistory"

STATED_EN = [
    ("I'm allergic to penicillin.", A, "penicillin"),
    ("I am severely allergic to peanuts and shellfish", A, "peanuts and shellfish"),
    ("Hello! I have a latex allergy", A, "latex"),
    ("i have an allergy to aspirin because it gave me hives", A, "aspirin"),
    ("Ibuprofen gives me hives", A, "Ibuprofen"),
    ("I'm lactose intolerant, and I'm intolerant to codeine", A, "codeine"),
    ("I take metformin 500 mg twice a day", M, "metformin 500 mg twice a day"),
    ("I'm on warfarin", M, "warfarin"),
    ("I am taking 10 mg of lisinopril", M, "10 mg of lisinopril"),
    ("I've been taking atorvastatin for two years", M, "atorvastatin"),
    ("I was put on amlodipine", M, "amlodipine"),
    ("I inject insulin every night", M, "insulin"),
    ("I take my blood pressure tablets in the morning", M, "blood pressure tablets"),
    ("I have type 2 diabetes", C, "type 2 diabetes"),
    ("I've got asthma, but it is mild", C, "asthma"),
    ("I was diagnosed with atrial fibrillation in March", C, "atrial fibrillation"),
    ("I'm diabetic", C, "diabetic"),
    ("I am pregnant!", C, "pregnant"),
    ("My father had a heart attack", F, "heart attack"),
    ("my mum has osteoporosis", F, "osteoporosis"),
    ("My left knee hurts when I climb stairs", OB, "left knee hurts"),
    ("my ankles are swollen", OB, "ankles are swollen"),
    ("There is pain in my chest", OB, "pain in my chest"),
    ("I have back pain", OB, "back pain"),
    ("I've got a bad headache", OB, "headache"),
    ("I feel a bit dizzy this morning", OB, "dizzy"),
    ("I can't sleep", OB, "can't sleep"),
    ("I want to lose 5 kg by summer", G, "lose 5 kg by summer"),
    ("My goal is to walk to the market again", G, "walk to the market again"),
    ("I'd like to dance at my granddaughter's wedding", G, "dance at my"),
    ("Please call me Mary", P, "Mary"),
    ("I prefer messages in the evening", P, "messages in the evening"),
    ("I don't like fish", P, "fish"),
    ("I live alone", S, "live alone"),
    ("I'm retired.", S, "retired"),
    ("I don't smoke", S, "don't smoke"),
    ("My daughter helps me with my tablets", S, "daughter helps me"),
]
SILENT_EN = [
    "My sister is allergic to penicillin",
    "I might be allergic to penicillin",
    "Am I allergic to penicillin?",
    "I'm not allergic to anything",
    "I'm not allergic to penicillin any more",
    "If I'm allergic to it, what then",
    "I used to be allergic to eggs",
    "I think I'm allergic to cats",
    "My neighbour takes warfarin",
    "Should I take aspirin?",
    "I stopped metformin; I take nothing now",
    "I don't take aspirin",
    "I never took insulin",
    "I take a walk after dinner",
    "I'm on holiday",
    "I'm worried I have diabetes",
    "I don't have asthma",
    "Do I have high blood pressure?",
    "The doctor ruled out cancer, I was told I have cancer and it was ruled out",
    "My knee doesn't hurt",
    "My knee used to hurt",
    "My wife's knee hurts",
    "I want to talk to the nurse",
    "Please call me back",
    "Call me when you can",
    "Good morning",
    "I no longer live alone",
    "Maybe I have gout",
    'My friend said "I have asthma"',
    "What does it mean if I have gout",
]
STATED_ZH = [
    ("我对青霉素过敏", A, "青霉素"),
    ("您好，我对海鲜和花生过敏。", A, "海鲜和花生"),
    ("我从小对牛奶过敏", A, "牛奶"),
    ("我一吃虾就起疹子", A, "虾"),
    ("我有花粉过敏", A, "花粉"),
    ("我每天吃二甲双胍500毫克", M, "二甲双胍500毫克"),
    ("我在吃阿司匹林", M, "阿司匹林"),
    ("早上吃了一片降压药", M, "一片降压药"),
    ("我现在打胰岛素，早晚各10单位", M, "胰岛素"),
    ("医生给我开了氨氯地平5毫克", M, "氨氯地平5毫克"),
    ("我一直服用阿托伐他汀", M, "阿托伐他汀"),
    ("我睡前吃半片安眠药", M, "安眠药"),
    ("我有糖尿病", C, "糖尿病"),
    ("我得了2型糖尿病", C, "2型糖尿病"),
    ("我高血压十年了", C, "高血压"),
    ("我去年确诊了房颤", C, "房颤"),
    ("我患有慢性肾病", C, "慢性肾病"),
    ("我怀孕了", C, "怀孕"),
    ("我爸爸有心脏病", F, "心脏病"),
    ("我妈得过乳腺癌", F, "乳腺癌"),
    ("我左边膝盖疼", OB, "膝盖疼"),
    ("膝盖特别疼，上楼更厉害", OB, "膝盖特别疼"),
    ("脚有点肿", OB, "脚有点肿"),
    ("我胸口闷", OB, "胸口闷"),
    ("今天头晕得厉害", OB, "头晕"),
    ("昨晚又睡不着", OB, "睡不着"),
    ("我咳嗽三天了", OB, "咳嗽"),
    ("这两天浑身没劲", OB, "浑身没劲"),
    ("我想减肥", G, "减肥"),
    ("我希望能把血糖控制在7以下", G, "血糖"),
    ("我打算戒烟", G, "戒烟"),
    ("叫我老王就好", P, "老王"),
    ("我喜欢早上散步", P, "早上散步"),
    ("我不吃辣", P, "辣"),
    ("我一个人住", S, "一个人住"),
    ("我跟女儿一起住", S, "跟女儿一起住"),
    ("我已经退休了", S, "退休"),
    ("我不抽烟", S, "不抽烟"),
    ("女儿照顾我", S, "女儿照顾我"),
]
SILENT_ZH = [
    "我姐姐对青霉素过敏",
    "我可能对青霉素过敏",
    "我对青霉素过敏吗？",
    "我对青霉素不过敏",
    "我没有过敏",
    "我以前对鸡蛋过敏，现在好了",
    "如果我对它过敏怎么办",
    "我怀疑我对猫过敏",
    "我老伴在吃华法林",
    "我能吃阿司匹林吗",
    "我没吃二甲双胍",
    "我已经不吃降压药了",
    "二甲双胍停了",
    "我没有糖尿病",
    "我是不是有糖尿病",
    "我担心得了癌症",
    "我妈有点头晕",
    "膝盖不疼了",
    "我的腿以前疼",
    "我儿子咳嗽",
    "头晕是什么原因",
    "早上好",
    "我想找护士",
    "叫我一声就行吗",
    "我吃了早饭",
    "他一个人住在老家不好",
    "会不会是高血压",
    "听说我这是痛风",
    "医生排除了心绞痛",
    "邻居得了肺癌",
    "二甲双胍空腹吃还是饭后吃",
]


@pytest.mark.parametrize(
    ("language", "text", "kind", "words"),
    [("en", *row) for row in STATED_EN] + [("zh", *row) for row in STATED_ZH],
)
def test_a_stated_fact_is_learnt_with_its_place(
    language: str, text: str, kind: str, words: str
) -> None:
    found = learn(text, language=language, said_by="patient")
    facts = [s for s in found if s.kind == kind and words.casefold() in s.text.casefold()]
    assert len(facts) == 1, found
    [fact] = facts
    assert text[fact.start : fact.end].strip()
    assert fact.certain


@pytest.mark.parametrize(
    ("language", "text"), [("en", t) for t in SILENT_EN] + [("zh", t) for t in SILENT_ZH]
)
def test_mention_is_not_assertion(language: str, text: str) -> None:
    assert learn(text, language=language, said_by="patient") == ()


@pytest.mark.parametrize("said_by", ["bot", "nurse", "carer", "device", "inferred"])
def test_only_the_patients_own_words_teach(said_by: str) -> None:
    assert learn("I'm allergic to penicillin", language="en", said_by=said_by) == ()  # type: ignore[arg-type]


def test_what_a_doctor_is_said_to_have_said_is_not_certain() -> None:
    [fact] = learn("My doctor told me I have gout", language="en", said_by="patient")
    assert (fact.kind, fact.certain) == ("Condition", False)


def test_two_facts_in_one_message_are_both_learnt() -> None:
    found = learn(
        "I'm allergic to penicillin. I take metformin 500 mg daily, and my knee hurts.",
        language="en",
        said_by="patient",
    )
    assert [s.kind for s in found] == [A, M, OB]


@pytest.mark.parametrize(
    ("was", "broken", "named"),
    [
        ("kind: AllergyIntolerance", "kind: Allergy", "statements"),
        ("reported:", "reports:", "reported"),
        ("source:", "origin:", "source"),
    ],
)
def test_a_broken_file_names_itself_and_the_field(
    tmp_path: Path, was: str, broken: str, named: str
) -> None:
    whole = (Path(__file__).parents[2] / "memory/facts/en.yaml").read_text(encoding="utf-8")
    (tmp_path / "en.yaml").write_text(whole.replace(was, broken, 1), "utf-8")
    with pytest.raises(ValueError, match=rf"en\.yaml: .*{named}"):
        read(tmp_path / "en.yaml")
