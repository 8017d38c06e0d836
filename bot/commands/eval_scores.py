"""What the labels of a screening file say about the answers: counts, shares and intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

from bot.commands.eval_lines import Case
from safety import Tier, Verdict
from safety.shares import wilson


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One case, its verdict and the milliseconds it took."""

    case: Case
    verdict: Verdict
    milliseconds: float

    @property
    def stated(self) -> Tier:
        """The most urgent tier that was stated, questions left aside."""
        return Tier.worst_of(f.tier for f in self.verdict.findings if not f.asked)

    @property
    def wanted(self) -> Tier:
        """The least urgent tier that the labels accept; of an unlabelled case P3."""
        if self.case.tier is None:
            return Tier.P3
        return max({self.case.tier, *self.case.acceptable})

    @property
    def outright(self) -> bool:
        return self.stated.is_at_least(self.wanted)

    @property
    def asked(self) -> bool:
        """Caught, but by a question."""
        return not self.outright and self.verdict.tier.is_at_least(self.wanted)

    @property
    def silent(self) -> bool:
        """Nothing was found at all."""
        return self.verdict.tier is Tier.P3

    @property
    def false_alarm(self) -> bool:
        """A stated emergency that no label accepts."""
        return self.stated is Tier.P0 and not self._accepts_p0

    @property
    def false_question(self) -> bool:
        """A question about an emergency that no label accepts."""
        asked = self.verdict.tier is Tier.P0 and self.verdict.asked
        return asked and not self._accepts_p0

    @property
    def _accepts_p0(self) -> bool:
        return Tier.P0 in {self.case.tier, *self.case.acceptable}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank); 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _share(hits: int, of: int) -> str:
    if of == 0:
        return "–"
    low, high = wilson(hits, of)
    return f"{hits / of:.1%} [{low:.1%}, {high:.1%}]"


def tables(answers: Iterable[Answered]) -> list[Table]:
    """By tier, group, kind and language, for the labelled answers."""
    labelled = [answer for answer in answers if answer.case.tier is not None]
    by: dict[str, Callable[[Answered], str]] = {
        "tier": lambda a: a.case.tier.name if a.case.tier is not None else "",
        "group": lambda a: a.case.group,
        "kind": lambda a: a.case.kind,
        "language": lambda a: a.case.patient.language,
    }
    return [_table(name, key, labelled) for name, key in by.items()]


def _table(name: str, key: Callable[[Answered], str], answers: Sequence[Answered]) -> Table:
    """Recall is of the messages labelled P0 to P2 (a question counts), false alarms of P3."""
    table = Table(title=f"By {name}", title_justify="left")
    table.add_column(name)
    columns = ("urgent", "recall", "asked", "too low", "silent", "harmless", "false P0",
               "false P0 asked", "ms p50", "ms p95")  # fmt: skip
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    parts: dict[str, list[Answered]] = {}
    for answer in answers:
        parts.setdefault(key(answer) or "–", []).append(answer)
    for part in sorted(parts):
        table.add_row(part, *_row(parts[part]))
    table.add_section()
    table.add_row("all", *_row(answers))
    return table


def _row(answers: Sequence[Answered]) -> list[str]:
    urgent = [a for a in answers if a.case.tier is not Tier.P3]
    harmless = [a for a in answers if a.case.tier is Tier.P3]
    outright, asked = sum(a.outright for a in urgent), sum(a.asked for a in urgent)
    silent = sum(a.silent for a in urgent if not a.outright)
    times = [a.milliseconds for a in answers]
    return [
        str(len(urgent)),
        _share(outright + asked, len(urgent)),
        _share(asked, len(urgent)),
        str(len(urgent) - outright - asked - silent),
        str(silent),
        str(len(harmless)),
        _share(sum(a.false_alarm for a in harmless), len(harmless)),
        _share(sum(a.false_question for a in harmless), len(harmless)),
        f"{quantile(times, 0.5):.2f}",
        f"{quantile(times, 0.95):.2f}",
    ]
