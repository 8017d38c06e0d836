"""Which schedules a sentence wants stopped: one purpose, several, or all but some."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.checkin import Schedule, kinds
from bot.plans.wanted import codes_in

_FILE = Path(__file__).with_name("purposes.toml")
_EXCEPT = re.compile(r"除了?(.{1,20}?)(?:以外|之外|[，,]|其他|其它|都)")

_CLAUSES = re.compile(r"[,，。.;；!！?？\n]+")


@dataclass(frozen=True, kw_only=True)
class _Words:
    stop: re.Pattern[str]
    leave: re.Pattern[str]
    keep: re.Pattern[str]
    every: re.Pattern[str]
    purposes: Mapping[str, re.Pattern[str]]  #: by kind


def unwanted(text: str, language: str, schedules: Sequence[Schedule]) -> list[Schedule] | None:
    """What is to be stopped; empty: nothing of it runs; None: the sentence asks for no such thing.

    A sentence in the other language counts too; a while, an hour or a question do not.
    """
    plain = text.casefold().replace("’", "'")
    other = "en" if language == "zh" else "zh"
    for one in (language, other):
        words = _words(one)
        if not words.leave.search(plain) and _asking(_parts(plain, words)[0], words):
            break
    else:
        return None
    head, kept = _parts(plain, words)
    head = _asking(head, words)
    stopped, named = _chosen(head, words, schedules)
    if not named and not words.every.search(head):
        return None
    keep, _ = _chosen(kept, words, schedules)
    chosen = stopped if named else list(schedules)
    return [one for one in chosen if one not in keep]


def _parts(plain: str, words: _Words) -> tuple[str, str]:
    """(what is to stop, what is to stay)"""
    if found := _EXCEPT.search(plain):
        return plain[: found.start()] + plain[found.end(1) :], found[1]
    head, kept = plain, ""
    if found := words.keep.search(plain):
        head, kept = plain[: found.start()], plain[found.end() :]
    return head, kept


def _asking(head: str, words: _Words) -> str:
    """The clauses that ask for silence: "leave me, my pressure is high" asks about no pressure."""
    return " ".join(clause for clause in _CLAUSES.split(head) if words.stop.search(clause))


def _chosen(part: str, words: _Words, schedules: Sequence[Schedule]) -> tuple[list[Schedule], bool]:
    """(the schedules of the purposes this names, whether it names any)"""
    codes = set(codes_in(part))
    kinds_named = {kind for kind, pattern in words.purposes.items() if pattern.search(part)}
    if codes:
        kinds_named.discard("measurement")  # "measuring my weight" is about the weight
    chosen = [
        one
        for one in schedules
        if one.kind in kinds_named
        or (one.kind in ("measurement", "questionnaire") and codes.intersection(codes_in(one.what)))
    ]
    return chosen, bool(codes or kinds_named)


@cache
def _words(language: str) -> _Words:
    """ValueError names a field of purposes.toml that is missing or wrong."""
    data: dict[str, Any] = tomllib.loads(_FILE.read_text("utf-8"))
    try:
        table, purposes = data[language], data["purpose"]
        wrong = [one["kind"] for one in purposes.values() if one["kind"] not in kinds()]
        if wrong:
            raise ValueError(f"purposes.toml: kind {wrong[0]} is unknown")
        return _Words(
            stop=re.compile("|".join(table["stop"])),
            leave=re.compile("|".join(table["leave"])),
            keep=re.compile("|".join(table["keep"])),
            every=re.compile("|".join(table["all"])),
            purposes={one["kind"]: re.compile(one[language]) for one in purposes.values()},
        )
    except (KeyError, re.error) as error:
        raise ValueError(f"purposes.toml: {language}: {error}") from error
