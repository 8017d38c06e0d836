"""What harmless messages have in common raises nothing outright; the emergency nearest does."""

import pytest

import safety
from safety.verdict import PatientFacts, Tier, Verdict


def _heard(text: str) -> Verdict:
    language = "zh" if any("一" <= sign <= "鿿" for sign in text) else "en"
    readings = safety.read_vitals(text, language=language)
    return safety.screen(text, patient=PatientFacts(language=language), readings=readings)


def _outright(text: str) -> bool:
    verdict = _heard(text)
    return verdict.tier is Tier.P0 and not verdict.asked


#: by cause: not outright any more, and the nearest true emergencies, which must stay outright
FAMILIES = {
    "medicines taken as they should be": (
        ["I took my tablets this morning", "药都按时吃了"],
        [
            "my toddler took my tablets",
            "he took my sleeping tablets, he's three",
            "药我一口气全吃完了，对不起",
        ],
    ),
    "something that nobody can take too much of": (
        ["took an overdose of vitamin sea all day", "my phone's overdosing on notifications"],
        ["took an overdose of paracetamol", "she overdosed on her tablets"],
    ),
    "an earlier pregnancy, not this one": (
        [
            "with my first I had pre-eclampsia, headache and flashing lights, all fine now",
            "生头胎的时候头疼眼花，早过去了",
            "怀双胞胎时头疼眼花看东西有闪光，孩子都上大学了",
            "头胎子痫前期，这胎二十八周了，血压110多，一直吃阿司匹林",
        ],
        [
            "pregnant with my second, bad headache and flashing lights",
            "怀的头胎，头疼眼花看东西有闪光",
            "怀老二八个月，头疼眼花",
            "头胎三十六周，宫缩五分钟一次了",
        ],
    ),
    "rather that than something small": (
        ["I'd rather die than eat that mince again", "kms i left my charger at work"],
        ["I'd rather die than go on like this", "kms tonight"],
    ),
    "annoyed by something small": (
        ["被蚊子烦得不想活，五个包", "手贱点开前任朋友圈，纯属自残"],
        ["我不想活了", "我忍不住又自残了"],
    ),
    "on a roof or a bridge for ordinary things": (
        ["我在楼顶晒被子，风挺大", "standing on the bridge at sunset taking photos"],
        ["我在楼顶，风挺大的", "I'm standing on the bridge"],
    ),
    "another meaning of the same words": (
        [
            "sick ten minutes after my blood pressure tablet, do I take another",
            "grew out of it, give blood now",
            "查大便潜血前几天不能吃什么",
            "手表抽风报了个警",
            "尿布照样湿，抱着水壶不撒手",
        ],
        [
            "been sick with blood twice",
            "he's been out of it since this morning",
            "大便全是血",
            "孩子突然抽风了",
        ],
    ),
    "a bare word of a lesson": (
        [
            "revising for my nursing finals: sepsis, stroke, shock",
            "for a baby is it back blows first or thrusts?",
            "学了海姆立克，拿枕头练的",
        ],
        ["doing back blows, the baby is still blue", "海姆立克做了五次，没出来"],
    ),
    "anybody, somebody, people": (
        ["if someone's having a fit do you hold their tongue?", "热性惊厥医院怎么治？女儿的作业"],
        ["my son's having a fit", "娃抽搐了，眼睛往上翻"],
    ),
    "long ago, told without the word ago": (
        [
            "Car crash in '03, pelvis in four places. I do tai chi",
            "took too many tablets when his wife left. It was 1991.",
            "心梗过去六年了，每天走八千步",
            "化疗发烧那回住了一周，现在结疗两年了",
        ],
        [
            "Car crash, my leg is broken",
            "took too many tablets an hour ago",
            "心梗犯了，胸口压得慌",
        ],
    ),
    "asked about, and answered no": (
        ["They asked about pain in the chest and I said none, it's my bunion I've come about"],
        ["They asked about pain in the chest and I said it is crushing"],
    ),
    "a pulse that effort explains, or an unborn child's": (
        [
            "跑步心率155，歇下来78",
            "Heart rate 142 at spin, down to 90 five minutes later",
            "scan at 12 weeks, heartbeat 160",
        ],
        [
            "跑步心率180，歇了半天还下不来",
            "HR 165 on the treadmill, still 160 ten minutes later",
            "heart rate 150 on the sofa",
        ],
    ),
    "a number of years ago or of a film": (
        ["22年底新冠那会儿血氧85住过院，现在一直97以上", "sats of 81 in that film"],
        ["血氧85，喘", "sats 81 now"],
    ),
    "a Chinese question about nobody": (
        [
            "心绞痛常见的诱因有哪些，写科室宣传栏",
            "气胸和肺栓塞咋分辨",
            "癫痫患者能不能考驾照",
            "肺栓塞的定义",
            "大出血分几级",
            "孕期见红都是要早产吗，还没怀，提前了解",
            "抽风掐虎口有科学依据吗",
        ],
        [
            "我爸胸痛，一般都有哪些原因",
            "胸口疼得厉害，一般是什么原因",
            "胸口疼，左手麻，一般都有哪些原因",
            "孩子抽风了，掐虎口对不对",
            "怀孕三个月，出血了，都是流产吗",
        ],
    ),
    "the work of a teacher, a writer, a tester": (
        [
            "“heart attack”翻译成中文怎么说",
            "护考题：大咯血先摆什么体位",
            "测试一下：呼吸困难",
            "误服的警示标签谁来写",
            "明天备课讲气道异物卡喉，课件怎么排",
        ],
        [
            "我 chest pain 好厉害",
            "赶明天的PPT，胸口疼出汗",
            "误服了两片降压药，孩子三岁",
            "呼吸困难，说不出话",
        ],
    ),
    "a date or an end that Chinese says in its own way": (
        [
            "上礼拜二流鼻血流了二十分钟，后来再没流过",
            "旧年气喘得厉害住过院，而家好好",
            "车祸住院，已经出院俩月，现在恢复好了，能跑步吗",
            "襁褓里惊厥过一回，现在初三了",
        ],
        [
            "上礼拜开始胸口闷，今天更厉害",
            "鼻血流了二十分钟，止不住",
            "出院俩月，刚才又喘不上气",
            "出院两周，喘不上气",
            "支架放了三年，胸口疼，出汗",
        ],
    ),
    "a Chinese figure of speech": (
        [
            "看小品笑得胸口疼，眼泪都出来了",
            "吓得我心脏都快停了，原来是快递",
            "背单词背得脑袋都要炸了",
            "喘不过气的排班，求个放松的音乐",
            "念她念得心口疼，唉",
            "尴尬得我抽搐",
            "情绪爆炸，电脑又蓝屏",
            "房贷让我血压飙升",
        ],
        [
            "胸口疼，笑不出来，出冷汗",
            "我爸心脏停了",
            "头疼得像要炸了，突然的",
            "喘不过气",
            "孩子抽搐了",
            "胳膊上的血一直往外飙",
        ],
    ),
    "letters that meet by accident": (
        [
            "又不发烧，胸口也好好的，就嗓子干",
            "滴哪种眼药水好，看电脑久了",
            "为一个鸡腿憋屈半天",
            "说不清是什么滋味，就是空落落的",
            "这词翻成血友病还是出血病",
        ],
        [
            "腿肿，憋气",
            "油烧到脸了，起泡",
            "胶水崩进眼睛里了",
            "说话突然说不清",
            "翻出来的都是血，吐了一盆",
        ],
    ),
    "wanting to die of overtime, in Chinese": (
        [
            "开会开到想跳楼，幸好有奶茶",
            "穷到想死，下周才发钱",
            "发错群了，让我死了算了",
            "拿块豆腐撞死算了，拉链忘拉了",
        ],
        ["想跳楼", "我真的想死", "死了算了，没人在乎", "疼得我想死"],
    ),
}
HARMLESS = [(why, text) for why, (texts, _) in FAMILIES.items() for text in texts]
TRUE = [(why, text) for why, (_, texts) in FAMILIES.items() for text in texts]


