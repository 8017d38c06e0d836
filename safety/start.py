"""Load and check every rule file once, and say what a flag is called."""

from __future__ import annotations

from collections.abc import Iterable

from safety import (
    aside,
    context,
    elsewhere,
    emergency,
    first_words,
    ladder,
    lexicon,
    limits,
    metric_rules,
    mixed,
    plain_language,
    self_harm_protocol,
    spelling,
)
from safety.boundary import boundaries
from safety.intercepts import all_intercepts
from safety.normalise import fold
from safety.verdict import Finding, PatientFacts, Verdict


def check() -> str:
    """Load every file of the room; returns the rule version.

    Raises ValueError naming the file and the field that is wrong.
    """
    rules = lexicon.load()
    context.load()
    elsewhere.load()
    aside.load()
    spelling.mend(fold(""))
    mixed.in_chinese(fold("疼 pain"))
    metric_rules.rules()
    _known_flags(limit.flag for limit in limits.limit_kinds().values())
    boundaries()
    plain_language.check()
    all_intercepts()
    ladder.ladder_for(ladder.HOUSE)
    emergency.contacts("")
    self_harm_protocol.self_harm()
    first_words.question_open_for()
    first_words.first_message(Verdict(), patient=PatientFacts(), nurse_status="")
    return rules.version


def _known_flags(flags: Iterable[str]) -> None:
    for flag in flags:
        if flag not in lexicon.load().flags:
            raise ValueError(f"personal_limits.toml: flag: there is no flag {flag!r}")


def stated(flag: str, *, cue: str) -> Finding:
    """The finding of a red flag that the patient gave by a button; ``cue`` says by which.

    Tier, privacy and who may close it are the flag's own. KeyError for an unknown flag.
    """
    known = lexicon.load().flags[flag]
    return Finding(
        flag=flag,
        tier=known.tier,
        cues=(cue,),
        people_only=known.people_only,
        topic_private=known.topic_private,
    )


def is_flag(flag: str) -> bool:
    """True for a red flag of the files."""
    return flag in lexicon.load().flags


def flag_name(flag: str, language: str) -> str:
    """The name of a red flag in "en" or "zh"; the id itself for one that is not in the files."""
    known = lexicon.load().flags.get(flag)
    return known.name["zh" if language == "zh" else "en"] if known else flag


def closed_by_people(flag: str) -> bool:
    """True for self-harm, overdose, violence and abuse: no word of the patient ends the matter."""
    known = lexicon.load().flags.get(flag)
    return known is not None and known.people_only


def waits_for_safe_word(flag: str) -> bool:
    """True where the first words ask the patient to say when it is safe to talk."""
    known = lexicon.load().flags.get(flag)
    return known is not None and known.safe_word
