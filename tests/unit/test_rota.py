"""Weekly shifts: which days, which hours, in whose clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.care_team import CareTeamMember, Role
from bot.domain.rota import Shift, clock_in, days_in, on_duty, uncovered, zone_in
from bot.escalations.rota import read

BOB = CareTeamMember(id="bob", name="Bob", role=Role.NURSE, username="bob")
LONDON = ZoneInfo("Europe/London")


def shift(days: str, begins: str, ends: str, zone: str = "Europe/London") -> Shift:
    return Shift(
        id="s", member_id="bob", weekdays=days_in(days), begins=begins, ends=ends, timezone=zone
    )


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("Sat, Sun", (5, 6)),
        ("fri-mon", (0, 4, 5, 6)),
        ("daily", (0, 1, 2, 3, 4, 5, 6)),
        ("周一至周五", (0, 1, 2, 3, 4)),
        ("周六、周日", (5, 6)),
        ("每天", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_days_are_read_in_both_languages(text, days):
    assert days_in(text) == days


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (days_in, "someday"),
        (days_in, "周八"),
        (clock_in, "25:00"),
        (clock_in, "8"),
        (zone_in, "Mars"),
    ],
)
def test_what_cannot_be_is_named(reader, text):
    with pytest.raises(ValueError, match=text):
        reader(text)


def test_a_day_shift_covers_its_hours_on_its_days_only():
    day = shift("mon-fri", "08:00", "16:00")
    assert day.covers(at("2026-01-05 08:00"))
    assert not day.covers(at("2026-01-05 16:00"))
    assert not day.covers(at("2026-01-04 12:00"))  # Sunday


def test_a_night_shift_goes_on_after_midnight_and_belongs_to_the_day_it_begins():
    night = shift("fri", "22:00", "06:00")
    assert night.covers(at("2026-01-09 23:00"))
    assert night.covers(at("2026-01-10 05:59"))
    assert not night.covers(at("2026-01-09 05:59"))


def test_each_shift_keeps_its_own_clock():
    shanghai = shift("mon", "08:00", "16:00", "Asia/Shanghai")
    assert shanghai.covers(at("2026-01-05 01:00"))
    assert not shanghai.covers(at("2026-01-05 09:00"))


def test_round_the_clock_has_no_hole_on_any_day_of_the_year_whatever_the_clocks_do():
    three = [shift("daily", a, b) for a, b in (("06:00", "14:00"), ("14:00", "22:00"))]
    three.append(shift("daily", "22:00", "06:00"))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert uncovered(three, start, start + timedelta(days=365)) == []


def test_a_hole_in_the_rota_is_found():
    start = at("2026-01-05 00:00")
    [first, second] = uncovered([shift("mon", "08:00", "16:00")], start, start + timedelta(days=1))
    assert first == (start, at("2026-01-05 08:00"))
    assert second == (at("2026-01-05 16:00"), at("2026-01-06 00:00"))


def test_without_shifts_a_member_is_always_there_and_switched_off_never():
    now = at("2026-01-04 12:00")
    [free] = on_duty([BOB], [], now)
    [bound] = on_duty([BOB], [shift("mon-fri", "08:00", "16:00")], now)
    assert (free.on_shift, bound.on_shift) == (True, False)
    off = CareTeamMember(id="bob", name="B", role=Role.NURSE, username="bob", on_shift=False)
    [switched] = on_duty([off], [shift("daily", "00:00", "24:00")], now)
    assert switched.on_shift is False


def test_a_gap_begins_and_ends_with_the_shifts_whenever_one_looks():
    day = shift("mon-fri", "08:00", "16:00")
    start = at("2026-11-30T07:27:41")
    gaps = uncovered([day], start, start + timedelta(days=1))
    assert gaps == [
        (start, at("2026-11-30T08:00")),
        (at("2026-11-30T16:00"), start + timedelta(days=1)),
    ]


GOOD = '[[shift]]\nnurse = "bob"\ndays = "mon-fri"\nfrom = "08:00"\nuntil = "16:00"\nzone = "UTC"\n'


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"bob"', '"eve"', "shift 1: nurse: there is no eve"),
        ("mon-fri", "mon-fir", "shift 1: days: 'fir'"),
        ("16:00", "26:00", "shift 1: until: '26:00'"),
        ('"UTC"', '"UTX"', "shift 1: zone: 'UTX'"),
        ("until =", "untill =", "shift 1: untill is no field"),
        ('zone = "UTC"\n', "", "shift 1: zone is missing"),
        ("[[shift]]", "[[shfit]]", "shfit: a rota has"),
    ],
)
def test_a_rota_file_with_a_wrong_field_names_the_shift_and_the_field(old, new, complaint):
    assert len(read(GOOD, {"bob": BOB})) == 1
    with pytest.raises(ValueError) as error:
        read(GOOD.replace(old, new), {"bob": BOB})
    assert str(error.value).startswith(complaint)
