"""What Chinese messages only mention raises nothing; the emergency nearest in words does."""

import pytest

import safety
from safety.verdict import PatientFacts, Tier, Verdict


def _heard(text: str) -> Verdict:
    readings = safety.read_vitals(text, language="zh")
    return safety.screen(text, patient=PatientFacts(language="zh"), readings=readings)


#: by cause: no emergency and no question any more
MENTIONED = {
    "the name of a paper, a room or a lecture": (
        "急性阑尾炎出院小结丢了，能补打一份吗",
        "胸痛门诊的预约改到下月行吗",
        "肺栓塞的科普手册哪里领",
        "一氧化碳中毒应急预案交到哪个办公室",
        "单子上“急性胰腺炎”写成了“急性胆囊炎”，麻烦改",
    ),
    "something learnt": (
        "急性胰腺炎和胆囊炎怎么区分，护考选择题",
        "写小说查一下，一氧化碳中毒为什么脸是红的",
        "会厌炎是不是比咽炎危险，我作业要写",
        "急性阑尾炎题目选B对吗，备考中",
        "规培轮转，喉梗阻分几度来着",
    ),
    "something learnt, with words that look like now": (
        "请教心梗和心绞痛有什么不一样，手抄报要写",
        "心脏骤停黄金四分钟怎么算的，背题呢",
        "论文写产后大出血的护理，借本书",
        "《红楼梦》里黛玉吐血，讲一回哭一回",
    ),
    "over, with the year in another clause": (
        "二十年前吞过硬币，第二天拉出来了，我妈现在还留着",
        "邻居家娃喝了洗洁精，洗了胃啥事没有，是前年的事",
        "前年被蜂蛰过，打了一针肾上腺素，第二天就回家了",
        "同事的孩子热性惊厥，上个月就回来上课了",
    ),
    "the word itself": (
        "肺栓塞这个名字怎么来的",
        "马尾综合征是个啥子病",
        "脑震荡这三个字怎么写",
    ),
    "others, long well": (
        "同事的爸爸心梗放了支架，都出院半年了，天天钓鱼",
        "单位小李从梯子上摔下来骨折，早好利索了",
        "隔壁孩子高热惊厥，医生说没事，上小学了",
        "楼下大姐烫伤了手，植皮很成功，如今又掌勺了",
        "前同事过敏性休克，出院一年多了，上周还请我们吃饭",
    ),
    "part of another word": (
        "峰流速430，哮喘行动计划上说是绿区",
        "张力性气胸穿刺在第几肋间",
        "我坐在小区门口晒太阳呢，你们几点下班",
        "坐得屁股疼，站起来走走就好",
        "光头强被炸得满脸黑，孩子笑翻了",
    ),
    "a figure of speech": (
        "车险一交，这个月红包全大出血",
        "爱豆官宣，粉丝集体失血过多",
        "老板画的大饼能把人噎死",
        "我们队被客队打成脑震荡，三比零",
        "为一块糖哭得上气不接下气",
        "手让纸划了个口子，贴个创可贴就行",
    ),
    "denied in other words": (
        "大便潜血都是阴性",
        "气短冇得，胸痛冇得",
        "喘莫得，咳莫得",
    ),
    "oneself, long ago and never again": (
        "我小学五年级被开水烫了腿，疤还在",
        "我十岁掉河里，后来就学会游泳了",
        "前年蜂蛰过一次脸肿，往后再没犯过",
        "二十年前吞过一颗纽扣，第二天就拉出来了",
        "十年前睾丸扭转开过刀，后来再没犯过",
    ),
}

#: the nearest emergencies; they stay outright
NEAR = (
    "胸痛，出院小结在包里",
    "脑梗了，病历在家里",
    "煤气报警器响了，应急预案在哪",
    "我爸胸痛，门诊开着吗",
    "我妈急性胰腺炎出院小结刚拿到，今天又疼得打滚",
    "在备考，胸口疼得厉害，左手麻",
    "隔壁大爷心梗，刚出院，现在又胸口疼",
    "我爸心梗出院两周了，胸口疼得厉害",
    "邻居出院半年了，我胸口压得慌",
    "同事过敏性休克，嘴唇紫，快来",
    "我表姐宫外孕，早上班时疼得打滚",
    "老师刚才从梯子上摔下来，不醒",
    "哮喘犯了，喷了没用",
    "儿子哮喘，喷了三回都没缓",
    "老人倒在门口起不来",
    "摔了屁股疼得站不起来",
    "哭得上气不接下气，嘴唇发紫",
    "手让玻璃划了，血止不住",
    "产后大出血",
    "女儿三岁吞了纽扣电池",
    "孩子三岁摔到头，吐了",
    "去年心梗，第二天就出院了，现在胸口又疼",
    "女儿喝了洗洁精，吐了",
    "邻居家娃喝了洗洁精，怎么办",
    "前年蜂蛰过一次，这次脸又肿了，喘不上气",
)


@pytest.mark.parametrize("text", [text for texts in MENTIONED.values() for text in texts])
def test_what_is_only_mentioned_is_no_emergency_and_no_question(text: str) -> None:
    assert _heard(text).tier is not Tier.P0


@pytest.mark.parametrize("text", NEAR)
def test_the_emergency_nearest_in_words_is_one_outright(text: str) -> None:
    verdict = _heard(text)
    assert verdict.tier is Tier.P0 and not verdict.asked


@pytest.mark.parametrize(
    "text",
    [
        "同事前年喝过农药救回来的，这两天又不说话了",
        "朋友割腕，早就出院了",
        "隔壁阿姨服药过量，出院半年了",
    ],
)
def test_another_s_self_harm_is_never_over_by_itself(text: str) -> None:
    assert _heard(text).tier is Tier.P0


@pytest.mark.parametrize(
    "text", ["看完电影胸口疼得厉害", "刷完短视频头疼得像炸开", "看小说心口疼，喘不上气"]
)
def test_what_one_feels_while_watching_is_no_story(text: str) -> None:
    assert _heard(text).tier is Tier.P0
