"""Every article of the tree passes its check, and the check refuses what must not be read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from knowledge import library, rules
from knowledge.check import check
from knowledge.graph import graph
from knowledge.model import KnowledgeError

ROOT = Path(__file__).parents[2]
FILES = library.files()
GOOD = """---
id: potassium_in_food
title: {en: Foods rich in potassium, zh: 哪些食物含钾高}
questions:
  en: [what foods raise potassium, are bananas bad for my kidneys,
    do potatoes hold much potassium, what to eat less of]
  zh: [哪些食物钾高, 肾不好能吃香蕉吗, 土豆含钾高吗, 血钾高要少吃什么]
about: [potassium]
red_flags: []
sources:
  - {organisation: National Kidney Foundation, title: Potassium in Your CKD Diet, year: 2023}
evidence: recalled
status: draft
reviewed_on: ""
reviewer: ""
reading_level: {en: 6, zh: 6}
---
# English
Bananas, oranges, potatoes, tomatoes and beans hold a lot of potassium. [1]
Many salt substitutes are made of potassium, so read the label first. [1]
Healthy kidneys pass out the potassium that your body does not need. [1]
[kidney_disease] Your kidneys may keep potassium back, so ask your care team. [1]
[on:ace_inhibitors] Your blood pressure medicine can raise potassium in the blood. [1]

## Get help
Call the emergency number if your heart beats very slowly or you faint. [1]

# 中文
香蕉、橙子、土豆、番茄和豆类含钾都比较多。[1]
很多低钠盐是用钾做的，买之前请您先看标签。[1]
健康的肾会把身体用不着的钾排出去。[1]
[kidney_disease] 您的肾可能排不掉钾，吃之前请问医护团队。[1]
[on:ace_inhibitors] 您吃的降压药可能让血里的钾升高。[1]

