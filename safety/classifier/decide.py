"""What the classifier adds to a verdict: a finding, a question, or nothing. It only raises."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

from safety import lexicon
from safety.classifier.heard import Heard
from safety.files import read_toml, table_field, text_field
from safety.verdict import Finding, Language, Tier, Verdict

_FILE = Path(__file__).with_name("thresholds.toml")
#: What stands where the classifier cannot name the kind; red_flags/unnamed.toml.
_UNNAMED = {Tier.P0: "unnamed_emergency", Tier.P1: "unnamed_concern"}


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Probabilities from which the classifier speaks; see thresholds.toml for how they came."""

    urgent: float  #: P0 outright
    urgent_asked: float  #: P0 as a question
    soon: float  #: P1
    people: float  #: P0 as a question where the likeliest flag is one that only people close
    answered: float  #: P0 outright where the rules would only ask
    beside: float  #: P0 outright where the rules found a matter for today (P1) already
    beside_asked: float  #: and as a question
    short: float  #: P0 outright for one plain clause in which the rules found nothing
    short_asked: float  #: and as a question
    short_people: float  #: and as one where it surely is of what only people close
    brief: float  #: P0 outright for a few words, which are mostly answers; they are never asked
    named: float  #: share of the likeliest flag from which its own first words are used
    well: str  #: said to the classifier in place of a reading that the bands found well


@functools.cache
def thresholds(language: Language) -> Thresholds:
    """Raises ValueError naming the file and the field that is wrong."""
    table = table_field(read_toml(_FILE), language, _FILE.name)
    try:
        found = Thresholds(
            well=text_field(table, "well", _FILE.name),
            **{name: float(table[name]) for name in table.keys() - {"well"}},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{_FILE.name}: {language}: {error}") from error
    if not 0 < found.urgent_asked <= found.urgent <= 1:
        raise ValueError(f"{_FILE.name}: {language}: urgent_asked must not exceed urgent")
    return found


def raised(
    verdict: Verdict,
    heard: Heard,
    language: Language,
    *,
    brief: bool = False,
    short: bool = False,
    may_ask: bool = True,
) -> Verdict:
    """``verdict`` with what the classifier heard beside it; never less urgent than before.

    One question at a time: where the rules ask already, only certainty counts. ``brief``: it
    is a few words, mostly an answer, and never asked. ``short``: one plain clause, which it knows
    too little of to call an emergency by itself; it asks. ``may_ask=False``: a doubt is no reason
    to ask now.
    """
    if verdict.tier is Tier.P0 and not verdict.asked:
        return verdict
    at = thresholds(language)
    if short and all(one.flag in _numbered(verdict) for one in verdict.findings):
        ask = max(at.urgent_asked, at.short_asked)
        people = at.short_people if heard.flag_share >= at.named else ask
        beside = max(at.beside_asked, at.people)
        at = replace(
            at,
            urgent=max(at.urgent, at.short),
            urgent_asked=ask,
            people=people,
            beside_asked=beside,
        )
    finding = _finding(verdict, heard, at, brief, may_ask and not brief and not verdict.asked)
    if finding is None:
        return verdict
    findings = sorted((*verdict.findings, finding), key=lambda one: one.rank)
    return replace(verdict, findings=tuple(findings))


def _numbered(verdict: Verdict) -> set[str]:
    """The flags that a reading raised: bands know numbers, the classifier does not."""
    return {one.flag for one in verdict.findings if one.source == "metric"}


def _finding(
    verdict: Verdict, heard: Heard, at: Thresholds, brief: bool, may_ask: bool
) -> Finding | None:
    flag = lexicon.load().flags.get(heard.flag)
    worst = verdict.worst  # a private matter has its own questions
    private = worst is not None and (worst.people_only or worst.topic_private)
    # what the rules only ask about is no second witness
    beside = verdict.tier is Tier.P1 and not private and not verdict.asked
    if brief:
        sure = at.brief
    elif verdict.tier is Tier.P0:  # the rules ask already
        sure = at.answered
    else:
        sure = at.beside if beside else at.urgent
    if heard.urgent >= sure:
        return _as(Tier.P0, verdict, heard, at, asked=False)
    people = flag is not None and flag.people_only and not private  # those questions are asked then
    ask = at.people if people else at.urgent_asked
    if beside:
        ask = min(ask, at.beside_asked)
    if may_ask and heard.urgent >= ask:
        return _as(Tier.P0, verdict, heard, at, asked=True)
    if not brief and heard.soon >= at.soon and Tier.P1.is_more_urgent_than(verdict.tier):
        return _as(Tier.P1, verdict, heard, at, asked=False)
    return None


def _as(tier: Tier, verdict: Verdict, heard: Heard, at: Thresholds, *, asked: bool) -> Finding:
    """Named by what the rules found, else by the likeliest flag of this tier, else by none.

    A flag less urgent than the tier lends no name: its words ("drink plenty") would soothe. One
    that only people close does: they are called by it.
    """
    flags, known = lexicon.load().flags, verdict.worst
    likely = flags.get(heard.flag)
    name = _UNNAMED[tier]
    by_rules = flags.get(known.flag) if known is not None else None
    if by_rules is not None and (by_rules.people_only or by_rules.tier.is_at_least(tier)):
        name = by_rules.id
    elif likely is not None and heard.flag_share >= at.named and likely.tier is tier:
        name = likely.id
    named = flags[name]
    return Finding(
        flag=name,
        tier=tier,
        start=heard.start,
        end=heard.end,
        source="classifier",
        asked=asked,
        people_only=named.people_only or bool(likely and likely.people_only),
        topic_private=named.topic_private or bool(likely and likely.topic_private),
        cues=(f"p={heard.urgent:.2f}", heard.version),
    )
