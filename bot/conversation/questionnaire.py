"""A questionnaire by buttons: which there are, what is asked next, and what the answers make.

Pure functions over a state that survives restarts. Nothing here stores, sends or knows the clock;
the files are questionnaires.toml, risk/models and prompts/messages/*/questionnaire.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import risk
import safety
from bot.conversation.risk_read import plain
from prompts import UnknownWords, say

_FILE = Path(__file__).with_name("questionnaires.toml")
Value = float | str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question and its answers: (key of the words, value)."""

    name: str
    options: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """One questionnaire; see questionnaires.toml."""

    id: str
    model: str
    variant: str
    out_of: int
    items: tuple[Item, ...]
    known: tuple[str, ...]
    called: tuple[re.Pattern[str], ...]
    then: str  #: the longer questionnaire that follows a high total; "" for none
    then_from: float


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The whole file, checked."""

    questionnaires: Mapping[str, Questionnaire]
    paths: Mapping[str, str]  #: a model's safety path -> the red flag that it raises
    verbs: tuple[re.Pattern[str], ...]
    any: tuple[re.Pattern[str], ...]
    nots: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a questionnaire stands. Encrypt it at rest: it holds personal answers."""

    id: str
    answers: Mapping[str, Value] = field(default_factory=dict)
    prefilled: tuple[str, ...] = ()  #: answers that came from the record or a shorter form
    checkin: str = ""  #: the check-in that asked for it
    begun_at: datetime

    def to_topic(self) -> dict[str, object]:
        """The state as a dialogue's topic."""
        return {
            "name": "questionnaire",
            "id": self.id,
            "answers": dict(self.answers),
            "prefilled": list(self.prefilled),
            "checkin": self.checkin,
            "begun_at": self.begun_at.isoformat(),
        }

    @classmethod
    def from_topic(cls, topic: Mapping[str, Any]) -> State:
        """The state that ``to_topic`` wrote."""
        return cls(
            id=topic["id"],
            answers=topic["answers"],
            prefilled=tuple(topic["prefilled"]),
            checkin=topic["checkin"],
            begun_at=datetime.fromisoformat(topic["begun_at"]),
        )


def _item(name: str, table: Mapping[str, Any]) -> Item:
    own = table.get("own", {}).get(name, table)
    options = tuple((f"{own['options']}_{n}", v) for n, v in enumerate(own["values"]))
    return Item(name=name, options=options)


