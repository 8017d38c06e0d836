"""What a schedule waits for: which readings meet it, and how serious its silence is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot.domain.checkin import Schedule, kinds
from bot.domain.observation import CODES, SCORES, Observation
from bot.plans import Item, plans
from prompts import say

_VITALS = frozenset(CODES) - frozenset(SCORES)


@cache
def _names(code: str) -> tuple[str, ...]:
    words = [say(f"record.names_{code}", language) for language in ("en", "zh")]
    return tuple(name.casefold() for text in words for name in text.split("|"))


def codes_in(text: str) -> tuple[str, ...]:
    """The measurements and scores that are named in these words, in either language."""
    plain = text.casefold()
    return tuple(code for code in CODES if any(name in plain for name in _names(code)))


def wanted(schedule: Schedule) -> frozenset[str]:
    """The codes of which one is enough; a measurement whose words name none takes any reading."""
    if schedule.kind == "measurement":
        return _VITALS.intersection(codes_in(schedule.what)) or _VITALS
    if schedule.kind == "questionnaire":
        return frozenset(SCORES).intersection(codes_in(schedule.what))
    return frozenset()


def meets(observation: Observation, schedule: Schedule) -> bool:
    """This value is what the schedule asks for: a weight answers no question about pressure."""
    return observation.code in wanted(schedule)


def item_of(schedule: Schedule) -> Item | None:
    """The line of the care plan that a schedule comes from, as the file has it now."""
    plan = plans().get(schedule.plan)
    number = schedule.id.removeprefix(f"plan/{schedule.plan}/").partition("/")[0]
    if plan is None or not number.isdigit() or int(number) >= len(plan.items):
        return None
    item = plan.items[int(number)]
    return item if item.kind == schedule.kind else None


def in_language(schedule: Schedule, language: str) -> Schedule:
    """What a plan asks, in the language its patient reads now; anybody's own words stay."""
    item = item_of(schedule)
    return replace(schedule, what=item.what[language]) if item is not None else schedule


def miss_tier(schedule: Schedule) -> str:
    """How soon a person should see that this was not answered: the plan's word, else the kind's."""
    item = item_of(schedule)
    return item.missed if item is not None and item.missed else kinds()[schedule.kind].tier
