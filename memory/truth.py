"""Lay what a message states beside what is known: added, superseded, or a question to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from memory.correct import EVERYTHING, Correction, corrections, says_change
from memory.fact import PATIENTS_OWN, Fact, about_field, plain
from memory.learn import learn, same_family
from memory.model import SaidBy
from memory.statement import Statement, each, in_words
from memory.when import span
from memory.words import is_chinese, terms

_AGAIN = timedelta(days=1)  #: the same complaint within this time is one complaint
_SLIP = timedelta(days=3)  #: "70, not 7" means something said lately
_MOST_ASKED = 3
_DOSE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-zµ]+|毫克|微克|克|毫升)?", re.IGNORECASE)
_IN_MG = {"g": 1000.0, "克": 1000.0, "mcg": 0.001, "µg": 0.001, "微克": 0.001, "毫克": 1.0}
#: "For three weeks" began three weeks ago, "since Tuesday" on Tuesday.
_AS_DATES = (
    (
        re.compile(r"^for (?:the last |the past |about |around |nearly |over )?(.+)$", re.I),
        r"\1 ago",
    ),
    (re.compile(r"^(?:since|from) ((?:mon|tues|wednes|thurs|fri|satur|sun)day)", re.I), r"on \1"),
    (re.compile(r"^(?:已经|有)?(.+?)(?:多)?了$"), r"\1前"),
)
#: Kinds of which the same thing, said in more or fewer words, is known once.
_ONCE = ("Condition", "AllergyIntolerance", "MedicationStatement")


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """`old` is contradicted, by `new` where something else was stated.

    `how`: "denied" and "differs" are for the patient to answer; "clinic": `old` is the clinic's
    own note, which a patient's words do not change.
    """

    old: Fact
    new: Fact | None
    how: str


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What one message does to what is known. Nothing is written here."""

    added: tuple[Fact, ...] = ()
    changed: tuple[Fact, ...] = ()  #: known facts as they are from now on
    swapped: tuple[tuple[Fact, Fact | None], ...] = ()  #: (was, is): what the patient corrected
    doubts: tuple[Doubt, ...] = ()
    clashes: tuple[tuple[Fact, Fact], ...] = ()  #: (allergy, medicine) of one family


def settle(
    text: str,
    *,
    language: str,
    patient_id: str,
    source: str,
    at: datetime,
    known: Sequence[Fact],
    clinic: Sequence[Fact] = (),
    said_by: SaidBy = "patient",
    mark: str = "",
    stated: Sequence[Statement] | None = None,
) -> Settled:
    """Compare `text`, said at `at` (aware), with `known`: everything kept, superseded too.

    `clinic` are notes kept elsewhere: what is stated may clash with them and changes none.

    What people said themselves they may correct in so many words; it is superseded with a date.
    Any other contradiction about an allergy or a medicine is a doubt, and nothing is overwritten.
    A retelling adds nothing and makes nothing more certain. The same call gives the same ids; they
    begin with `mark`, or with `source` where there is none. `stated`: what `learn` finds in `text`,
    where the caller has asked it already.
    """
    mark = mark or source
    told = facts_in(
        text,
        language=language,
        patient_id=patient_id,
        source=source,
        at=at,
        said_by=said_by,
        mark=mark,
        stated=stated,
    )
    desk = _Desk(at, language, known, clinic)
    taken: list[tuple[int, int]] = []
    for one in corrections(text, language=language) if said_by == "patient" else ():
        if not any(one.start < end and start < one.end for start, end in taken):
            told, used = desk.correct(one, told, f"{mark}/fact/c{len(taken)}", source, patient_id)
            if used:
                taken.append((one.start, one.end))
    for fact in told:
        desk.tell(fact, changes=says_change(text, language))
    return desk.settled()


def facts_in(
    text: str,
    *,
    language: str,
    patient_id: str,
    source: str,
    at: datetime,
    said_by: SaidBy = "patient",
    mark: str = "",
    stated: Sequence[Statement] | None = None,
) -> list[Fact]:
    """The facts that `text` states, by rule, each with an id derived from `mark` or its source."""
    if stated is None:
        stated = learn(text, language=language, said_by=said_by)
    single = [one for statement in stated for one in each(statement)]
    return [
        Fact(
            id=f"{mark or source}/fact/{number}",
            patient_id=patient_id,
            kind=one.kind,
            text=one.text,
            values=one.values,
            said_by=said_by,
            source=source,
            language=language,
            recorded_at=at,
            valid_from=_since(one, at),
            verification="certain" if one.certain else "unconfirmed",
        )
        for number, one in enumerate(single)
    ]


def _since(statement: Statement, at: datetime) -> datetime | None:
    """The day that "since Tuesday" began, where it can be worked out."""
    words = statement.values.get("onset") or statement.values.get("since", "")
    for pattern, form in _AS_DATES:
        words = pattern.sub(form, words)
    found = span(words, at)
    if found is None or found.vague:
        return None
    middle = found.first + (found.last - found.first) / 2
    return datetime.combine(middle, time(), tzinfo=at.tzinfo)


