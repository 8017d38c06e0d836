"""What a message teaches about its patient, and the near misses that must teach nothing."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from memory import Found, Statement, learn
from memory.names import names_in, pattern_of
from memory.needed import Index, needed
from memory.rules import filled, read, rules_of

A, M, C, OB = "AllergyIntolerance", "MedicationStatement", "Condition", "Observation"
F, G, P, S = "FamilyMemberHistory", "Goal", "Preference", "SocialHistory"
V = "Appointment"

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
    ("Had a mini stroke in April", C, "mini stroke"),
    ("can I have a repeat of my olmesartan please?", M, "olmesartan"),
    ("I take magnesium, does that clash with anything?", M, "magnesium"),
    ("I have Ventolin if I get wheezy", M, "Ventolin"),
    ("I can't tolerate metformin", A, "metformin"),
    ("my wife puts my rivastigmine patch on me", M, "rivastigmine"),
    ("I'm on 40 of esomeprazole", M, "40 of esomeprazole"),
    ("I've a tickly cough that won't shift", OB, "cough"),
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
    "I'm supposed to start metformin on Monday",
    "I'm meant to be starting ramipril next week",
    "I finished the doxycycline on Sunday",
    "They took me off warfarin in March",
    "I had morphine in hospital after the op",
    "I nearly took my husband's amlodipine by mistake",
    "my little boy's on amoxicillin",
    "my lad's been throwing up all night",
    "writing for my wife, on 5 mg of amlodipine at night",
    "I'm allergic to my ex husband",
    "I'm allergic to hard work",
    "I'm sick and tired of being on hold",
    "I saw an advert for Wegovy",
    "Should I take my metformin before the scan?",
    "the leaflet said take 2 paracetamol",
    "Allergies, nil",
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
    ("我有高血压，能打疫苗吗？", C, "高血压"),
    ("一直吃拜新同，最近头晕，要不要加量？", M, "拜新同"),
    ("医生把格列美脲停了给加了安达唐", M, "安达唐"),
    ("甲亢在吃赛治", M, "赛治"),
    ("我妈糖尿病三十年了，我自己血压高了十来年", C, "血压高"),
    ("腰果不行，吃一粒嘴就麻", A, "腰果"),
    ("别嘌醇过敏住过院", A, "别嘌醇"),
    ("烧到39度1", OB, "39度1"),
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
    "我打算下个月开始吃叶酸",
    "大夫建议我打司美格鲁肽，我还没想好",
    "医生本来要给我开二甲双胍，后来没开",
    "原来吃过一阵子氯吡格雷",
    "头孢上个月吃了一周",
    "听人说吃阿司匹林能防血栓",
    "邻居大爷打胰岛素十几年了",
    "我闺女上幼儿园，鸡蛋牛奶都过敏",
    "代我妈问一下，吃可定和阿奇霉素",
    "昨天给狗喂了半片布洛芬",
    "我对你们这个系统过敏",
    "小学的时候对芒果过敏，现在吃都没事",
    "笑得我肚子疼",
    "我们单位体检查出三个甲状腺癌",
    "上周拉肚子，这周已经没事了",
    "糖尿病科的护士很好",
    "痛风，我哪有痛风，弄混了吧",
    "俺家那口子吃花生过敏",
    "阿卡波糖嚼服还是吞服",
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


#: Names of the graph that no message is read for: foods and teas, drugs of the street, what only a
#: hospital gives, and elements whose names mean something else.
NOT_READ_FOR = {
    "en": {
        "aconite",
        "amyl nitrite",
        "arsenic trioxide",
        "cannabis",
        "cassia seed",
        "collagen",
        "dopamine",
        "goji",
        "guarana",
        "hawthorn",
        "isatis root",
        "kava",
        "leech",
        "licorice",
        "mdma",
        "nitrous oxide",
        "rhubarb",
        "wenxin",
        "zinc",
    },
    "zh": {
        "三七",
        "丹参",
        "五味子",
        "人参",
        "决明子",
        "卡瓦",
        "可卡因",
        "含马兜铃酸的中药",
        "含麻黄的中成药",
        "多巴胺",
        "大蒜制剂",
        "大麻",
        "大麻二酚",
        "大黄",
        "天麻",
        "小白菊",
        "山楂",
        "川芎",
        "当归",
        "枸杞",
        "氟烷",
        "水蛭",
        "洋甘菊",
        "灵芝",
        "甘草",
        "甲基苯丙胺",
        "红花",
        "缬草",
        "肌酸",
        "胶原蛋白",
        "腺苷",
        "苯丙胺",
        "菊花",
        "金银花",
        "附子",
        "魔鬼爪",
        "鱼腥草",
        "黄芪",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_medicine_of_the_graph_is_known_to_memory(language: str) -> None:
    folder = Path(__file__).parents[2]
    raw = yaml.safe_load((folder / f"memory/facts/{language}.yaml").read_text(encoding="utf-8"))
    lists = {
        kind: pattern_of(
            [n.lower() for n in names_in(folder / f"memory/facts/{kind}_{language}.txt")]
        )
        for kind in ("medicines", "illnesses")
    }
    for name, value in raw["lists"].items():
        lists[name] = filled(value, lists)
    drug = re.compile(lists["drug"], re.IGNORECASE)
    with (folder / "knowledge/graph/medicines.tsv").open(encoding="utf-8") as file:
        names = [row[language].lower() for row in csv.DictReader(file, delimiter="\t")]
    unknown = {n for n in names if "/" not in n and not drug.fullmatch(n)}
    assert unknown == NOT_READ_FOR[language]


@pytest.mark.parametrize(
    ("pattern", "text", "may"),
    [
        ("(?:take|on) (?:the )?met(?:formin|hotrexate)", "i am on the metformin", True),
        ("(?:take|on) (?:the )?met(?:formin|hotrexate)", "i am on the menu", False),
        ("\\d+ (?:mg|units?)", "10 units", True),
        ("\\d+ (?:mg|units?)", "10 apples", False),
        ("a?b?", "nothing at all", True),
        ("我(?:在|还)?吃药", "我还吃药", True),
        ("我(?:在|还)?吃药", "我不去", False),
    ],
)
def test_a_pattern_is_passed_by_only_where_it_cannot_match(
    pattern: str, text: str, may: bool
) -> None:
    found = needed(pattern, {})
    assert bool(Index([[found] if found else []]).candidates(text)) is may
    assert may or not re.search(pattern, text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_rule_is_passed_by_where_it_matches(language: str) -> None:
    """The index is compared with every pattern, tried one by one."""
    rules = rules_of(language)
    for text, *_ in STATED_EN if language == "en" else STATED_ZH:
        fit = set(rules.index.candidates(text.lower()))
        for number, rule in enumerate(rules.statements):
            if rule.pattern.search(text.lower()) and (
                rule.needs is None or rule.needs.search(text.lower())
            ):
                assert number in fit, (text, rule.pattern.pattern[:80])


def _with_marks(text: str, *marks: tuple[str, str]) -> list[Statement]:
    """What is learnt where the tagger is sure of each (kind, words)."""
    found = [
        Found(kind=kind, start=text.rindex(words), end=text.rindex(words) + len(words), share=0.99)
        for kind, words in marks
    ]
    language = "en" if text.isascii() else "zh"
    return list(learn(text, language=language, said_by="patient", marked=found))


@pytest.mark.parametrize(
    ("text", "kind", "mark", "words"),
    [
        ("四环素类过敏", A, "四环素类", "四环素类"),
        ("丙肝小三阳，一年查一回", C, "丙肝小三阳", "丙肝小三阳"),
        ("My elbow hurts at night", OB, "elbow hurts at night", "elbow hurts at night"),
        (
            "I've got an appointment Monday at 8.15 with Dr Kaya",
            V,
            "appointment Monday at 8.15 with Dr Kaya",
            "Monday at 8.15 with Dr Kaya",
        ),
    ],
)
def test_a_wider_mark_gives_a_rules_fact_its_whole_words(
    text: str, kind: str, mark: str, words: str
) -> None:
    [fact] = _with_marks(text, (kind, mark))
    assert (fact.kind, fact.by) == (kind, "rule")
    assert words in fact.text and words in " ".join(fact.values.values())


def test_a_mark_cut_in_two_is_one_fact() -> None:
    [fact] = _with_marks("Is stage 4 emphysema bad?", (C, "stage 4"), (C, "emphysema"))
    assert fact.text == "Has stage 4 emphysema"


def test_one_allergy_is_not_told_twice_in_longer_words() -> None:
    [fact] = _with_marks("柳絮天一到就流鼻涕，我对柳絮过敏", (A, "柳絮天"), (A, "柳絮"))
    assert (fact.values["substance"], fact.certain) == ("柳絮", True)


def test_a_longer_allergy_that_ends_alike_stays() -> None:
    found = _with_marks(
        "Coconut milk swells me up. I'm allergic to milk.", (A, "Coconut milk"), (A, "milk")
    )
    assert [one.values["substance"] for one in found] == ["Coconut milk", "milk"]


@pytest.mark.parametrize(
    ("text", "kind", "mark"),
    [
        ("I finished the cefalexin on Monday", M, "cefalexin"),
        ("The palpitations have stopped, thank goodness", OB, "palpitations"),
        ("My brother has been kind since my fracture", F, "fracture"),
        ("Dad kept my school reports and I've had rubella by the look of it", F, "rubella"),
        ("Essay due on the 4th", V, "Essay due on the 4th"),
        ("They saw my elbow and wrist", OB, "elbow and wrist"),
        ("吵得我偏头痛都犯了", C, "偏头痛"),
        ("每天游两圈，雷打不动", G, "每天游两圈"),
        ("周三145/90，那天没睡好", V, "周三145/90"),
        ("老家在河南，退休金在那边领", S, "老家在河南"),
    ],
)
def test_a_mark_is_no_fact_where_the_words_around_it_say_so(
    text: str, kind: str, mark: str
) -> None:
    assert kind not in [one.kind for one in _with_marks(text, (kind, mark))]


@pytest.mark.parametrize(
    ("text", "kind", "mark"),
    [
        ("I'd like to hear it from my mum's side: they had gout", F, "gout"),
        ("我的目标是每天游两圈", G, "每天游两圈"),
        ("I take the cefalexin twice a day", M, "cefalexin"),
    ],
)
def test_the_neighbour_of_such_a_mark_is_a_fact(text: str, kind: str, mark: str) -> None:
    assert [one.kind for one in _with_marks(text, (kind, mark))] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "I was a smoker until I met my husband",
        "I've been a nurse for twelve years",
        "I've a hairdresser appointment on Monday at 3",
        "I lost my husband last winter",
        "Think my tetanus booster is due",
        "扁桃体炎八年前割了",
        "要不我带过去您看看，走一趟的事",
        "没胃口倒没有，就是懒得做",
        "给猫洗个澡胸闷，开玩笑的",
    ],
)
def test_what_is_over_denied_or_said_in_fun_is_no_fact(text: str) -> None:
    language = "en" if text.isascii() else "zh"
    assert learn(text, language=language, said_by="patient") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("一天半斤白酒，喝了大半辈子", "一天半斤白酒"),
        ("周三上午十点我约了孙大夫", "周三上午十点"),
        ("I'm a carer for my brother", "carer for my brother"),
        ("我想找个女大夫看", "找个女大夫看"),
    ],
)
def test_a_fact_keeps_the_patients_own_words(text: str, words: str) -> None:
    language = "en" if text.isascii() else "zh"
    assert [words in one.text for one in learn(text, language=language, said_by="patient")] == [
        True
    ]
