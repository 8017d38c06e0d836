"""Listen to the patient before any model does: text and readings in, one verdict out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from safety import context, elsewhere, lexicon
from safety.classifier import Hearing, raised, thresholds
from safety.classifier.pieces import is_brief, is_short, language_of
from safety.lexicon import Rule
from safety.limits import overruled
from safety.metrics import EarlierReading, judge
from safety.mixed import in_chinese
from safety.normalise import Folded, fold
from safety.patterns import Element
from safety.readings import Reading
from safety.spelling import mend
from safety.verdict import Finding, Language, PatientFacts, Tier, Verdict

_log = logging.getLogger(__name__)
_PIECES = (480, 160)  #: characters screened at once: of an ordinary message, of a very long one
_LONG = 4_800
_TRIES = 6  #: occurrences of one expression looked at in one piece
_CUT = re.compile(r"[\s.!?;,。]")
_NOBODY = PatientFacts()


def screen(
    text: str,
    *,
    patient: PatientFacts = _NOBODY,
    readings: Sequence[Reading] = (),
    earlier: Sequence[EarlierReading] = (),
    now: datetime | None = None,
) -> Verdict:
    """The verdict on one message; ``readings`` come from ``read_vitals`` of the same text.

    ``earlier`` are readings of the record, for bands that look at a rise or a repeat.

    Never raises: an error inside the rules becomes one P1 finding ``screen_error``, because a
    message that could not be screened must reach a person and must not count as routine. This is
    why the one broad except of the room stands here. ``now`` is for windows by date (unused yet).
    """
    try:
        return _screen(text, patient, readings, earlier)
    except Exception:  # noqa: BLE001 - see above: never P3 by exception
        _log.exception("the screen failed; a person must look")
        finding = Finding(flag="screen_error", tier=Tier.P1, end=len(text), source="error")
        return Verdict(findings=(finding,), rule_version=_version())


def listen(
    verdict: Verdict,
    text: str,
    hearing: Hearing,
    readings: Sequence[Reading] = (),
    *,
    may_ask: bool = True,
) -> Verdict:
    """``verdict`` with what the classifier hears in the same words; it may only raise.

    ``readings`` are those of the text. Where the bands found all of them well, the classifier is
    told so instead of the numbers: bands know numbers, it does not. ``may_ask=False``: its doubt
    is no reason to ask, only its certainty counts. Never raises, for the same
    reason as ``screen``: what could not be heard reaches a person.
    """
    if verdict.tier is Tier.P0 and not verdict.asked:
        return verdict  # nothing is worse, and nobody waits
    try:
        language, told = language_of(text), text
        if readings and not any(finding.source == "metric" for finding in verdict.findings):
            told = _said_well(text, readings, thresholds(language).well)
        brief = is_brief(text)
        heard = hearing.hear([told])[0]
        if told != text:
            heard = replace(heard, start=0, end=len(text))
        return raised(verdict, heard, language, brief=brief, short=is_short(text), may_ask=may_ask)
    except Exception:  # noqa: BLE001 - never P3 by exception
        _log.exception("the classifier failed; a person must look")
        if verdict.tier.is_at_least(Tier.P1):
            return verdict
        finding = Finding(flag="screen_error", tier=Tier.P1, end=len(text), source="error")
        return replace(verdict, findings=(finding, *verdict.findings))


def _said_well(text: str, readings: Sequence[Reading], well: str) -> str:
    for reading in sorted(readings, key=lambda one: one.start, reverse=True):
        text = f"{text[: reading.start]} {well} {text[reading.end :]}"
    return text


def _version() -> str:
    try:
        return lexicon.load().version
    except (ValueError, OSError):
        return ""


def _screen(
    text: str,
    patient: PatientFacts,
    readings: Sequence[Reading],
    earlier: Sequence[EarlierReading],
) -> Verdict:
    found = _words(text, patient)
    if patient.limits and readings:
        found = _without_usual(found, text, patient, readings)
    findings = list(found.values())
    if readings:
        judged = judge(
            readings, patient=patient, flags=frozenset(found), earlier=earlier, text=text
        )
        findings += [elsewhere.doubted(finding, text) for finding in judged]
    findings.sort(key=lambda finding: finding.rank)
    return Verdict(findings=tuple(findings), rule_version=_version())


def _words(text: str, patient: PatientFacts) -> dict[str, Finding]:
    """What the rules find in the words, the best finding of each flag."""
    folded = mend(fold(text))
    found = _found(folded, patient)
    mixed = in_chinese(folded)
    if mixed is None:
        return found
    chinese = _found(mixed.folded, patient)
    # "没有 chest pain": what rests on such a word alone is read in the sentence it stands in.
    kept = {
        flag: finding
        for flag, finding in found.items()
        if finding.people_only or not mixed.covers(finding.start, finding.end)
    }
    for flag, finding in chinese.items():
        if flag not in kept or finding.rank < kept[flag].rank:
            kept[flag] = finding
    return kept


def _found(folded: Folded, patient: PatientFacts) -> dict[str, Finding]:
    rules = lexicon.load()
    found: dict[str, Finding] = {}
    done: set[str] = set()
    settled: set[int] = set()
    held = rules.held(patient)
    for start, piece in _pieces(folded.text):
        if piece in done:
            continue
        done.add(piece)
        piece = context.mask(piece)
        for rule in rules.candidates(piece, settled):
            stated = found.get(rule.flag.id)
            if stated is not None and not stated.asked and stated.tier <= rule.tier:
                continue
            finding = _try(rule, piece, start, folded, held)
            if finding is not None and (stated is None or finding.rank < stated.rank):
                found[rule.flag.id] = finding
                settled.update(rules.answered_by(finding))
    _drop_passed(found)
    return found


def _without_usual(
    found: dict[str, Finding], text: str, patient: PatientFacts, readings: Sequence[Reading]
) -> dict[str, Finding]:
    """Without flags that rest on nothing but a number for which a clinician set another limit.

    Only where nothing else was found in the words: a symptom beside the number counts as ever.
    """
    codes, flags = overruled(patient.limits)
    numbers = [reading for reading in readings if reading.code in codes]
    if not numbers or not found.keys() <= flags:
        return found
    for reading in numbers:
        text = text[: reading.start] + "·" * (reading.end - reading.start) + text[reading.end :]
    left = _words(text, patient)
    return {flag: finding for flag, finding in found.items() if flag in left}


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in overlapping pieces, so that the cost stays linear and nothing is left out."""
    size = _PIECES[len(text) > _LONG]
    start = 0
    while len(text) - start > size:
        end = start + size
        for cut in _CUT.finditer(text, end - size // 6, end):
            end = cut.end()
        yield start, text[start:end]
        begin = end - size // 4
        blank = _CUT.search(text, begin, end)
        start = max(start + 1, blank.end() if blank and blank.end() < end else begin)
    yield start, text[start:]


def _try(
    rule: Rule, text: str, offset: int, folded: Folded, held: frozenset[str]
) -> Finding | None:
    """The best finding of one rule in one piece, or None; ``held``: what the record says."""
    parts = []
    for element in rule.elements:
        if element.fact:
            if element.fact not in held and not _said(element, text, rule.language):
                return None
            continue
        best: tuple[re.Match[str], context.Reading] | None = None
        for tries, match in enumerate(element.regex.finditer(text)):
            if tries == _TRIES:
                break
            reading = context.read(text, match, rule.flag, rule.language)
            if reading.silenced:
                continue
            if best is None or not reading.asked or (best[1].settled and not reading.settled):
                best = (match, reading)
            if not reading.asked:
                break
        if best is None:
            return None
        parts.append(best)
    if parts and all(reading.settled for _, reading in parts):
        return None
    start, end = folded.original(
        offset + min(match.start() for match, _ in parts),
        offset + max(match.end() for match, _ in parts),
    )
    cues = tuple(dict.fromkeys(cue for _, reading in parts for cue in reading.cues))
    return Finding(
        flag=rule.flag.id,
        tier=rule.tier,
        start=start,
        end=end,
        cues=cues,
        asked=any(reading.asked for _, reading in parts),
        people_only=rule.flag.people_only,
        topic_private=rule.flag.topic_private,
    )


def _said(element: Element, text: str, language: Language) -> bool:
    """True where the words say the fact and do not deny it; how old it is does not matter."""
    tried = zip(range(_TRIES), element.regex.finditer(text), strict=False)
    return element.possible(text) and any(
        not context.fact_denied(text, match, language) for _, match in tried
    )


def _drop_passed(found: dict[str, Finding]) -> None:
    """Where a flag has clearly gone and has a flag for "it has gone", that one stands alone."""
    flags = lexicon.load().flags
    for name, finding in list(found.items()):
        other = flags[name].passed
        if other in found and "resolved" in finding.cues:
            found[other] = replace(found[other], asked=False)
            del found[name]
