"""Judge readings by the bands of metric_rules.toml: numbers decide, words only raise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from safety.limits import crossed, replaced
from safety.metric_rules import Comparison, Rule, Rules, rules
from safety.numbers import flatten, to_number
from safety.readings import Reading
from safety.verdict import Finding, PatientFacts, Tier

_ADULT_YEARS, _BIRTH_WEEKS, _USUAL = 16.0, 6.0, 3
_TYPING_ERROR_KG = 10.0  # a larger gain is asked about first
_DENIAL_REACH, _MOST_DENIALS = 60, 40
# A denial counts only right before the symptom, alone or in a list ("no fever or headache").
_DENIED = re.compile(
    r"(?:\b(?:no|not|without|never|nor|don.?t have(?: any)?|haven.?t(?: got)?(?: any)?|any)\s+"
    r"(?:any\s+)?(?:[a-z]+(?:\s[a-z]+)?\s*(?:,|\bor\b|/|\bnor\b)\s*(?:or\s+)?(?:any\s+)?){0,4}"
    r"|(?:没有|没|无|不|并无|也不|也没有?|未)(?:[^\s,。;但]{1,6}[、,或和也]){0,4})$"
)


@dataclass(frozen=True, kw_only=True)
class EarlierReading:
    """A reading of the record; ``days_ago`` counts back from the message now judged."""

    code: str
    value: float
    days_ago: float
    diastolic: float | None = None


def judge(
    readings: Iterable[Reading],
    *,
    patient: PatientFacts,
    flags: frozenset[str] = frozenset(),
    earlier: Sequence[EarlierReading] = (),
    text: str = "",
) -> tuple[Finding, ...]:
    """What the readings of one message mean, worst first; at most one finding for each flag.

    ``flags`` are the red flags found in the words; ``text`` (the message) lets symptoms that are
    no flag of their own count too, and an age written in it ("my 2 month old"). A value that fits
    two units is judged as the more dangerous one; that, an uncertain and an implausible value
    come back ``asked``, the implausible never above P1. ``cues`` holds the rule's id, or the kind
    of a limit that a clinician set for this patient.
    """
    case = _Case(tuple(readings), patient, flags, tuple(earlier), text)
    best: dict[str, Finding] = {}
    seen: set[tuple[object, ...]] = set()
    for reading in case.readings:
        same = (reading.code, reading.value, reading.diastolic, reading.unit, reading.certain)
        if same in seen:
            continue
        seen.add(same)
        for finding in (*case.of(reading), *crossed(patient.limits, reading)):
            known = best.get(finding.flag)
            if known is None or finding.rank < known.rank:
                best[finding.flag] = finding
    return tuple(sorted(best.values(), key=lambda finding: finding.rank))


class _Case:
    """One message with everything known around it."""

    def __init__(self, readings: tuple[Reading, ...], patient: PatientFacts, flags: frozenset[str],
                 earlier: tuple[EarlierReading, ...], text: str) -> None:  # fmt: skip
        self.readings, self.patient, self.flags, self.earlier = readings, patient, flags, earlier
        self.text = flatten(text)
        self.rules: Rules = rules()
        self.symptoms: dict[str, bool] = {}
        written = self._age_in_words() if readings else None
        self.age = written if written is not None else patient.age_years
        self.conditions = tuple(word.lower().replace("_", " ") for word in patient.conditions)
        self.medicines = tuple(word.lower() for word in patient.medicines)
        self.told = tuple(word.lower().replace("_", " ") for word in patient.told)
        self.replaced = replaced(patient.limits)

    def of(self, reading: Reading) -> list[Finding]:
        """The findings of the worst tier of one reading, over all units it may be in."""
        fitting = [r for r in self.rules.by_code.get(reading.code, ()) if r.id not in self.replaced]
        if not fitting:
            return []
        values = {reading.value} | {value for value, _ in reading.alternatives}
        fired: list[tuple[Rule, bool]] = []
        for value in values:
            said = replace(reading, value=value)
            fired += [
                (rule, self._unlikely(rule, said)) for rule in fitting if self._fires(rule, said)
            ]
        if not fired:
            return []
        worst = Tier.worst_of(rule.tier for rule, _ in fired)
        asked = not reading.certain or bool(reading.alternatives) or reading.implausible
        tier = Tier.P1 if reading.implausible and worst is Tier.P0 else worst
        findings: list[Finding] = []
        for rule, unlikely in fired:
            if rule.tier is worst and rule.flag not in [finding.flag for finding in findings]:
                cues = tuple(
                    cue for cue in (rule.id, rule.cue, "implausible" if reading.implausible else "",
                                    "two_units" if reading.alternatives else "") if cue
                )  # fmt: skip
                findings.append(
                    Finding(flag=rule.flag, tier=tier, start=reading.start, end=reading.end,
                            source="metric", cues=cues, asked=asked or unlikely)
                )  # fmt: skip
        return findings

    # -- one rule -------------------------------------------------------------------------

    def _fires(self, rule: Rule, reading: Reading) -> bool:
        return (
            (not rule.unit or rule.unit == reading.unit)
            and _in_band(rule, reading.value, reading.diastolic)
            and self._who(rule)
            and self._record(rule)
            and (not rule.rise or self._gain(rule, reading.value) is not None)
            and (rule.also is None or self._also(rule.also))
            and (rule.earlier is None or self._repeated(rule, reading))
            and not (rule.unless_usual and self._usual(rule))
            and (not rule.symptoms or any(self._has(symptom) for symptom in rule.symptoms))
        )

    def _who(self, rule: Rule) -> bool:
        if rule.adult and self.age is not None and self.age < _ADULT_YEARS:
            return False
        if rule.age and (self.age is None or not rule.age[0] <= self.age < rule.age[1]):
            return False
        if rule.who == "anyone":
            return True
        weeks = self.patient.postpartum_weeks
        recent = weeks is not None and weeks <= _BIRTH_WEEKS
        return recent or (rule.who == "birth" and self.patient.pregnant is True)

    def _record(self, rule: Rule) -> bool:
        named, known = self.rules.conditions, self.conditions
        if rule.conditions and not any(
            _among(named[c], (*known, *self.told)) for c in rule.conditions
        ):
            return False
        if any(_among(named[c], known) for c in rule.without_conditions):
            return False
        taken = self.rules.medicines
        return not rule.medicines or any(
            _among(taken[m], (*self.medicines, *self.told)) for m in rule.medicines
        )

    def _gain(self, rule: Rule, value: float) -> float | None:
        """How much more than the lowest earlier value, when it is more than the rule allows."""
        for days, more_than in rule.rise:
            before = [e.value for e in self.earlier if e.code == rule.code and e.days_ago <= days]
            if before and value - min(before) > more_than:
                return value - min(before)
        return None

    def _unlikely(self, rule: Rule, reading: Reading) -> bool:
        gain = self._gain(rule, reading.value)
        return gain is not None and gain > _TYPING_ERROR_KG

    def _also(self, also: Comparison) -> bool:
        return any(r.code == also.field and also.holds(r.value, also.limit) for r in self.readings)

    def _repeated(self, rule: Rule, reading: Reading) -> bool:
        assert rule.earlier is not None
        least, most = rule.earlier.apart_minutes / 1440, rule.earlier.within_hours / 24
        count = sum(
            e.code == rule.code and least <= e.days_ago <= most
            and _in_band(rule, e.value, e.diastolic) for e in self.earlier
        )  # fmt: skip
        for other in self.readings:
            if count >= rule.earlier.count:
                break
            same = other.code == rule.code and other.start != reading.start
            count += same and _in_band(rule, other.value, other.diastolic)
        return count >= rule.earlier.count

    def _usual(self, rule: Rule) -> bool:
        same = [e for e in self.earlier if e.code == rule.code]
        return sum(_in_band(rule, e.value, e.diastolic) for e in same) >= _USUAL

    # -- the words ------------------------------------------------------------------------

    def _has(self, name: str) -> bool:
        if name not in self.symptoms:
            symptom = self.rules.symptoms[name]
            self.symptoms[name] = bool(symptom.flags & self.flags) or self._said(symptom.words)
        return self.symptoms[name]

    def _said(self, words: re.Pattern[str]) -> bool:
        denials = 0
        for match in words.finditer(self.text):
            start = match.start()
            edge = self.text[start - 1] if start and match[0][0].isascii() else ""
            if "a" <= edge <= "z":
                continue  # inside another word
            if not _DENIED.search(self.text, max(0, start - _DENIAL_REACH), start):
                return True
            denials += 1
            if denials > _MOST_DENIALS:
                return True  # no patient denies so often: a person should look
        return False

    def _age_in_words(self) -> float | None:
        for pattern, years in self.rules.ages if self.text else ():
            match = pattern.search(self.text)
            if match is not None:
                return to_number(next(group for group in match.groups() if group)) * years
        return None


def _in_band(rule: Rule, value: float, diastolic: float | None) -> bool:
    def holds(comparison: Comparison) -> bool:
        compared = diastolic if comparison.field == "diastolic" else value
        return compared is not None and comparison.holds(compared, comparison.limit)

    return all(map(holds, rule.all)) and (not rule.any or any(map(holds, rule.any)))


def _among(words: tuple[str, ...], record: tuple[str, ...]) -> bool:
    return any(word in entry for word in words for entry in record)
