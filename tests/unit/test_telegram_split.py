"""Long texts are cut where a reader pauses."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_split import split, width


def test_a_short_text_stays_whole() -> None:
    assert split("Drink some water.", 4096) == ["Drink some water."]


def test_a_text_of_exactly_the_limit_stays_whole() -> None:
    assert split("x" * 4096, 4096) == ["x" * 4096]


def test_paragraphs_are_kept_together() -> None:
    first, second = "First. " * 8, "Second. " * 8
    assert split(f"{first.strip()}\n\n{second.strip()}", 100) == [first.strip(), second.strip()]


def test_chinese_is_cut_after_a_full_stop() -> None:
    assert split("今天量了血压。" * 3, 16) == ["今天量了血压。今天量了血压。", "今天量了血压。"]


def test_an_emoji_counts_twice_and_is_never_halved() -> None:
    assert split("🙂" * 5, 4) == ["🙂🙂", "🙂🙂", "🙂"]


def test_a_full_stop_inside_a_number_is_no_place_to_cut() -> None:
    assert split("Take exactly 2.5 mg at night", 15) == ["Take exactly", "2.5 mg at night"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab .。\n🙂")), st.integers(4, 40))
def test_nothing_but_blanks_is_lost_and_every_piece_fits(text: str, most: int) -> None:
    pieces = split(text, most)
    assert all(width(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert len(pieces) == 1 or all(pieces)