## 何时求助
如果心跳很慢或者晕倒，请马上打急救电话。[1]
"""


def refused(tmp_path: Path, old: str, new: str, *, area: str = "food") -> list[str]:
    file = tmp_path / area / "potassium_in_food.md"
    file.parent.mkdir(exist_ok=True)
    assert old in GOOD
    file.write_text(GOOD.replace(old, new, 1), "utf-8")
    _, problems = check(file, rules.load())
    return problems


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_article_passes_its_check(file: Path) -> None:
    _, problems = check(file, rules.load(), file.relative_to(library.FOLDER).as_posix())
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_red_flags_of_an_article_exist(file: Path) -> None:
    known = {
        flag
        for one in (ROOT / "safety" / "red_flags").glob("*.toml")
        for flag in tomllib.loads(one.read_text("utf-8")).get("flag", {})
    }
    found, _ = check(file, rules.load())
    assert found is not None
    assert set(found.red_flags) <= known, set(found.red_flags) - known


def test_an_article_is_about_what_the_graph_or_the_topics_know(tmp_path: Path) -> None:
    [problem] = refused(tmp_path, "about: [potassium]", "about: [potassium, potasium]")
    assert "potasium is neither in the graph nor a topic" in problem


def test_a_topic_is_no_concept_and_has_its_article() -> None:
    used = {id_ for article in library.load().values() for id_ in article.about}
    assert rules.load().topics <= used
    assert not [id_ for id_ in rules.load().topics if id_ in graph()]


def test_no_two_articles_share_an_id() -> None:
    names = [file.stem for file in FILES]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


def test_a_good_article_is_loaded_with_its_tags_and_citations(tmp_path: Path) -> None:
    assert refused(tmp_path, "Bananas", "Bananas") == []
    article = library.load(tmp_path)["potassium_in_food"]
    assert [line.tag for line in article.lines["zh"]][3:] == ["kidney_disease", "on:ace_inhibitors"]
    assert article.lines["en"][0].cites == (1,)
    assert article.help["zh"][0].text == "如果心跳很慢或者晕倒，请马上打急救电话。"
    assert article.area == "food"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sources:\n  - {", "sources: []\nx:\n  - {", "there is no source"),
        ("year: 2023", "year: soon", "needs organisation, title and year"),
        (GOOD[GOOD.index("# 中文") :], "", "no text under # 中文"),
        ("健康的肾会把身体用不着的钾排出去。[1]\n", "", "5 lines in English and 4 in Chinese"),
        ("排出去。[1]", "排出去。[2]", "[2] cites none of the 1 sources"),
        ("排出去。[1]", "排出去。", "without its citation"),
        ("[on:ace_inhibitors] 您", "您", "the tag is [], and [on:ace_inhibitors] in English"),
        ("[kidney_disease] Your", "[kidneys] Your", "the tag [kidneys] is unknown"),
        (GOOD[GOOD.index("## Get") : GOOD.index("# 中")], "", "0 lines of safety net under ## Get"),
        ("id: potassium_in_food", "id: potassium", "is not the file's name"),
        (", what to eat less of", "", "3 questions in en"),
        ("status: draft", "status: reviewed", "reviewed needs reviewer"),
        ("evidence: recalled", "evidence: sure", "not verified or recalled"),
        ("请您先看标签", "请你先看标签", "应称“您”"),
        ("about: [potassium]", "about: [Potassium!]", "is no id"),
        ("# English", "# english", "the heading '# english'"),
        ("red_flags: []", "red_flags: []\nnotes: x", "the field notes is unknown"),
        ("title: {en", "title: {{en", "not YAML"),
    ],
)  # fmt: skip
def test_what_is_missing_or_uneven_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    problems = refused(tmp_path, old, new)
    assert any(said in one for one in problems), problems
    assert all(one.startswith("potassium_in_food.md, line ") for one in problems)
    with pytest.raises(KnowledgeError):
        library.load(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "Take 500 mg of paracetamol when the pain is bad.",
        "Take two tablets with a glass of water at night.",
        "Use one or two puffs before you go outside.",
        "Swallow one capsule twice a day with your food.",
        "You can double your dose when you feel no better.",
        "If you feel dizzy, stop taking the tablets and lie down.",
        "Stop your water tablet while you are being sick.",
        "Skip a dose of insulin when you do not eat.",
        "If this happens, then reduce the medicine by half.",
        "This is nothing to worry about in most people.",
        "Do not worry about a little blood in the stool.",
        "This medicine is safe for nearly all people.",
        "The lump is harmless and goes away by summer.",
        "This means you have diabetes and need treatment.",
    ],
)
def test_a_dose_a_change_of_dose_and_reassurance_are_refused(tmp_path: Path, line: str) -> None:
    said = "Healthy kidneys pass out the potassium that your body does not need."
    assert refused(tmp_path, said, line)


@pytest.mark.parametrize(
    "line",
    [
        "疼得厉害时可以吃两片止痛药。",
        "每次服用500毫克，和饭一起吃。",
        "感觉好了以后就可以自己停药。",
        "头晕的时候请您把降压药减半。",
        "这种情况没事，过几天再看。",
        "您不用担心，过几天就会好。",
        "这种药对大多数人都是安全的。",
        "出现这种情况说明您得了糖尿病。",
    ],
)
def test_the_same_is_refused_in_chinese(tmp_path: Path, line: str) -> None:
    assert refused(tmp_path, "健康的肾会把身体用不着的钾排出去。", line)


@pytest.mark.parametrize(
    ("old", "line"),
    [
        ("Healthy kidneys pass out the potassium that your body does not need.", one)
        for one in (
            "Do not stop, double or skip your tablets without asking your care team.",
            "A fasting glucose below 100 mg/dL is the usual range for adults.",
            "Your doctor may change the dose after the next blood test.",
            "Ask your pharmacist whether it is safe with your other medicines.",
            "Take your blood pressure twice a day, sitting, for one week.",
            "Never take a double amount to make up for one you missed.",
            "Adults are advised to eat less than 5 g of salt a day.",
            "Speak to your nurse before you stop taking the medicine.",
        )
    ]
    + [
        ("健康的肾会把身体用不着的钾排出去。", one)
        for one in (
            "请不要自行停药、减量或加倍，先问医护团队。",
            "空腹血糖低于6.1毫摩尔每升属于参考范围。",
            "医生可能会根据化验结果调整剂量。",
            "和别的药一起吃是否安全，请先问药师。",
            "请您每天早晚各量一次血压，连续量一周。",
            "成年人每天吃盐不要超过5克。",
        )
    ],
)
def test_what_resembles_them_is_allowed(tmp_path: Path, old: str, line: str) -> None:
    assert refused(tmp_path, old, line) == []


def test_an_amount_is_a_dose_where_a_medicine_is_the_topic(tmp_path: Path) -> None:
    said = "Healthy kidneys pass out the potassium that your body does not need."
    line = "Tablets of 500 mg are sold in most shops and pharmacies."
    assert refused(tmp_path, said, line) == []
    assert refused(tmp_path, said, line, area="medicines")


def test_the_second_article_of_an_id_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    for area in ("body", "food"):
        refused(tmp_path, "Bananas", "Bananas", area=area)
    checked = library.check_all(tmp_path)
    assert [one.area for one in checked.articles.values()] == ["body"]
    assert "is that of body/potassium_in_food.md, too" in checked.problems[0]
