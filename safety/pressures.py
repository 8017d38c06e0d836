"""Read blood pressures: pairs of numbers, kilopascals, 高压 and 低压 said apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from safety.figures import Figure
from safety.numbers import NUMBER, to_number
from safety.reading_board import Board, Reading

_PAIR = re.compile(
    rf"\s*(?:mm\s?hg)?\s*(?:/|\\|\bove?r\b|比|斜杠)\s*({NUMBER})"
    r"(?:\s*/\s*(\d{2,3})(?!\d)|[ ,]{1,2}(\d{2,3})(?=\s*(?:$|[,.;\n])))?(?![./]?\d)"
)
_PAIR_ZH = re.compile(r"[\s,、]+([一二两三四五六七八九十百零〇]{2,5})(?![一-龥])")
_KPA = re.compile(rf"({NUMBER})\s*/\s*({NUMBER})\s*(?:kpa|千帕)")
#: 17.3/11.2 beside "blood pressure": kilopascals without their unit, or the day of a month.
_FRACTIONS = re.compile(r"(?<![\d./])([12]\d\.\d)\s*/\s*(\d\d?\.\d)(?![\d./])")


class Pressures(Board):
    """The part of the scan that knows blood pressure."""

    def find_kilopascals(self) -> None:
        """Read "17.6/11.2 kPa" before a date is seen in it."""
        if "kpa" in self.text or "千帕" in self.text:
            for match in _KPA.finditer(self.text):
                self._pair(match.start(), match.end(2), match[1], match[2], kpa=True)
        for match in _FRACTIONS.finditer(self.text):
            if not self.is_taken(*match.span()) and self._names_pressure(match.start()):
                self._pair(*match.span(), match[1], match[2], kpa=True, certain=False)

    def find_pair(self, figure: Figure) -> None:
        """Read the pair that begins at this figure, and a pulse written behind it."""
        if self.is_taken(figure.start, figure.end):
            return
        first = self.text[figure.start : figure.end]
        match = _PAIR.match(self.text, figure.end)
        if match is None:
            if "百" in first and (match := _PAIR_ZH.match(self.text, figure.end)):
                self._pair(figure.start, match.end(1), first, match[1])
            return
        if figure.start and self.text[figure.start - 1] in "./":
            return
        if self._pair(figure.start, match.end(1), first, match[1]):
            group = 2 if match[2] else 3
            if match[group] and 30 <= float(match[group]) <= 220:
                self.add(self.words.quantities["heart_rate"], float(match[group]),
                          match.start(group), match.end(group), certain=False,
                          original=(float(match[group]), "/min"))  # fmt: skip

    def _names_pressure(self, start: int) -> bool:
        """True where the last measurement named before it is blood pressure."""
        before = self.text[max(0, start - 25) : start]
        codes = [self.words.code_of.get(m[0]) for m in self.words.label.finditer(before)]
        return bool(codes) and codes[-1] == "blood_pressure"

    def _pair(
        self, start: int, end: int, first: str, second: str,
        *, kpa: bool = False, certain: bool = True,
    ) -> bool:  # fmt: skip
        pressure = self.words.quantities["blood_pressure"]
        written = to_number(first), to_number(second)
        high, low = (round(n * (pressure.units[1].factor if kpa else 1)) for n in written)
        before = self.text[max(0, start - 25) : start]
        named = kpa or self._names_pressure(start)
        fine = self.possible(high, low, prefix="" if named else "bare_")
        if not fine and not (named and 20 <= max(high, low) < 400 and min(high, low) >= 10):
            return False
        if self.is_target(start) or (not named and self.words.cues["product"].search(before)):
            self.take(start, end)  # seen, and no reading
            return False
        self.add(pressure, float(high), start, end, diastolic=float(low), implausible=not fine,
                  certain=certain, original=(written[0], "kPa" if kpa else "mmHg"))  # fmt: skip
        return True

    def joined(self) -> Iterator[Reading]:
        """高压132 … 低压84 is one blood pressure."""
        waiting: Reading | None = None
        for reading in self.found:
            if waiting is not None and reading.code == "diastolic_pressure" and (
                reading.start - waiting.end < 20
            ):  # fmt: skip
                fine = self.possible(waiting.value, reading.value)
                said = self.original[waiting.start : reading.end]
                yield replace(waiting, diastolic=reading.value, end=reading.end, said=said,
                              certain=fine, implausible=not fine)  # fmt: skip
                waiting = None
                continue
            if waiting is not None:
                yield replace(waiting, certain=False)
                waiting = None
            if reading.code == "systolic":
                waiting = replace(reading, code="blood_pressure")
            else:
                yield reading
        if waiting is not None:
            yield replace(waiting, certain=False)
