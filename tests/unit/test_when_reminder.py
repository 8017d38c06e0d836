"""What is wanted of reminders, and that the patient's own words survive it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.when import ReminderWish, reminder
from bot.when import words as words_module

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)


def wish(text: str, language: str = "en") -> ReminderWish | None:
    return reminder(text, language=language, now=NOW, zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("text", "language", "dose"),
    [
        ("remind me to take 1/2 tablet of Warfarin 3mg at 6pm", "en", "1/2 tablet of Warfarin 3mg"),
        ("Remind me every day at 9: Levothyroxine 75 MCG", "en", "Levothyroxine 75 MCG"),
        ("remind me to inject 12 units NovoRapid at 7:30 am", "en", "12 units NovoRapid"),
        ("remind me to take one white tablet every day at 10:00", "en", "take one white tablet"),
        ("remind me to take vitamin D one drop every morning", "en", "vitamin D one drop"),
        ("每天早上七点提醒我吃左甲状腺素75μg半片", "zh", "左甲状腺素75μg半片"),
        ("每晚十点提醒我打甘精胰岛素 12 单位", "zh", "甘精胰岛素 12 单位"),
    ],
)
def test_the_dose_is_kept_letter_for_letter(text: str, language: str, dose: str) -> None:
    found = wish(text, language)
    assert found is not None and found.action == "create" and dose in found.what


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I take metformin every day at 8am", "en"),
        ("my pain moves to my back at night", "en"),
        ("that reminds me of my mother", "en"),
        ("我每天早上八点吃药", "zh"),
        ("医生说明天再来", "zh"),
    ],
)
def test_talk_about_times_is_no_wish(text: str, language: str) -> None:
    assert wish(text, language) is None


def test_the_old_time_comes_first_however_a_move_is_said() -> None:
    for text in ("move the 8am reminder to 9am", "make it 9am instead of 8am please"):
        found = wish(text)
        assert found is not None
        assert [w.value for w in found.when] == ["08:00:00", "09:00:00"]


def test_a_time_that_is_over_is_named_and_nothing_half_made() -> None:
    found = wish("remind me yesterday at 9am to take my pills")
    assert found is not None and found.problem == "past"
    assert found.when[0].value is None and "yesterday" in found.when[0].words


def test_an_hour_alone_means_the_waking_hour_and_is_asked() -> None:
    found = wish("remind me at 3 to call the clinic")
    assert found is not None
    assert (found.when[0].value, found.when[0].certain) == ("15:00:00", False)


def test_a_part_of_the_day_becomes_its_usual_time_and_is_asked() -> None:
    found = wish("remind me tomorrow morning to weigh myself")
    assert found is not None
    assert (found.when[0].value, found.when[0].certain) == ("2026-11-24T08:00:00", False)


def test_a_wish_without_a_time_has_none() -> None:
    found = wish("remind me to drink water")
    assert found is not None and found.when == () and found.what == "drink water"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('before_breakfast = "07:00"', 'before_breakfast = "seven"', "before_breakfast"),
        ('evening = { from = "17:00"', 'evening = { from = "27:00"', "parts.evening"),
        ("[daily]", "[dayly]", "daily"),
    ],
)
def test_a_broken_file_of_default_times_names_the_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, field: str
) -> None:
    here = Path(words_module.__file__).parent
    text = (here / "slots.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "slots.toml").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(words_module, "_HERE", tmp_path)
    with pytest.raises(ValueError, match=rf"slots\.toml.*{field}"):
        words_module.slots.__wrapped__("en")


@pytest.mark.parametrize(
    ("text", "action", "what"),
    [
        ("每天晚上九点提醒我把泵调到夜间模式", "create", "把泵调到夜间模式"),
        ("提醒我把泵调到夜间模式", "create", "把泵调到夜间模式"),
        ("提醒我把氧气调到2升", "create", "把氧气调到2升"),
        ("提醒我吃药的时间改到晚上", "move", "吃药"),
        ("提醒我吃药改到明早", "move", "吃药"),
        ("提醒我吃药改到睡前", "move", "吃药"),
        ("提醒我推迟两小时", "move", ""),
        ("提醒我的时间改到晚上九点", "move", ""),
        ("把八点的提醒改到九点", "move", ""),
    ],
)
def test_a_pump_is_switched_and_a_reminder_is_moved(text: str, action: str, what: str) -> None:
    found = wish(text, "zh")
    assert found is not None and (found.action, found.what) == (action, what)
