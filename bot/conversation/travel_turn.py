"""The patient is somewhere else: whose clock counts now, asked once, reminder by reminder."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.answers import consent_in
from bot.conversation.travel_clock import CHOICES, chosen, concerned, dated, kept_at_home, returned
from bot.conversation.travel_words import Named, named
from bot.domain import places
from bot.domain.checkin import Schedule
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from bot.domain.travel import Place, place_named, same_clock, several_clocks
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import known_number
from prompts import say

NAME = "travel"
_ZONE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z_]+")


def wish(turn: Turn, services: Services) -> Turn:
    """ "I'm in Tokyo now", "我到东京了", "my time zone is Europe/Paris", "I'm back home"."""
    if turn.incoming.kind not in TYPED:
        return turn
    found = named(turn.text)
    if found is None:
        return turn
    if found.how == "home":
        return _home(turn) if turn.patient.home_zone else turn
    place = place_named(found.place)
    if place is None:
        return _unknown(turn, found)
    here = turn.patient
    if place.zone == here.timezone and place.country in ("", here.country):
        return _say(turn, "already", place=_shown(turn, place)) if found.asked else turn
    if place.zone == here.home_zone:
        return _home(turn)
    topic: dict[str, Any] = {
        "name": NAME,
        "zone": place.zone,
        "country": place.country or here.country,
        "city": place.city,
        "moved": found.how == "moved",
    }
    words = "going" if found.how == "going" else "there"
    text = say(
        f"travel.{words}",
        turn.language,
        place=_shown(turn, place),
        time=f"{turn.now.astimezone(ZoneInfo(place.zone)):%H:%M}",
        number=known_number(place.country or here.country),
    )
    row = tuple(_button(turn, data, f"button_{data}_{words}") for data in ("yes", "no"))
    draft = Draft(text=text, buttons=tuple((b,) for b in row), approved=True)
    return turn.say(draft, dialogue=turn.topic(topic))


def answer(turn: Turn, services: Services) -> Turn:
    """Yes, I am there; and then what happens to what is asked at set times."""
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith("w:")
    topic = turn.dialogue.topic
    if topic.get("name") != NAME:
        return replace(turn, handled=True) if tapped else turn
    said = turn.incoming.data.removeprefix("w:") if tapped else consent_in(turn.text)
    if "left" in topic:
        return _clock(turn, topic, said) if tapped else replace(turn, dialogue=turn.topic({}))
    closed = replace(turn, dialogue=turn.topic({}))
    if said == "no":
        return _say(closed, "stayed")
    return _arrive(closed, topic) if said == "yes" else closed


def _arrive(turn: Turn, topic: dict[str, Any]) -> Turn:
    """The clock, the country and its emergency number change; what has set times waits at home."""
    was = turn.patient
    here = replace(
        was,
        timezone=str(topic["zone"]),
        country=str(topic["country"]),
        city=str(topic["city"]),
        home_zone="" if topic["moved"] else was.home_zone or was.timezone,
        home_country="" if topic["moved"] else was.home_country or was.country,
        home_city="" if topic["moved"] else was.home_city or was.city,
    )
    other = not same_clock(was.timezone, here.timezone)
    asked = concerned(turn.schedules) if other else []
    waiting = dated(turn.schedules) if other else []
    moved = replace(
        turn,
        patient=here,
        # Nothing moves silently: until the patient says otherwise, the moments stay those of home.
        scheduled=tuple(kept_at_home(one, was.timezone) for one in asked + waiting),
    )
    told = _text(turn, "moved", place=_place(turn, here), number=known_number(here.country))
    if not asked:
        return moved.say(told)
    return _ask(moved, [one.id for one in asked], asked, was.timezone, told)


def _ask(
    turn: Turn, left: list[str], which: list[Schedule], home: str, *first: Draft, each: bool = False
) -> Turn:
    medicine = any(one.kind == "medicine" for one in which)
    text = say(
        "travel.which_clock",
        turn.language,
        whats=[one.what or say("reminders.daily_question", turn.language) for one in which],
        medicine=medicine,
    )
    offers = [name for name in CHOICES if name != "even" or any(CHOICES["even"](w, home, turn.now)
                                                                for w in which)]  # fmt: skip
    rows = [(_button(turn, name, f"button_{name}"),) for name in offers]
    if len(which) > 1:
        rows.append((_button(turn, "each", "button_each"),))
    if medicine:
        rows.append((_button(turn, "nurse", "button_nurse"),))
    topic = {"name": NAME, "left": left, "home": home, "each": each}
    draft = Draft(text=text, buttons=tuple(rows), approved=True)
    return turn.say(*first, draft, dialogue=turn.topic(topic))


def _clock(turn: Turn, topic: dict[str, Any], said: str) -> Turn:
    ids, home = [str(one) for one in topic["left"]], str(topic["home"])
    left = [one for one in turn.schedules if one.id in ids]
    closed = replace(turn, dialogue=turn.topic({}))
    if not left:
        return replace(closed, handled=True)
    if said == "each":
        return _ask(turn, ids, left[:1], home, each=True)
    if said == "nurse":
        concern = Concern(reason="travel_medicine", tier="P2")
        return _say(replace(closed, concerns=(concern,)), "nurse")
    if said not in CHOICES:
        return replace(turn, handled=True)
    now, rest = (left[:1], left[1:]) if topic.get("each") else (left, [])
    set_ = tuple(chosen(one, said, home, turn.now) for one in now)
    done = replace(closed, scheduled=set_)
    told = _text(turn, f"set_{said}")
    if rest:
        return _ask(done, [one.id for one in rest], rest[:1], home, told, each=True)
    return done.say(told)


def _home(turn: Turn) -> Turn:
    was = turn.patient
    back = replace(
        was,
        timezone=was.home_zone,
        country=was.home_country or was.country,
        city=was.home_city,
        home_zone="",
        home_country="",
        home_city="",
    )
    again = tuple(returned(one, was.home_zone) for one in turn.schedules if one.home_zone)
    home = replace(turn, patient=back, scheduled=again)
    return _say(home, "back", number=known_number(back.country))


def _unknown(turn: Turn, found: Named) -> Turn:
    """A place nobody knows is passed on, unless it was said to be a time zone or a journey."""
    country = several_clocks(found.place)
    if country is not None:
        where = places.country_name(country, turn.language)
        return _say(turn, "which_city", country=where)
    return _say(turn, "unknown", place=found.place) if found.asked else turn


def _place(turn: Turn, patient: Patient) -> str:
    return patient.city or places.zone_label(patient.timezone, turn.language)


def _shown(turn: Turn, place: Place) -> str:
    named_so = place.city and not _ZONE.fullmatch(place.city)
    return place.city if named_so else places.zone_label(place.zone, turn.language)


def _button(turn: Turn, data: str, words: str) -> Button:
    return Button(label=say(f"travel.{words}", turn.language), data=f"w:{data}")


def _text(turn: Turn, words: str, **values: object) -> Draft:
    return Draft(text=say(f"travel.{words}", turn.language, **values), approved=True)


def _say(turn: Turn, words: str, **values: object) -> Turn:
    return turn.say(_text(turn, words, **values))
