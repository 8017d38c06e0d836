"""The symptom interview: what is asked next, what an answer means, and how it ends.

Pure functions over a state that survives restarts. Nothing here stores, sends or knows the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.answers import plain_answer
from bot.conversation.interview_data import LEVELS, Complaint, Red, Rule, lexicon
from bot.conversation.risk_read import plain
from prompts import say

NAME = "interview"  #: of the topic
ANSWERS = {
    "onset": ("today", "days", "weeks", "long"),
    "course": ("better", "same", "worse", "changing"),
    "severity": ("mild", "moderate", "severe"),
}
_SCALE = 10  #: the worst of a number for how bad it is
_SHORT = 40  #: characters of an answer in words
_YES_NO = ("yes", "no", "unsure")


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the rules need of the one who is unwell; of a writer's child nothing is known."""

    age: float | None = None
    sex: str = ""
    pregnant: bool = False
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class State:
    """Where an interview stands. Encrypt it at rest: it holds personal answers."""

    id: str  #: of the message that began it
    complaints: tuple[str, ...]
    answers: Mapping[str, str] = field(default_factory=dict)  #: step -> answer
    named: tuple[str, ...] = ()  #: symptoms of the graph that the words named
    open: str = ""  #: the step that is asked now
    words: str = ""  #: the patient's own, when it began
    number: str = ""  #: how bad it is, 0 to 10, where the patient said a number
    begun_at: datetime

    def to_topic(self) -> dict[str, object]:
        """The state as a dialogue's topic."""
        return {
            "name": NAME,
            "id": self.id,
            "complaints": list(self.complaints),
            "answers": dict(self.answers),
            "named": list(self.named),
            "open": self.open,
            "words": self.words,
            "number": self.number,
            "begun_at": self.begun_at.isoformat(),
        }

    @classmethod
    def from_topic(cls, topic: Mapping[str, Any]) -> State:
        """The state that ``to_topic`` wrote."""
        return cls(
            id=topic["id"],
            complaints=tuple(topic["complaints"]),
            answers=topic["answers"],
            named=tuple(topic["named"]),
            open=topic["open"],
            words=topic["words"],
            number=topic.get("number", ""),
            begun_at=datetime.fromisoformat(topic["begun_at"]),
        )


def complaints(state: State) -> tuple[Complaint, ...]:
    """What is asked about, the first named first."""
    return tuple(lexicon().complaints[id_] for id_ in state.complaints)


def fresh(state: State, now: datetime) -> bool:
    """Whether the answers may still be counted together with new ones."""
    return now - state.begun_at <= timedelta(hours=lexicon().limits["hours"])


def reds(state: State, person: Person) -> tuple[Red, ...]:
    """The red-flag questions of every complaint, each once; who is not known is asked."""
    keys = dict.fromkeys(key for one in complaints(state) for key in one.red)
    return tuple(red for key in keys if _meets(red := lexicon().red[key], person))


def _meets(red: Red, person: Person) -> bool:
    if red.who and person.sex and red.who != person.sex:
        return False
    return person.age is None or red.from_age <= person.age < red.to_age


def present(state: State) -> tuple[str, ...]:
    """Symptoms of the graph that are there: the complaint's own, those named, those affirmed."""
    own = [symptom for one in complaints(state) for symptom in one.symptoms]
    return tuple(dict.fromkeys([*own, *state.named, *_more(state, "yes")]))


def absent(state: State) -> tuple[str, ...]:
    """Symptoms that were asked for and are not there."""
    return _more(state, "no")


def _more(state: State, answer: str) -> tuple[str, ...]:
    return tuple(
        step.removeprefix("more:")
        for step, given in state.answers.items()
        if step.startswith("more:") and given == answer
    )


