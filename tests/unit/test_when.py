"""Times as patients say them, in both languages, from files a nurse can read and add to."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.when import KINDS, When, reminder, understand
from bot.when.words import words

FOLDER = Path(__file__).parents[1] / "evals/when"
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)  # a Monday


def lines() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in sorted(FOLDER.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def brief(found: tuple[When, ...], expected: str) -> str:
    text = "; ".join(w.brief() for w in found) or "none"
    # Where a rule begins is only compared where the sentence says it.
    return text if "start=" in expected else re.sub(r" start=\S+", "", text)


def test_there_are_enough_sentences_in_each_language() -> None:
    for language in ("en", "zh"):
        assert sum(row["lang"] == language for row in lines()) >= 120


@pytest.mark.parametrize("row", lines(), ids=lambda row: row["id"])
def test_a_patients_words_are_understood(row: dict[str, Any]) -> None:
    clock: dict[str, Any] = {
        "language": row["lang"],
        "now": datetime.fromisoformat(row["now"]),
        "zone": ZoneInfo(row["timezone"]),
    }
    wish = reminder(row["text"], **clock)
    assert (wish.action if wish else None) == row.get("action")
    if "what" in row:
        assert wish is not None and wish.what == row["what"]
    asked = wish is not None and (wish.action == "move" or row["expect"] == "!past")
    found = wish.when if wish and asked else understand(row["text"], waking=True, **clock)
    assert brief(found, row["expect"]) == row["expect"]


def test_an_hour_without_its_half_of_the_day_is_not_certain() -> None:
    [found] = understand("at 8", language="en", now=NOW, zone=LONDON)
    assert (found.value, found.others, found.certain) == ("08:00:00", ("20:00:00",), False)
    [sure] = understand("at 8 pm", language="en", now=NOW, zone=LONDON)
    assert (sure.value, sure.others, sure.certain) == ("20:00:00", (), True)


def test_a_date_that_reads_two_ways_keeps_both() -> None:
    [found] = understand("on 3/4/2027", language="en", now=NOW, zone=LONDON)
    assert (found.value, found.others, found.certain) == ("2027-03-04", ("2027-04-03",), False)


def test_a_weekday_settles_a_date_that_reads_two_ways() -> None:
    [found] = understand("Saturday 3/4/2027", language="en", now=NOW, zone=LONDON)
    assert (found.value, found.certain) == ("2027-04-03", True)


@pytest.mark.parametrize(
    ("text", "language"), [("Tuesday 7 December 2026", "en"), ("2026年12月7日星期二", "zh")]
)
def test_a_weekday_that_contradicts_its_date_is_not_certain(text: str, language: str) -> None:
    [found] = understand(text, language=language, now=NOW, zone=LONDON)
    assert (found.value, found.certain) == ("2026-12-07", False)


def test_today_is_the_patients_today() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    [here] = understand("today", language="en", now=late, zone=LONDON)
    [there] = understand("今天", language="zh", now=late, zone=ZoneInfo("Asia/Shanghai"))
    assert (here.value, there.value) == ("2026-11-23", "2026-11-24")


def test_a_default_time_is_never_certain() -> None:
    for text, language in (("twice a day", "en"), ("before breakfast", "en"), ("每天早上", "zh")):
        [found] = understand(text, language=language, now=NOW, zone=LONDON)
        assert not found.certain, text


def test_a_lunar_date_is_kept_as_said_and_marked() -> None:
    [found] = understand("农历2027年八月十五", language="zh", now=NOW, zone=LONDON)
    assert (found.value, found.problem, found.certain) == ("2027-08-15", "lunar", False)


def test_the_words_are_the_patients_own() -> None:
    text = "Remind me every DAY to walk at 8 a.m."
    [found] = understand(text, language="en", now=NOW, zone=LONDON)
    assert found.words == "every DAY … 8 a.m."
    assert [text[a:b] for a, b in found.spans] == ["every DAY", "8 a.m."]


def test_a_naive_now_and_an_unknown_language_are_refused() -> None:
    with pytest.raises(ValueError, match="now"):
        understand("today", language="en", now=NOW.replace(tzinfo=None), zone=LONDON)
    with pytest.raises(ValueError, match="language"):
        understand("heute", language="de", now=NOW, zone=LONDON)


LOOSE = re.findall(
    r"\S+",
    "0 1 2 12 31 99 2026 99999999 : / - . , ½ am pm every each at on in from to until for and "
    "except 每 隔 一 半 年 月 日 号 点 分 前 后 到 从 下 上 周 星期 次 除了",
)
PIECES = {
    language: [
        *words(language).numbers,
        *words(language).ordinals,
        *words(language).months,
        *words(language).weekdays,
        *words(language).units,
        *words(language).parts,
        *words(language).moments,
        *words(language).manifold,
        *LOOSE,
    ]
    for language in ("en", "zh")
}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), language=st.sampled_from(["en", "zh"]))
def test_no_sentence_breaks_the_grammar(data: st.DataObject, language: str) -> None:
    pieces = data.draw(st.lists(st.sampled_from(PIECES[language]), max_size=12))
    text = data.draw(st.sampled_from([" ", ""])).join(pieces)
    for found in understand(text, language=language, now=NOW, zone=LONDON):
        assert found.kind in KINDS
        assert found.problem or found.value or found.rule or (found.start and found.end), text
        if found.kind in ("date", "datetime") and found.value:
            datetime.fromisoformat(found.value)
    reminder("remind me " + text, language=language, now=NOW, zone=LONDON)


@given(text=st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_at_all_is_read_without_failing(text: str) -> None:
    for language in ("en", "zh"):
        understand(text, language=language, now=NOW, zone=LONDON)
