"""Read the draft before the patient does: every text that leaves the house passes here."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from safety.boundary import Boundary, boundaries
from safety.emergency import numbers_to_call
from safety.grounding import Span, foreign_identifiers, is_of_the_day, ungrounded_numbers
from safety.normalise import Folded, fold
from safety.numbers import flatten
from safety.plain_language import is_english, too_hard
from safety.verdict import Language, Tier

_MARKDOWN = str.maketrans(
    {"\n": " ", "*": " ", "_": " ", "`": " ", "#": " ", ">": " ", "\u25a1": " "}
)
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_FEW_WORDS, _FEW_SIGNS = 5, 6  # a name or a medicine in the other script is no change of language
_MOST_REASONS = 100
_LONGEST = 16_000  #: characters; a longer draft is refused unread


@dataclass(frozen=True, kw_only=True)
class ReviewContext:
    """What is true about the patient and the moment a draft is written for.

    ``allowed_numbers``: every number of the record, the assessment or the approved text, as text
    ("132/84") or value. ``other_names``: identifiers of anyone else. ``patient_names``: names and
    identifiers of this patient. ``conditions``: diagnoses on record, which may be quoted.
    ``approved``: the text comes from the approved catalogue, so only identifiers, nurse claims,
    leaks and language are checked. ``by_person``: a member of the care team wrote it; a machine's
    sentences about medicines, diseases and death must besides be of a shape that is known as safe.
    """

    language: Language = "en"
    allowed_numbers: frozenset[str] | tuple[str | float, ...] = ()
    medicines: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    other_names: frozenset[str] = frozenset()
    patient_names: frozenset[str] = frozenset()
    flagged_tier: Tier | None = None
    approved: bool = False
    nurse_status_true: bool = False
    kind: str = "reply"
    by_person: bool = False


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One boundary crossed, with the place in the draft (the whole draft where none applies)."""

    rule: str
    start: int
    end: int
    said: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """The judgement on one draft: allowed only when there is no reason against it."""

    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the draft may be sent."""
        return not self.reasons


def review(draft: str, context: ReviewContext) -> Review:
    """Judge one draft; deterministic, at most a few milliseconds, never raises on any text.

    Rule ids: dose_change, diagnosis, false_reassurance, method_detail, nurse_claim,
    prompt_leakage, missing_safety_net, ungrounded_number, foreign_identifier, wrong_language,
    too_hard, empty, too_long.
    """
    if not draft.strip():
        return _judged(draft, [("empty", (0, len(draft)))])
    if len(draft) > _LONGEST:
        return _judged(draft[:200], [("too_long", (0, 200))])
    folded = fold(draft)
    text = _without_medicine_names(folded.text.translate(_MARKDOWN), context.medicines)
    reasons: list[tuple[str, Span]] = []
    for boundary in boundaries():
        spans = _crossed(boundary, draft, folded, text, context)
        reasons += [(boundary.id, span) for span in spans]
    if not context.approved:
        spans = ungrounded_numbers(draft, context.allowed_numbers)
        if context.by_person:  # they know the time of day and whom to call without a record
            lines = numbers_to_call()
            spans = [span for span in spans if not is_of_the_day(draft, span, lines)]
        reasons += [("ungrounded_number", span) for span in spans]
    foreign = foreign_identifiers(
        _helplines().sub(lambda line: "·" * len(line[0]), draft),  # nobody's own number
        others=context.other_names,
        own=context.patient_names,
        allowed=context.allowed_numbers,
    )
    reasons += [("foreign_identifier", span) for span in foreign]
    if _is_wrong_language(draft, context):
        reasons.append(("wrong_language", (0, len(draft))))
    elif not (context.approved or context.by_person) and too_hard(draft, context.language):
        reasons.append(("too_hard", (0, len(draft))))
    return _judged(draft, reasons)


@functools.cache
def _helplines() -> re.Pattern[str]:
    numbers = sorted(numbers_to_call(), key=len, reverse=True)
    long = [re.escape(number) for number in numbers if sum(map(str.isdigit, number)) >= 7]
    return re.compile(rf"(?<!\d)(?:{'|'.join(long)})(?!\d)")


def _crossed(boundary: Boundary, draft: str, folded: Folded, text: str,
             context: ReviewContext) -> list[Span]:  # fmt: skip
    if boundary.unless_approved and context.approved:
        return []
    if boundary.unless_nurse_status_true and context.nurse_status_true:
        return []
    hits = boundary.hits(text)
    if boundary.required_from is not None:
        needed = context.flagged_tier is not None and context.flagged_tier.is_at_least(
            boundary.required_from
        )
        return [(0, len(draft))] if needed and not hits else []
    if boundary.id == "diagnosis" and context.conditions:
        hits = [hit for hit in hits if not _on_record(text[hit[0] : hit[1]], context.conditions)]
    if not context.approved and not context.by_person:
        hits += [
            sentence for sentence in boundary.unsafe_sentences(text)
            if not any(sentence[0] <= hit[0] < sentence[1] for hit in hits)
        ]  # fmt: skip
        if boundary.id == "diagnosis" and context.conditions:
            hits = [h for h in hits if not _on_record(text[h[0] : h[1]], context.conditions)]
    spans = [folded.original(*hit) for hit in hits]
    return spans + [match.span() for raw in boundary.raw for match in raw.finditer(draft)]


def _on_record(said: str, conditions: frozenset[str]) -> bool:
    return any(flatten(word).replace("_", " ") in said for word in conditions if len(word) > 1)


@functools.lru_cache(maxsize=256)
def _names(medicines: frozenset[str]) -> re.Pattern[str] | None:
    words = sorted({fold(name).text.split(" ")[0] for name in medicines}, key=len, reverse=True)
    words = [word for word in words if len(word) > 2]
    return re.compile("|".join(map(re.escape, words))) if words else None


def _without_medicine_names(text: str, medicines: frozenset[str]) -> str:
    """The patient's medicines by a common word of the same length, which the patterns know."""
    names = _names(medicines) if medicines else None
    if names is None:
        return text

    def common(match: re.Match[str]) -> str:
        size = len(match[0])
        return "xmed".ljust(size, "z")[:size] if match[0][0].isascii() else "药".rjust(size, "品")

    return names.sub(common, text)


def _is_wrong_language(draft: str, context: ReviewContext) -> bool:
    for name in context.medicines | context.patient_names:
        draft = draft.replace(name, " ")
    signs, words = len(_CJK.findall(draft)), len(_LATIN_WORD.findall(draft))
    if context.approved:  # approved words may stand in both languages, as the very first ones do
        own, other = (signs, words) if context.language == "zh" else (words, signs)
        return own < _FEW_WORDS and other >= _FEW_SIGNS
    if context.language == "zh":
        return words >= _FEW_WORDS and signs < 2 * words
    return (signs >= _FEW_SIGNS and signs > words) or not (signs or is_english(draft))


def _judged(draft: str, reasons: list[tuple[str, Span]]) -> Review:
    unique = sorted(set(reasons), key=lambda reason: (reason[1], reason[0]))[:_MOST_REASONS]
    return Review(
        reasons=tuple(
            Reason(rule=rule, start=start, end=end, said=draft[start:end])
            for rule, (start, end) in unique
        )
    )
