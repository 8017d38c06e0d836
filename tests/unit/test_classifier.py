"""The classifier: what it hears behind the rules, and that it only raises."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

import safety
from bot.loading import load_hearing
from safety import Heard, Hearing, Tier, Verdict, lexicon
from safety.classifier import corpus, raised
from safety.classifier.ears import Ears
from safety.classifier.pieces import language_of, letter_groups, pieces
from safety.classifier.train import Plan, split, train
from safety.classifier.vary import varied
from safety.classifier.weights import FOLDER, WeightsRefused
from safety.verdict import Finding, Language


@pytest.fixture(scope="module")
def ears() -> Hearing:
    return load_hearing("")


def judged(text: str, ears: Hearing) -> Verdict:
    return safety.listen(safety.screen(text), text, ears)


#: Told without a word that any rule knows. Written after training, and not trained on.
UNFORESEEN = (
    "the left half of her face has slid down and she keeps calling me by the dog's name",
    "cant get air in, talking is one word then stop, lips look purple in the mirror",
    "grandson drank from the bottle of drain stuff under the sink, his mouth is all white",
    "letters to the kids are written, the house keys are in the envelope. tonight it ends",
    "他半边身子突然使不上劲，筷子掉了好几次，说话像含着东西",
    "刚才吃了花生，脖子肿起来，嗓子眼像被人掐住",
    "信都写好了，猫也托给邻居了，今晚就不拖累大家了",
    "宝宝两个月，烧到39度，喂奶不张嘴，软软的",
)

#: Neighbours of the same signs.
HARMLESS = (
    "Could you remind me when my next blood test is?",
    "that comedy last night nearly killed me, I laughed so hard",
    "my uncle had a stroke twenty years ago, what should I eat to avoid one?",
    "walked the dog, feeling fine, pressure 128 over 76",
    "明天几点去抽血？要空腹吗？",
    "昨晚那部电影里的人心梗发作，演得真像",
    "今天血压126/78，散步四十分钟，睡得也好",
    "想问一下降压药是早上吃还是晚上吃",
)


@pytest.mark.parametrize("text", UNFORESEEN)
def test_an_emergency_in_unforeseen_words_is_heard_or_asked_about(text: str, ears: Hearing) -> None:
    assert judged(text, ears).tier is Tier.P0


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_neighbour_raises_no_alarm(text: str, ears: Hearing) -> None:
    verdict = judged(text, ears)
    assert verdict.tier is not Tier.P0 or verdict.asked


class Says:
    """A classifier that thinks one thing of everything."""

    version = "test"

    def __init__(self, urgent: float, flag: str = "none", share: float = 0.0) -> None:
        self._heard = Heard(urgent=urgent, soon=urgent, flag=flag, flag_share=share)
        self.asked = 0

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        self.asked += len(texts)
        return [self._heard] * len(texts)


class Broken(Says):
    def hear(self, texts: Sequence[str]) -> list[Heard]:
        raise RuntimeError("no")


@pytest.mark.parametrize("urgent", [0.0, 0.3, 0.6, 1.0])
@pytest.mark.parametrize(
    "text", ["hello", "I feel a bit low these days", "我胸口剧痛", "bp 182/110"]
)
def test_a_verdict_never_becomes_less_urgent(text: str, urgent: float) -> None:
    rules = safety.screen(text, readings=safety.read_vitals(text))
    verdict = safety.listen(rules, text, Says(urgent))
    assert verdict.tier.is_at_least(rules.tier)
    assert set(rules.findings) <= set(verdict.findings)


def test_what_the_rules_know_as_an_emergency_does_not_wait_for_it() -> None:
    quiet = Says(1.0)
    safety.listen(safety.screen("crushing pain in my chest"), "crushing pain in my chest", quiet)
    assert quiet.asked == 0


def test_a_classifier_that_fails_brings_a_person() -> None:
    verdict = safety.listen(safety.screen("hello"), "hello", Broken(0.0))
    assert (verdict.tier, verdict.findings[0].flag) == (Tier.P1, "screen_error")


def test_an_emergency_without_a_name_gets_general_words_with_the_number() -> None:
    verdict = safety.listen(Verdict(), "something is very wrong with him", Says(0.99))
    facts = safety.PatientFacts(language="zh", country="CN")
    assert verdict.findings[0].flag == "unnamed_emergency"
    assert "120" in safety.first_message(verdict, patient=facts, nurse_status="")


def test_a_doubt_about_self_harm_is_asked_earlier_and_closed_by_people_only() -> None:
    heard = Heard(urgent=0.24, soon=0.24, flag="suicide_ideation_active", flag_share=0.9)
    verdict = raised(Verdict(), heard, "en")
    assert verdict.asked and verdict.findings[0].people_only
    other = Heard(urgent=0.24, soon=0.24, flag="chest_pain_acs", flag_share=0.9)
    assert raised(Verdict(), other, "en") == Verdict()


def test_where_the_rules_see_a_matter_for_today_a_doubt_is_enough_to_ask() -> None:
    text = "my ankle bracelet is tight, whatever that means"
    rules = Verdict(findings=(Finding(flag="copd_flare", tier=Tier.P1, end=9),))
    assert safety.listen(rules, text, Says(0.12)).asked
    assert safety.listen(Verdict(), text, Says(0.12)) == Verdict()


def test_an_emergency_never_goes_by_the_words_of_a_lesser_matter() -> None:
    rules = Verdict(findings=(Finding(flag="uti_simple", tier=Tier.P2, end=9),))
    verdict = safety.listen(rules, "it burns when I pee and now I shake all over", Says(0.99))
    assert verdict.worst is not None
    assert (verdict.worst.flag, verdict.worst.tier) == ("unnamed_emergency", Tier.P0)


def test_a_few_words_are_an_answer_unless_the_classifier_is_very_sure() -> None:
    for words in ("I don't know", "不抽"):
        assert safety.listen(Verdict(), words, Says(0.8)) == Verdict()
        assert safety.listen(Verdict(), words, Says(0.95)).tier is Tier.P0


def test_other_weights_than_the_manifests_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(FOLDER, folder)
    with (folder / "zh.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    with pytest.raises(WeightsRefused, match=r"zh\.safetensors is not the file"):
        Ears(folder)


@pytest.mark.parametrize(
    ("language", "alarm", "fine"),
    [
        ("en", "my chest hurts and I cannot breathe, cold sweat", "I slept well after my walk"),
        ("zh", "胸口疼得喘不上气，一身冷汗", "今天走了三千步，睡得挺好"),
    ],
)
def test_an_encoder_says_nearly_the_same_in_eight_bits_without_its_library(
    language: Language, alarm: str, fine: str
) -> None:
    from memory import bert

    plain, quick = Ears(), Ears(runner=bert)
    messages = [one.text for one in corpus.read(language)[::150]]
    far = [
        (slow.urgent, fast.urgent)
        for slow, fast in zip(plain.hear(messages), quick.hear(messages), strict=True)
        if abs(slow.urgent - fast.urgent) > 0.1
    ]
    assert len(far) <= len(messages) // 20, far
    for text, urgent in ((alarm, True), (fine, False)):
        assert (plain.hear([text])[0].urgent > 0.6) is urgent
        assert (quick.hear([text])[0].urgent > 0.6) is urgent


def test_an_encoder_that_the_runner_cannot_read_is_run_by_its_own_library() -> None:
    from memory import bert

    class Reads(SimpleNamespace):
        def readable(self, folder: Path) -> bool:
            self.asked = folder
            return False

    runner = Reads(alone=bert.alone)
    ears = Ears(runner=runner)  # type: ignore[arg-type]
    assert (runner.asked / "config.json").is_file()
    assert ears.hear(["my chest hurts and I cannot breathe"])[0].urgent > 0.5


def test_the_house_hears_without_the_library_that_trains() -> None:
    """It would bring 120 MB and three seconds of start along."""
    code = (
        "import sys; from bot.loading import load_encoder, load_hearing, load_tagging;"
        "load_encoder('').encode(['my knee hurts']); load_tagging().find('my knee', 'en');"
        "load_hearing('').hear(['my chest hurts and I cannot breathe', '我胸口疼得喘不上气']);"
        "print([m for m in ('transformers.modeling_utils', 'sympy', 'scipy') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_the_weights_fit_into_the_repository() -> None:
    files = list(FOLDER.rglob("*.safetensors"))
    assert len(files) == 3
    assert sum(file.stat().st_size for file in files) <= 18_000_000


def test_the_shipped_weights_were_learnt_from_the_shipped_corpus() -> None:
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    for language in ("en", "zh"):
        learnt, held = split(corpus.read(language))
        assert manifest[language]["messages"] == len(learnt)
        assert 0.08 < len(held) / (len(learnt) + len(held)) < 0.16


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_corpus_is_large_and_says_nothing_twice(language: safety.Language) -> None:
    messages = corpus.read(language)
    assert len({one.text for one in messages}) == len(messages) >= 6000
    personal = {kind.flag for kind in safety.limit_kinds().values()}  # numbers, not words
    assert set(lexicon.load().numbers) - personal <= {one.flag for one in messages}


def test_a_tiny_corpus_and_a_tiny_encoder_train_and_listen(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = tmp_path / "vocab.txt"
    words.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij"]))
    encoder = tmp_path / "encoder"
    tiny = BertConfig(
        vocab_size=15, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16,
    )  # fmt: skip
    BertModel(tiny).save_pretrained(encoder)
    BertTokenizerFast(str(words)).save_pretrained(encoder)
    for language, bad, good in (("en", "it hurts so", "thank you"), ("zh", "好痛啊", "谢谢你")):
        folder = tmp_path / "corpus" / language
        folder.mkdir(parents=True)
        lines = [
            f"{tier}|{'now' if tier < 'P2' else 'talk'}|{bad if tier == 'P0' else good} {n} {tier}"
            for n in range(24)
            for tier in ("P0", "P1", "P2", "P3")
        ]
        (folder / "a.txt").write_text("## chest_pain_acs\n" + "\n".join(lines), "utf-8")
        out = tmp_path / "weights"
        told: list[float] = []
        train(
            language, out, messages=tmp_path / "corpus", encoder=str(encoder),  # type: ignore[arg-type]
            plan=Plan(epochs=2, rate=1e-3), step=told.append,
        )  # fmt: skip
        assert told[-1] == pytest.approx(1.0)
    tiny_ears = Ears(tmp_path / "weights")
    worse, better = tiny_ears.hear(["it hurts so 99 P0", "thank you 99 P3"])
    assert worse.urgent > better.urgent
    assert tiny_ears.hear(["", "😀", "x" * 100_000])[0].urgent == 0.0


def test_a_broken_line_of_the_corpus_is_named(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "a.txt").write_text("## f\nP0|now|fine\nP7|now|what\n")
    with pytest.raises(ValueError, match=r"a\.txt, line 3"):
        corpus.read("en", tmp_path)


def test_long_messages_are_read_piece_by_piece_without_a_gap() -> None:
    text = "a quiet day. " * 100
    found = pieces(text, "en")
    assert found[0][0] == 0
    for (_, end, _), (start, *_rest) in pairwise(found):
        assert start < end


def test_letters_say_which_model_reads() -> None:
    assert language_of("我胸口疼 since 8am") == "zh"
    assert language_of("chest pain") == "en"
    assert letter_groups("", "en") == {}


def test_variation_keeps_numbers() -> None:
    import random

    chance = random.Random(1)
    for _ in range(200):
        assert "187" in varied("my watch says 187 and I feel faint", "en", chance)


@pytest.mark.parametrize("words", ["I have back pain", "我现在还在吃布洛芬"])
def test_one_plain_clause_is_asked_about_and_not_called_an_emergency(words: str) -> None:
    """The rules call the short emergencies they know; the classifier alone only asks."""
    verdict = safety.listen(safety.screen(words), words, Says(0.93))
    assert verdict.tier is Tier.P0
    assert verdict.asked
    longer = f"{words}, and since this morning it has been getting worse all the time, 越来越厉害了"
    assert not safety.listen(Verdict(), longer, Says(0.93)).asked
