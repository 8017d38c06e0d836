"""Pieces gathered into expressions: one day or one rule, with its times and its bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bot.when.atoms import Atom, Clock


@dataclass
class Group:
    """The pieces of one expression so far; the only changing thing in this package."""

    pieces: list[Atom] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)  #: parts of the day that settle no clock
    carried: str | None = None  #: a part that goes on settling the clocks behind it
    open: int = 0  #: how many of the clocks a part behind them may still settle
    day: Atom | None = None
    rule: Atom | None = None
    a_day: int = 0
    count: int | None = None
    moments: tuple[str, ...] = ()
    length: Atom | None = None
    moment: Atom | None = None
    span: Atom | None = None
    clock_range: tuple[Clock, Clock] | None = None
    first: Atom | None = None  #: what follows "from" or "starting"
    last: Atom | None = None  #: what follows "until"
    until_clock: bool = False
    problem: Atom | None = None
    sure: bool = True
    trailing: bool = True  #: whether a part of the day may stand behind its time

    @property
    def at(self) -> tuple[int, int]:
        """From the first piece to the last."""
        return min(p.at[0] for p in self.pieces), max(p.at[1] for p in self.pieces)

    @property
    def empty(self) -> bool:
        """Nothing but joining words."""
        return all(p.role for p in self.pieces)

    @property
    def only_clocks(self) -> bool:
        """A time of day without a day."""
        has = self.clocks or self.parts or self.moments or self.clock_range
        return bool(has) and not (self.day or self.rule or self.moment or self.span or self.length)

    @property
    def only_bounds(self) -> bool:
        """Something that can only bound a rule."""
        return bool(self.first or self.last or self.length or self.count) and not (
            self.rule or self.moment
        )

    def takes(self, piece: Atom, role: str) -> bool:
        """Whether the piece fits beside what is here already."""
        if piece.rule is not None:
            return self._takes_rule(piece)
        if self.length is not None and self.rule is None and not piece.count:
            return False
        if piece.day is not None or piece.span is not None:
            if role == "until" and (self.day or self.rule or self.first or self.only_clocks):
                return True
            if self.rule is not None:
                return (bool(role) and self.first is None) or self._narrows(piece)
            if self.span is not None and piece.day is not None:
                return False
            if self._confirmed_by(piece):
                return True
            return self.day is None and self.moment is None and self.span is None
        if piece.moment is not None:
            return self.day is None and self.moment is None and not self.clocks
        if piece.length is not None:
            return self.rule is not None or self.empty or self._for_days(piece, role)
        return not ((piece.clocks or piece.part) and (self.moment or self.span))

    def _for_days(self, piece: Atom, role: str) -> bool:
        """ "at 8am for ten days" repeats although nobody said every day."""
        length = piece.length
        return role == "for" and self.only_clocks and length is not None and not length.clocked

    def _confirmed_by(self, piece: Atom) -> bool:
        """ "Thursday 29/03": the weekday only says again which day it is."""
        return (
            self.day is not None
            and self.day.weekday is not None
            and piece.day is not None
            and piece.weekday is None
            and not self.clocks
        )

    def _narrows(self, piece: Atom) -> bool:
        """ "once a week on Sunday": the weekday belongs to the rule."""
        rule = self.rule.rule if self.rule is not None else None
        return (
            piece.weekday is not None
            and rule is not None
            and rule.frequency == "weekly"
            and not (rule.weekdays and self.rule is not None and self.rule.sure)
        )

    def _agreeing(self, piece: Atom) -> Atom:
        """Of the readings of a date the one on the weekday that was said; none: it is asked."""
        wanted = self.day.weekday if self.day is not None else None
        for day in (piece.day, *piece.other_days):
            if day is not None and day.weekday() == wanted:
                return replace(piece, day=day, other_days=(), sure=True)
        self.sure = False
        return piece

    def _narrow(self, weekday: int) -> None:
        assert self.rule is not None and self.rule.rule is not None
        rule = replace(self.rule.rule, weekdays=(weekday,))
        self.rule = replace(self.rule, rule=rule, sure=True)

    def _takes_rule(self, piece: Atom) -> bool:
        if self.rule is None:
            return self.moment is None
        one, two = self.rule.rule, piece.rule
        assert one is not None and two is not None
        if piece.a_day or self.a_day or two.frequency == "daily":
            return True
        return one.frequency in ("weekly", "daily") and two.frequency == "weekly"

    def add(self, piece: Atom, role: str) -> None:
        """Take the piece in; call ``takes`` first."""
        self.pieces.append(piece)
        self.sure = self.sure and (piece.sure or self._confirmed_by(piece))
        if piece.problem is not None:
            self.problem = piece
        if piece.rule is not None:
            self._add_rule(piece)
        if piece.day is not None or (piece.span is not None and (self.rule or role)):
            self._add_day(piece, role)
        elif piece.span is not None and self.day is None:
            self.span = piece
        self.moment = piece if piece.moment is not None else self.moment
        self.length = piece if piece.length is not None else self.length
        self.count = piece.count or self.count
        self.moments += piece.moments
        self.clock_range = piece.clock_range or self.clock_range
        if piece.clocks:
            self._add_clocks(piece.clocks, role)
        if piece.part is not None:
            self._add_part(piece.part)

    def _add_rule(self, piece: Atom) -> None:
        self.a_day = piece.a_day or self.a_day
        old = self.rule
        if old is None or old.rule is None:
            before, self.day, self.rule = self.day, None, piece
            if before is not None and self.first is None:
                if self._narrows(before):
                    self._narrow(before.weekday or 0)
                else:
                    self.first = before
            return
        assert piece.rule is not None
        if old.rule.frequency == "daily" and old.rule.interval == 1:
            if piece.rule.frequency != "daily" or piece.rule.interval > 1:
                self.rule = piece
        elif piece.rule.weekdays and old.rule.frequency == "weekly":
            joined = replace(
                old.rule,
                weekdays=tuple(sorted({*old.rule.weekdays, *piece.rule.weekdays})),
                interval=max(old.rule.interval, piece.rule.interval),
            )
            self.rule = replace(old, rule=joined)

    def _add_day(self, piece: Atom, role: str) -> None:
        if role == "until" and (self.day or self.rule or self.first or self.only_clocks):
            self.last = piece
        elif self.rule is not None and not role and self._narrows(piece):
            self._narrow(piece.weekday or 0)
        elif self.rule is not None:
            self.first = piece
        elif self._confirmed_by(piece):
            self.day = self._agreeing(piece)
        else:
            self.day = piece
            if role == "from":
                self.first = piece

    def _add_clocks(self, clocks: tuple[Clock, ...], role: str) -> None:
        if role == "until" and len(self.clocks) == 1 and len(clocks) == 1 and self.rule is None:
            one, two = self.clocks[0], clocks[0]
            if self.carried and not two.known:
                two = two.settled(self.carried)
            if one.known and not two.known and two.hour < one.hour < two.hour + 12:
                two = replace(two.other(), known=True)
            if two.known and not one.known:
                one = replace(one, known=True) if one.hour <= 12 else one
                one = one.other() if one.hour + 12 <= two.hour else one
            self.clocks, self.clock_range = [], (one, two)
            return
        for clock in clocks:
            settled = clock.settled(self.carried) if self.carried else clock
            self.clocks.append(settled)
            self.open += not settled.known
            if self.carried and self._agrees(self.carried) and self.parts[-1:] == [self.carried]:
                self.parts.pop()

    def _add_part(self, part: str) -> None:
        if self.clock_range and not self.clock_range[0].known:
            one, two = (c.settled(part) for c in self.clock_range)
            self.clock_range = (one, two)
        elif self.open and self.trailing:
            self.clocks = [c.settled(part) for c in self.clocks]
            self.open = 0
        elif self.clocks and self._agrees(part):
            return
        else:
            self.parts.append(part)
            self.carried = part

    def _agrees(self, part: str) -> bool:
        """ "9am in the morning" says the same twice."""
        hour = self.clocks[-1].hour
        return {"morning": hour < 12, "early": hour < 7, "afternoon": 12 <= hour < 18}.get(
            part, hour >= 17 or hour < 6
        )


def without_manner(text: str, pieces: list[Atom]) -> list[Atom]:
    """ "At 9am with food", "早上八点早饭后": a meal beside a clock time is how, not when."""
    clocks = [p for p in pieces if (p.clocks or p.part) and not p.by_meal]
    found: list[Atom] = []
    for piece in pieces:
        before = found[-1] if found else None
        beside = before in clocks and before.clocks and not text[before.at[1] : piece.at[0]].strip()
        if not piece.by_meal or not clocks or not (piece.moments or beside):
            found.append(piece)
        elif piece.rule is not None:
            found.append(replace(piece, moments=()))
    return found


def gather(
    text: str, pieces: list[Atom], glue: re.Pattern[str], *, trailing: bool, spread: bool
) -> list[Group]:
    """Pieces side by side become one group; a lone time joins the one day or rule it needs.

    ``spread``: several lone times join one day as well, as in a wish for one reminder.
    """
    groups = list(_side_by_side(text, pieces, glue, trailing))
    for before, after in pairwise(groups):
        if before.only_clocks and not before.clocks and before.parts and after.open:
            after.clocks = [c.settled(before.parts[-1]) for c in after.clocks]
    rules = [g for g in groups if g.rule is not None]
    several = [g for g in groups if g.clocks and g.only_clocks]
    hosts = rules or [g for g in groups if g.day is not None and not g.clocks and not g.parts]
    if len(hosts) == 1:
        host = hosts[0]
        loose = [
            g for g in groups if g is not host and (g.only_clocks or (rules and g.only_bounds))
        ]
        if rules or len(loose) == 1 or (spread and loose == several):
            for group in loose:
                groups.remove(group)
                for piece, role in _with_roles(group.pieces):
                    host.add(piece, role)
    return groups


def _with_roles(pieces: list[Atom]) -> Iterator[tuple[Atom, str]]:
    role = ""
    for piece in pieces:
        if piece.role:
            role = piece.role
        else:
            yield piece, role
            role = ""


def _side_by_side(
    text: str, pieces: list[Atom], glue: re.Pattern[str], trailing: bool
) -> Iterator[Group]:
    group, role, waiting = Group(trailing=trailing), "", None
    for piece in pieces:
        near = not group.pieces or glue.fullmatch(text, _end(group, waiting), piece.at[0])
        if not near:
            if not group.empty:
                yield group
            group, role, waiting = Group(trailing=trailing), "", None
        if piece.role:
            role, waiting = piece.role, piece
            if not group.pieces:
                group.pieces.append(piece)
            continue
        if not group.takes(piece, role):
            yield group
            group = Group(trailing=trailing)
        group.add(piece, role)
        role, waiting = "", None
    if group.pieces and not group.empty:
        yield group


def _end(group: Group, waiting: Atom | None) -> int:
    return waiting.at[1] if waiting is not None else group.at[1]
