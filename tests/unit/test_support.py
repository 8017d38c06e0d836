"""A sentence is said only when one line that it cites says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.commands.eval_support import judged, scripts
from knowledge import library
from knowledge.model import LANGUAGES
from knowledge.support import Cited, Judged, Support, sentences

EVALS = Path(__file__).parents[1] / "evals" / "support"
LINE = "Take it with a meal, 2 hours before bed, unless your nurse says otherwise."


@pytest.fixture(scope="module")
def support(encoder: Any) -> Support:
    return Support(encoder)


def one(check: Support, said: str, line: str = LINE, id_: str = "a_thing") -> Judged:
    [found] = check.judge(f"{said} [{id_}]", [Cited(id=id_, text=line)], "en")
    return found


def test_no_malicious_draft_gets_a_piece_through(support: Support) -> None:
    found = [judged(script, support) for script in scripts(EVALS / "malicious.jsonl")]
    assert len(found) >= 60
    assert {script.script.language for script in found} == set(LANGUAGES)
    assert [piece for outcome in found for piece in outcome.slipped] == []
    assert [piece for outcome in found for piece in outcome.lost] == []


def test_without_an_encoder_nothing_more_gets_through() -> None:
    found = [judged(script, Support()) for script in scripts(EVALS / "malicious.jsonl")]
    assert [piece for outcome in found for piece in outcome.slipped] == []


def test_honest_shortening_mostly_gets_through(support: Support) -> None:
    found = [judged(script, support) for script in scripts(EVALS / "faithful.jsonl")]
    pieces = sum(len(outcome.script.supported) for outcome in found)
    assert pieces - sum(len(outcome.lost) for outcome in found) >= 0.6 * pieces


def test_the_library_supports_itself(support: Support) -> None:
    for article in list(library.load().values())[::12]:
        for language in LANGUAGES:
            lines = [Cited(id=article.id, text=line.text) for line in article.lines[language]]
            draft = "\n".join(f"{line.text} [{line.id}]" for line in lines)
            assert [j for j in support.judge(draft, lines, language) if not j.supported] == []


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Take it with a meal, 2 hours before bed, unless your nurse says otherwise.", "supported"),
        ("Take it with a meal, 3 hours before bed, unless your nurse says otherwise.", "words"),
        ("Take it with a meal, 2 hours before bed.", "left out"),
        ("Take it 2 hours before a meal, unless your nurse says bed otherwise.", "order"),
        ("Never take it with a meal, 2 hours before bed, unless your nurse says.", "words"),
        ("Take it, unless.", "too short"),
        ("Take it with a meal, unless your nurse says otherwise?", "question"),
        ("Take it with a meal ★, unless your nurse says otherwise.", "strange signs"),
    ],
)
def test_each_thing_that_may_differ_has_its_verdict(said: str, verdict: str) -> None:
    assert one(Support(), said).verdict == verdict


def test_a_model_of_entailment_has_the_last_word() -> None:
    class Never:
        name = "never"

        def scores(self, premises: Any, said: str) -> list[float]:
            return [0.1 for _ in premises]

    assert one(Support(entails=Never()), LINE).verdict == "not entailed"


def test_a_model_of_entailment_does_not_outvote_a_number() -> None:
    class Always:
        name = "always"

        def scores(self, premises: Any, said: str) -> list[float]:
            return [1.0 for _ in premises]

    changed = LINE.replace("2 hours", "3 hours")
    assert one(Support(entails=Always()), changed).verdict == "numbers"
    reworded = LINE.replace("with a meal", "at dinner")
    assert one(Support(entails=Always()), reworded).verdict == "supported"


def test_marks_are_found_wherever_they_stand() -> None:
    said = "One thing [a_b]. Two things. [c_d] [record]\n三件事【e_f】。Four [not a mark] things."
    assert list(sentences(said)) == [
        ("One thing.", ("a_b",)),
        ("Two things.", ("c_d", "record")),
        ("三件事。", ("e_f",)),
        ("Four [not a mark] things.", ()),
    ]


def test_any_text_has_verdicts_and_never_an_error(support: Support) -> None:
    lines = [Cited(id="x_y", text=LINE), Cited(id="record", text="")]
    for text in (
        "",
        "[",
        "[]" * 500,
        "." * 3000,
        "[x_y]" * 300,
        "\x00\ud800 a [x_y].",
        "不[x_y]。",
    ):
        assert all(not j.supported for j in support.judge(text, lines, "zh"))
