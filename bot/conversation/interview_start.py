"""Whether a message names a complaint that is there now, and whether it asks what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.interview import Person
from bot.conversation.interview_data import Patterns, lexicon
from bot.conversation.risk_read import plain

_CHILD = 16  #: years: below this age the patient's own complaints are a child's
_BEFORE = 24  #: characters before a name that may deny it


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a message complains of."""

    complaints: tuple[str, ...]
    symptoms: tuple[str, ...]  #: of the graph
    onset: str  #: "" where the words do not say, or say two things


def asks(text: str) -> bool:
    """The words ask what to do, whether to worry, whether to see somebody."""
    return _any(lexicon().start["ask"], plain(text))


def named(text: str, language: str, person: Person) -> Named | None:
    """The complaints that ``text`` states as present, of the writer or of their small child."""
    said, start = plain(text), lexicon().start
    child = _any(start["child"], said) or (person.age is not None and person.age < _CHILD)
    others = _any(start["others"], said.replace("其他", ""))
    if others or _any(start["not"], said):
        return None
    if not (_any(start["now"], said) or _bare(said, language)):
        return None
    found = _complaints(said, language, child)
    if not found:
        return None
    some = dict(list(found.items())[: lexicon().limits["complaints"]])
    symptoms = dict.fromkeys(symptom for names in some.values() for symptom in names)
    return Named(complaints=tuple(some), symptoms=tuple(symptoms), onset=onset(said))


def onset(said: str) -> str:
    """When it began, where the words say it and say one thing only."""
    found = [key for key, patterns in lexicon().onset.items() if _any(patterns, said)]
    return found[0] if len(found) == 1 else ""


def _complaints(said: str, language: str, child: bool) -> dict[str, list[str]]:
    """Complaint -> the symptoms that named it, in the order of the words."""
    from knowledge.graph import graph

    places: dict[str, int] = {}
    symptoms: dict[str, list[str]] = {}
    known = [one for one in lexicon().complaints.values() if one.child == child]
    for match in graph().mentions(said, language, ("symptom",)):
        if not match.sure or _denied(said, match.start):
            continue
        for one in known:
            if match.id in one.starts:
                places.setdefault(one.id, match.start)
                symptoms.setdefault(one.id, []).append(match.id)
    for one in known:
        for pattern in one.says:
            if (hit := pattern.search(said)) and not _denied(said, hit.start()):
                places.setdefault(one.id, hit.start())
                symptoms.setdefault(one.id, [])
    return {id_: symptoms[id_] for id_ in sorted(places, key=places.__getitem__)}


def _bare(said: str, language: str) -> bool:
    """肚子疼: nothing but a complaint, which in Chinese needs no "I" and no "now"."""
    from knowledge.graph import graph

    matches = [m for m in graph().mentions(said, language, ("symptom",)) if m.sure]
    rest = list(said)
    for match in matches:
        rest[match.start : match.end] = " " * (match.end - match.start)
    left = "".join(rest)
    for pattern in lexicon().start["bare"]:
        left = pattern.sub(" ", left)
    return bool(matches) and "?" not in left and not any(sign.isalnum() for sign in left)


def _denied(said: str, at: int) -> bool:
    return _any(lexicon().start["denied"], said[max(0, at - _BEFORE) : at])


def _any(patterns: Patterns, said: str) -> bool:
    return any(pattern.search(said) for pattern in patterns)