@cache
def lexicon() -> Lexicon:
    """Every questionnaire, read once. ValueError names what is wrong in questionnaires.toml."""
    try:
        top = tomllib.loads(_FILE.read_text("utf-8"))
        found = {
            name: Questionnaire(
                id=name,
                model=table["model"],
                variant=table["variant"],
                out_of=table["out_of"],
                items=tuple(_item(item, table) for item in table["items"]),
                known=tuple(table.get("known", ())),
                called=tuple(map(re.compile, table["called"])),
                then=table.get("then", {}).get("questionnaire", ""),
                then_from=table.get("then", {}).get("from", 0),
            )
            for name, table in top["questionnaire"].items()
        }
        wish = {key: tuple(map(re.compile, top["wish"][key])) for key in ("verbs", "any", "not")}
        paths = dict(top["path"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise ValueError(f"bot/conversation/{_FILE.name}: {error!r}") from error
    return Lexicon(
        questionnaires=found, paths=paths, verbs=wish["verbs"], any=wish["any"], nots=wish["not"]
    )


def named(text: str) -> str:
    """The questionnaire that ``text`` names ("the PHQ-9, nine short questions"); "" for none."""
    said = plain(text)
    for one in sorted(lexicon().questionnaires.values(), key=lambda one: not one.then):
        if any(pattern.search(said) for pattern in one.called):
            return one.id
    return ""


def wanted(text: str) -> str | None:
    """The questionnaire that ``text`` asks to do; "" where it names none of them, else None."""
    said, words = plain(text).strip(" .!?。！？"), lexicon()
    if any(pattern.search(said) for pattern in words.nots):
        return None
    name = named(said)
    if name:
        alone = any(p.fullmatch(said) for p in words.questionnaires[name].called)
        return name if alone or any(verb.search(said) for verb in words.verbs) else None
    return "" if any(pattern.search(said) for pattern in words.any) else None


def begin(name: str, now: datetime, *, known: Mapping[str, Value], checkin: str = "") -> State:
    """A new state; ``known`` fills the items that the questionnaire takes from the record."""
    one = lexicon().questionnaires[name]
    answers = {item: known[item] for item in one.known if known.get(item)}
    return State(id=name, answers=answers, prefilled=tuple(answers), checkin=checkin, begun_at=now)


def fresh(state: State, now: datetime) -> bool:
    """Whether the answers given so far may still be counted together with new ones."""
    days = risk.answers_last(lexicon().questionnaires[state.id].model)
    return now - state.begun_at <= timedelta(days=days)


def _given(state: State) -> dict[str, risk.Input]:
    return {
        name: risk.Input(value=value, unit="" if isinstance(value, str) else "points")
        for name, value in state.answers.items()
    }


def next_item(state: State) -> Item | None:
    """The item to be asked now; None when all are answered or no longer needed."""
    one = lexicon().questionnaires[state.id]
    open_ = risk.unanswered(one.model, _given(state), variant=one.variant)
    return next((item for item in one.items if item.name in open_), None)


def progress(state: State) -> tuple[int, int]:
    """(number of the question asked now, how many are asked in all)."""
    one = lexicon().questionnaires[state.id]
    asked = [item.name for item in one.items if item.name not in state.prefilled]
    return sum(name in state.answers for name in asked) + 1, len(asked)


def take(state: State, said: str, language: str) -> State | None:
    """The state after a tapped button (``qn:ID:ITEM:INDEX``) or the written words of an answer.

    None: it is no answer to the open item.
    """
    item = next_item(state)
    if item is None:
        return None
    if said.startswith("qn:"):
        _, name, asked, index = (*said.split(":"), "", "", "")[:4]
        if (name, asked) != (state.id, item.name) or not index.isdigit():
            return None
        if int(index) >= len(item.options):
            return None
        value = item.options[int(index)][1]
    else:
        words = plain(said).strip(" .!。！")
        labels = {
            plain(say(f"questionnaire.{key}", tongue)): value
            for tongue in ("en", "zh")
            for key, value in item.options
        }
        if words not in labels:
            return None
        value = labels[words]
    return replace(state, answers={**state.answers, item.name: value})


def back(state: State) -> State:
    """The state with the last answer taken out, to give it again."""
    given = [name for name in state.answers if name not in state.prefilled]
    if not given:
        return state
    kept = {name: value for name, value in state.answers.items() if name != given[-1]}
    return replace(state, answers=kept)


def longer(state: State, total: float) -> State | None:
    """The whole form with the answers already given, where a short one says that it is needed."""
    one = lexicon().questionnaires[state.id]
    if not one.then or total < one.then_from:
        return None
    return State(
        id=one.then,
        answers=state.answers,
        prefilled=tuple(state.answers),
        checkin=state.checkin,
        begun_at=state.begun_at,
    )


def flag_of(state: State) -> str:
    """The red flag that an answer already opens, finished or not; "" for none."""
    one = lexicon().questionnaires[state.id]
    path = risk.opened(one.model, _given(state), variant=one.variant)
    return lexicon().paths[path] if path else ""


def result(state: State) -> risk.Score:
    """The score of a finished questionnaire. Raises risk.MissingInputs for an unfinished one."""
    one = lexicon().questionnaires[state.id]
    return risk.score(one.model, _given(state), variant=one.variant)


def check() -> int:
    """Read the file and every word it names once. ValueError names what is missing."""
    for one in lexicon().questionnaires.values():
        table = {spec.name for spec in risk.asked(one.model, one.variant)}
        if missing := table - {item.name for item in one.items}:
            raise ValueError(f"{_FILE.name}: {one.id} never asks {min(missing)}")
        keys = {key for item in one.items for key, _ in item.options}
        keys |= {f"{one.model}_{item.name}" for item in one.items}
        for key in sorted(keys | {f"name_{one.id}", f"short_{one.id}", f"lead_{one.model}"}):
            try:
                say(f"questionnaire.{key}", "en")
            except UnknownWords:
                raise ValueError(f"{_FILE.name}: {one.id} has no words for {key}") from None
    for flag in lexicon().paths.values():
        if flag == safety.flag_name(flag, "en"):
            raise ValueError(f"{_FILE.name}: there is no red flag {flag}")
    return len(lexicon().questionnaires)