class _Desk:
    """Where one message is laid beside what is known."""

    def __init__(
        self, at: datetime, language: str, known: Sequence[Fact], clinic: Sequence[Fact]
    ) -> None:
        self._at, self._language, self._clinic = at, language, clinic
        self._now = {f.id: f for f in known if f.status == "current"}
        self._wrong = [f for f in known if f.status == "entered-in-error"]
        self._before = dict(self._now)
        self._added: list[Fact] = []
        self._swapped: list[tuple[Fact, Fact | None]] = []
        self._doubts: list[Doubt] = []

    def settled(self) -> Settled:
        changed = [f for f in self._now.values() if self._before.get(f.id, f) is not f]
        return Settled(
            added=tuple(self._added),
            changed=tuple(changed),
            swapped=tuple(self._swapped),
            doubts=tuple(self._doubts),
            clashes=tuple(self._clashes()),
        )

    def correct(
        self, one: Correction, told: list[Fact], new_id: str, source: str, patient_id: str
    ) -> tuple[list[Fact], bool]:
        """Apply a correction; returns what is left of `told` and whether anything was meant."""
        meant = self._meant(one)
        if not meant:
            if one.act == "replaced" and one.kind and one.now:
                return self._add_what_replaces(one, told, new_id, source, patient_id), True
            return told, False
        told = [f for f in told if not (f.kind == meant[-1].kind and alike(f.about, one.was))]
        if one.act == "denied":
            for old in meant[:_MOST_ASKED]:
                self._doubt(old, None, "denied")
            return told, True
        if one.act == "ended":
            for old in meant:
                self._end(old, None)
            return told, True
        old = meant[-1]
        standing = next(
            (f for f in self._known() if f is not old and _is(f, old.kind, one.now)), None
        )
        if standing is not None:  # what is right was known beside it
            self._end(old, standing)
            return told, True
        new = next((f for f in told if f.kind == old.kind and alike(f.about, one.now)), None)
        told = [f for f in told if f is not new]
        if new is None:
            new = self._replacement(old, one, new_id, source)
        self._end(old, new)
        return told, True

    def tell(self, fact: Fact, *, changes: bool) -> None:
        """Add a statement, unless it is known already or contradicts what is known."""
        if any(w.kind == fact.kind and alike(w.about, fact.about) for w in self._wrong):
            fact = replace(fact, verification="unconfirmed")  # said before, and found wrong
        same = [f for f in self._known() if f.kind == fact.kind and self._same(f, fact)]
        for guess in (f for f in same if f.said_by == "inferred" and f.id in self._now):
            # What was only understood from the words is now said by the person.
            self._now[guess.id] = replace(
                guess, status="superseded", valid_until=self._at, replaced_by=fact.id
            )
        same = [f for f in same if f.said_by != "inferred"]
        if not same:
            self._added.append(fact)
            return
        old = same[-1]
        if fact.kind == "MedicationStatement" and _differ(old, fact):
            if changes and old.said_by in PATIENTS_OWN and old.id in self._now:
                self._end(old, fact)
            else:
                # Kept beside the old one, open, so that it is not lost if nobody answers.
                fact = replace(fact, verification="unconfirmed", disputes=old.id)
                self._added.append(fact)
                how = "differs" if old.said_by in PATIENTS_OWN else "clinic"
                self._doubts.append(Doubt(old=old, new=fact, how=how))
        elif _says_more(fact, old) and old.id in self._now and old.said_by in PATIENTS_OWN:
            # More detail, no more certainty: what was open stays open.
            fuller = replace(
                fact,
                values={**old.values, **fact.values},
                verification=old.verification,
                valid_from=fact.valid_from or old.valid_from or old.recorded_at,
            )
            self._supersede(old, fuller)

    def _known(self) -> list[Fact]:
        return [f for f in self._now.values() if f.status == "current"] + self._added

    def _same(self, old: Fact, new: Fact) -> bool:
        if new.kind == "Observation":
            return plain(old.text) == plain(new.text) and new.recorded_at - old.recorded_at < _AGAIN
        if new.kind in _ONCE:
            return alike(old.about, new.about)
        return plain(old.text) == plain(new.text)

    def _meant(self, one: Correction) -> list[Fact]:
        current = [f for f in self._now.values() if f.status == "current"]
        if one.kind:
            found = [f for f in current if f.kind == one.kind]
            if one.was == EVERYTHING:
                return found
            return [f for f in found if alike(f.about, one.was)]
        if not any(c.isdigit() for c in one.was):
            return [f for f in current if alike(f.about, one.was)][-1:]
        number = re.compile(rf"(?<![\d.]){re.escape(one.was)}(?![\d.])", re.IGNORECASE)
        lately = [f for f in current if self._at - f.recorded_at < _SLIP]
        return [f for f in lately if number.search(f.text)][-1:]

    def _end(self, old: Fact, new: Fact | None) -> None:
        """What the patient said is superseded; what the clinic noted stands, and is in doubt."""
        if old.said_by not in PATIENTS_OWN:
            if new is not None and new.id not in self._now:
                new = replace(new, verification="unconfirmed", disputes=old.id)
                self._added.append(new)
            self._doubt(old, new, "clinic")
            return
        self._swapped.append((old, new))
        self._supersede(old, new)

    def _supersede(self, old: Fact, new: Fact | None) -> None:
        self._now[old.id] = replace(
            old,
            status="superseded",
            valid_until=self._at,
            replaced_by=new.id if new else "",
        )
        if new is not None and new.id not in self._now:
            self._added.append(new)

    def _doubt(self, old: Fact, new: Fact | None, how: str) -> None:
        how = how if old.said_by in PATIENTS_OWN else "clinic"
        self._doubts.append(Doubt(old=old, new=new, how=how))

    def _replacement(self, old: Fact, one: Correction, new_id: str, source: str) -> Fact:
        """The corrected statement, in the words of the old one where only a number differs."""
        values = dict(old.values)
        if any(c.isdigit() for c in one.was):
            number = re.compile(rf"(?<![\d.]){re.escape(one.was)}(?![\d.])", re.IGNORECASE)
            text = number.sub(lambda _: one.now, old.text)
            values = {part: number.sub(lambda _: one.now, v) for part, v in values.items()}
        else:
            text = in_words(old.kind, one.now, self._language)
            values = {about_field(old.kind): one.now}
        return replace(
            old, id=new_id, text=text, values=values, source=source, recorded_at=self._at,
            valid_from=None, language=self._language, said_by="patient", author="",
        )  # fmt: skip

    def _add_what_replaces(
        self, one: Correction, told: list[Fact], new_id: str, source: str, patient_id: str
    ) -> list[Fact]:
        """ "Not to penicillin, to ampicillin": ampicillin counts, whatever was known."""
        if any(f.kind == one.kind and alike(f.about, one.now) for f in told):
            return told
        fact = Fact(
            id=new_id,
            patient_id=patient_id,
            kind=one.kind,
            text=in_words(one.kind, one.now, self._language),
            values={about_field(one.kind): one.now},
            source=source,
            language=self._language,
            recorded_at=self._at,
        )
        return [*told, fact]

    def _clashes(self) -> Iterable[tuple[Fact, Fact]]:
        """A medicine and an allergy that do not go together, one of them new."""
        fresh = {fact.id for fact in self._added}
        known = [*self._known(), *self._clinic]
        for allergy in (f for f in known if f.kind == "AllergyIntolerance"):
            for medicine in (f for f in known if f.kind == "MedicationStatement"):
                if {allergy.id, medicine.id} & fresh and (
                    alike(allergy.about, medicine.about)
                    or same_family(allergy.about, medicine.about)
                ):
                    yield allergy, medicine