@pytest.mark.parametrize(("why", "text"), HARMLESS)
def test_what_is_harmless_for_this_reason_is_no_emergency_outright(why: str, text: str) -> None:
    assert not _outright(text), why


@pytest.mark.parametrize(("why", "text"), TRUE)
def test_the_emergency_nearest_to_it_still_is_one_outright(why: str, text: str) -> None:
    assert _outright(text), why


@pytest.mark.parametrize(
    "text",
    [
        "I'd rather die than eat that mince again",
        "standing on the bridge at sunset taking photos",
        "took too many tablets when his wife left. It was 1991.",
        "my cousin took an overdose in her teens, she's a paramedic now",
        "我在楼顶晒被子，风挺大",
        "被蚊子烦得不想活，五个包",
        "开会开到想跳楼，幸好有奶茶",
    ],
)
def test_of_one_s_own_life_a_question_is_left_and_never_silence(text: str) -> None:
    verdict = _heard(text)
    assert verdict.tier is Tier.P0
    assert verdict.asked


@pytest.mark.parametrize(
    "text",
    [
        "she isn't breathing ok",
        "he's not breathing fine at all",
        "Dad is having a stroke at home",
        "my husband had a fit at the supermarket",
        "he had a stroke when he got up",
        "spots on her legs, doesn't go white when I press the glass",
    ],
)
def test_a_figure_of_speech_hides_no_emergency_that_has_its_words(text: str) -> None:
    assert _outright(text)


