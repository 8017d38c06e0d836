"""The time that a question speaks of, and the cues it gives beside its subject."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from memory import cues
from memory.when import span

NOW = datetime(2026, 5, 13, 9, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("what did I eat yesterday", date(2026, 5, 12), date(2026, 5, 12)),
        ("how was it last week?", date(2026, 5, 4), date(2026, 5, 10)),
        ("what hurt in March", date(2026, 3, 1), date(2026, 3, 31)),
        ("where was I in July 2023?", date(2023, 7, 1), date(2023, 7, 31)),
        ("what did I say on 3 June, 2023", date(2023, 6, 3), date(2023, 6, 3)),
        ("my sugar on June 3rd", date(2025, 6, 3), date(2025, 6, 3)),
        ("what happened on Monday", date(2026, 5, 11), date(2026, 5, 11)),
        ("the reading on 2026-05-01", date(2026, 5, 1), date(2026, 5, 1)),
        ("was I dizzy last month", date(2026, 4, 1), date(2026, 4, 30)),
        ("上个月我哪里疼", date(2026, 4, 1), date(2026, 4, 30)),
        ("上周三我血压多少", date(2026, 5, 6), date(2026, 5, 6)),
        ("我3月5号说了什么", date(2026, 3, 5), date(2026, 3, 5)),
        ("去年十二月做的检查", date(2025, 12, 1), date(2025, 12, 31)),
        ("昨天我吃了什么", date(2026, 5, 12), date(2026, 5, 12)),
        ("三天前的血糖", date(2026, 5, 9), date(2026, 5, 11)),
    ],
)
def test_a_time_in_a_question_becomes_days(question: str, first: date, last: date) -> None:
    found = span(question, NOW)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "question",
    ["what may I eat", "do I march every day", "31 June", "我哪个膝盖疼", "how is my knee", ""],
)
def test_a_question_without_a_time_filters_nothing(question: str) -> None:
    assert span(question, NOW) is None


def test_what_is_told_a_little_later_counts_less_and_before_not_at_all() -> None:
    found = span("what happened on 3 May", NOW)
    assert found is not None
    assert found.nearness(date(2026, 5, 3)) > found.nearness(date(2026, 5, 6)) > 0
    assert found.nearness(date(2026, 5, 2)) == found.nearness(date(2026, 7, 1)) == 0


def test_a_question_says_whose_words_it_wants() -> None:
    assert cues.ask("what did you tell me about salt").speakers == {"bot"}
    assert cues.ask("which knee did I say").speakers == {"patient", "carer"}
    assert "nurse" in cues.ask("护士让我加什么药").speakers
    assert cues.ask("which knee").speakers == frozenset()


def test_words_that_mean_the_same_are_looked_for_too() -> None:
    assert any("warfarin" in group for group in cues.ask("which blood thinner?").related)
    assert any("骑车" in group for group in cues.ask("我做什么运动").related)


@pytest.mark.parametrize(
    ("was", "broken", "named"),
    [
        ("of_bot:", "from_bot:", "of_bot"),
        ("related:", "same:", "related"),
        ("source:", "s:", "source"),
    ],
)
def test_a_broken_file_of_cues_names_itself_and_the_field(
    tmp_path: Path, was: str, broken: str, named: str
) -> None:
    whole = (Path(__file__).parents[2] / "memory/cues/en.yaml").read_text(encoding="utf-8")
    (tmp_path / "en.yaml").write_text(whole.replace(was, broken, 1), "utf-8")
    with pytest.raises(ValueError, match=rf"en\.yaml: {named}"):
        cues.read(tmp_path / "en.yaml")