def _is(fact: Fact, kind: str, about: str) -> bool:
    return fact.kind == kind and alike(fact.about, about)


def alike(one: str, other: str) -> bool:
    """The same thing, in more or fewer words: "metformin" and "the metformin tablets"."""
    one, other = plain(one), plain(other)
    if not one or not other:
        return False
    if is_chinese(one) or is_chinese(other):
        short, long = sorted((one, other), key=len)
        return short == long or (len(short) > 1 and short in long)
    first, second = set(terms(one)), set(terms(other))
    return one == other or bool(first and second and (first <= second or second <= first))


def _differ(old: Fact, new: Fact) -> bool:
    """Two doses, or two ways of taking one, that cannot both be meant."""
    for part, read in (("dose", _amount), ("times", plain)):
        before, after = old.values.get(part), new.values.get(part)
        if before and after and read(before) != read(after):
            return True
    return False


def _amount(dose: str) -> tuple[object, ...]:
    """A dose in milligrams where it can be, so that 0.5 g is 500 mg; else number and unit."""
    match = _DOSE.search(dose)
    if match is None:
        return (plain(dose),)
    number, unit = float(match[1].replace(",", ".")), (match[2] or "").lower()
    unit = {"milligram": "mg", "milligrams": "mg", "micrograms": "mcg"}.get(unit, unit)
    if unit in _IN_MG:
        return round(number * _IN_MG[unit], 6), "mg"
    return number, unit


def _says_more(new: Fact, old: Fact) -> bool:
    """The new statement holds a part that the old one lacks, or names it more closely."""
    if any(value and not old.values.get(part) for part, value in new.values.items()):
        return True
    return new.kind == "Condition" and len(new.about) > len(old.about)