@pytest.mark.parametrize(
    "text",
    [
        "mum will have a fit when she sees my hair",
        "she threw a fit over the wifi",
        "breathing fine, hives gone",
    ],
)
def test_the_figure_of_speech_itself_still_raises_nothing(text: str) -> None:
    assert _heard(text).tier is not Tier.P0


@pytest.mark.parametrize(
    "text",
    [
        "The cards are written and sealed. I feel so calm today, I won't need the reminder.",
        "I have saved 60 tablets, three days left",
        "I googled how much it takes and there is plenty of her morphine left",
        "the insurance pays out next week and they are better off that way than with me alive",
        "安眠药一颗颗攒着，疼得没个尽头，不想再拖累孩子",
    ],
)
def test_means_gathered_and_affairs_in_order_are_an_emergency(text: str) -> None:
    assert _outright(text)


@pytest.mark.parametrize(
    "text",
    [
        "I saved 6 tablets from the old box, is that all right for the trip?",
        "the Christmas cards are written and the dog has been out, feeling good",
        "the travel insurance pays out for the cancelled flight",
        "I looked up how much fluid it takes to fill the bath",
        "积分攒够了，想换个分药盒",
    ],
)
def test_ordinary_savings_and_letters_are_none(text: str) -> None:
    assert not _outright(text)


@pytest.mark.parametrize(
    "text",
    [
        "外婆跟醉酒似的说话像含着橄榄，半边身子不好使",
        "他还在抽，没停下来",
        "昨晚到现在抽了三回，中间没醒",
        "爷爷吐了两大口鲜血",
        "姨妈误喝了除草剂",
        "吃了自己采的菌子，上吐下泻",
        "被黄蜂叮了，脸色惨白，出虚汗",
        "他突然趴下，喊不应，没摸到脉",
        "月经一个小时换一片夜用，血块多，头晕",
        "跑步时突然倒下",
        "老汉莫得反应，喊不答应",
        "他没得呼吸了",
        "写剧本写到胸口疼，出汗",
    ],
)
def test_plain_chinese_emergencies_that_passed_in_silence_are_heard(text: str) -> None:
    assert _heard(text).tier is Tier.P0


@pytest.mark.parametrize(
    "text",
    [
        "我坐在铁轨边上",
        "我想抱着孩子一起跳下去",
        "农药买回来了，藏床底，没人知道",
        "不想拖累你们，我自己走",
        "天亮就去跳",
        "手伸出护栏，差一点就翻过去了",
        "爸，对不起，下辈子我再做您儿子",
    ],
)
def test_plain_chinese_words_of_suicide_that_passed_in_silence_are_heard(text: str) -> None:
    assert _outright(text)


@pytest.mark.parametrize(
    "text",
    [
        "买了农药打棉花，库房放着",
        "铁轨边的野花开了，火车经过好看",
        "今晚去跳广场舞",
        "抱着孩子一起跳舞",
        "跑步时鞋带开了，停下系了一下",
        "吃了菌子火锅，鲜得很",
        "黄蜂叮了一下手指，有个小包，不痒了",
        "打麻将到半夜，还在抽烟",
    ],
)
def test_their_ordinary_neighbours_stay_ordinary(text: str) -> None:
    assert not _outright(text)


@pytest.mark.parametrize(
    "words",
    [
        "my dad had a stroke, will I have one too?",
        "my mum had a heart attack, will I get one?",
        "My father had a stroke at 60, am I going to have one as well",
    ],
)
def test_whether_one_will_have_what_a_parent_had_is_no_emergency_outright(words: str) -> None:
    assert not _outright(words)


@pytest.mark.parametrize(
    "words", ["my dad is having a stroke, will he get one again", "I think I am having a stroke"]
)
def test_a_stroke_now_is_one(words: str) -> None:
    assert _outright(words)