def next_step(state: State, person: Person, worth_asking: Callable[[State], str]) -> str:
    """The step to be asked now, "" at the end: red flags, how it goes, what else there is.

    ``worth_asking`` names the symptom of the graph most worth asking, "" for none.
    """
    for red in reds(state, person):
        if f"red:{red.key}" not in state.answers:
            return f"red:{red.key}"
    for step in ANSWERS:
        if step not in state.answers:
            return step
    asked = sum(step.startswith("more:") for step in state.answers)
    symptom = worth_asking(state) if asked < lexicon().limits["questions"] else ""
    return f"more:{symptom}" if symptom else ""


def options(step: str) -> tuple[str, ...]:
    """The answers to ``step``; their words are ``interview.answer_…``."""
    return ANSWERS.get(step, _YES_NO)


def take(state: State, said: str) -> State | None:
    """The state after a tapped button (``iv:COMPLAINT:STEP:ANSWER``) or the words of an answer.

    A number for how bad it is, is kept as told and leaves its step open: a word is still asked for.
    None: it is no answer to the open step.
    """
    if said.startswith("iv:"):
        complaint, _, rest = said.removeprefix("iv:").partition(":")
        step, _, answer = rest.rpartition(":")
        if (complaint, step) != (state.complaints[0], state.open):
            return None
    else:
        answer = _in_words(state.open, said)
    if answer not in options(state.open):
        number = scale(said) if state.open == "severity" else ""
        return replace(state, number=number) if number else None
    return replace(state, answers={**state.answers, state.open: answer}, open="")


def scale(said: str) -> str:
    """ "7/10", "about a 6", 七分: the number from 0 to 10 that these words are, "" for none."""
    known = lexicon()
    found = known.number.fullmatch(plain(said).replace("'", "").strip(" .!。！"))
    if found is None:
        return ""
    number = known.number_words.get(found[1], found[1])
    return str(int(number)) if int(number) <= _SCALE else ""


def _in_words(step: str, said: str) -> str:
    words = plain(said).strip(" .!。！")
    for answer in options(step):
        prefix = f"{step}_" if step in ANSWERS else ""
        labels = (say(f"interview.answer_{prefix}{answer}", tongue) for tongue in ("en", "zh"))
        if words in [plain(label) for label in labels]:
            return answer
    return _meant(step, words) or ("" if step in ANSWERS else plain_answer(said))


def _meant(step: str, words: str) -> str:
    """ "Since yesterday", 差不多, "hard to say": an answer in short words that mean one thing."""
    if len(words) > _SHORT or "?" in words:
        return ""
    known = {**lexicon().answers, **(lexicon().onset if step == "onset" else {})}
    meant = [one for one in options(step) if any(p.search(words) for p in known.get(one, ()))]
    return meant[0] if len(meant) == 1 else ""


def alarm(state: State) -> Red | None:
    """The red flag that an answer affirmed."""
    key = next((s for s, a in state.answers.items() if s.startswith("red:") and a == "yes"), "")
    return lexicon().red[key.removeprefix("red:")] if key else None


def reasons(state: State, person: Person) -> tuple[Rule, ...]:
    """Every rule that holds, the most urgent first."""
    found = [rule for rule in lexicon().rules if _holds(rule, state, person)]
    return tuple(sorted(found, key=lambda rule: -LEVELS.index(rule.to)))


def level(state: State, person: Person) -> str:
    """How the interview ends: care, days or today; nothing makes it less urgent than a rule."""
    ends = [one.least for one in complaints(state)]
    return max([*ends, *(rule.to for rule in reasons(state, person))], key=LEVELS.index)


def _holds(rule: Rule, state: State, person: Person) -> bool:
    if any(state.answers.get(step) != answer for step, answer in rule.answers.items()):
        return False
    if rule.unsure and not _unsure(state):
        return False
    if rule.pregnant and not person.pregnant:
        return False
    if rule.from_age and (person.age is None or person.age < rule.from_age):
        return False
    if rule.symptoms and not rule.symptoms & set(present(state)):
        return False
    told = " ".join(person.conditions).casefold()
    return not rule.conditions or any(word in told for word in rule.conditions)


def _unsure(state: State) -> bool:
    return any(s.startswith("red:") and a == "unsure" for s, a in state.answers.items())
