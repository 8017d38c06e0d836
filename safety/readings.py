"""Read blood pressure, sugar, weight and other measurements out of what a patient wrote."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from safety.figures import Figure, find_figures
from safety.numbers import ANY_NUMBER, NUMBER, to_number
from safety.pressures import Pressures
from safety.reading_board import Reading
from safety.units import Quantity

__all__ = ["Reading", "read_vitals"]

_REACH, _FAR = 30, 44  # characters between a label and its value, and with the label itself
_END = re.compile(r"[!?;。！？；\n]|\.(?!\d)")
_CLAUSE = re.compile(r"[.!?;。！？；\n]")
_HI_LO = re.compile(r"(?<![A-Za-z])(?:HI|LO|Hi|Lo|hi|lo)(?![A-Za-z])")
_SHOWN = re.compile(r"(?:says?|said|reads?|shows?|showed|显示|是|为|出|[:：]|[一-龥])\s*['\"“]?$")
_HEIGHT_ZH = re.compile(r"\s*(?:米|m)\s*([0-9〇零一二三四五六七八九]{1,2})(?![0-9])")
_FEET = re.compile(r"([3-7])\s*(?:'|’|ft\.?|feet|foot)\s*(1[01]|\d)"
                   r"(?:\s*(?:\"|''|”|in|ins|inch|inches)(?![a-z])|(?![\d\w]))")  # fmt: skip
_SECOND = re.compile(
    r"\s*(?:mm\s?hg)?\s*(?:/|\\|ove?r|and|比|到|至|和|[\s,、~–\-])\s*"
    rf"({NUMBER})(?![\d./:]|\s*(?:%|kg))"
)
_DEGREES = re.compile(r"\s*度\s*(半|[0-9一二三四五六七八九](?![\d十点]))?(?!电)")
_MORE = re.compile(
    rf"\s*(?:,|、|and|then|和|然后|;)\s*(?:then\s+)?({NUMBER})"
    r"(?=\s*(?:$|[,、.;。!?]|and\b|then\b|和|before\b|after\b|at\b))"
)
_STRICT = re.compile(r"[\s:=]*(?:is|was|of|were)?[\s:=是为]*(?:到|了)?")
_GOES_ON = re.compile(r"\s*(?![了今早晚昨左上下多吧啊呢哦嘛在是但不])[一-龥]")
_RANGE = re.compile(rf"\s*(?:-|–|~|to|到|至)\s*{NUMBER}")


def read_vitals(text: str, *, language: str = "en") -> tuple[Reading, ...]:
    """Every reading in the text, in order; empty when there is none. Never raises.

    ``language`` ("en" or "zh") decides what a value without a unit is likely to mean.
    """
    meter = _HI_LO.search(text) is not None
    if not meter and not ANY_NUMBER.search(text):
        return ()
    return _Scan(text, language, meter=meter).run()


class _Scan(Pressures):
    """One pass over one text; a character taken by a reading is not read again."""

    def __init__(self, text: str, language: str, *, meter: bool) -> None:
        super().__init__(text, language)
        self.meter = meter
        self.figures: list[Figure] = []
        self.starts: list[int] = []
        self.fever: bool | None = None

    def run(self) -> tuple[Reading, ...]:
        if self.meter:
            self._meters()
        if self.words.pain_words.search(self.text):
            self._pains()
        self.find_kilopascals()
        self._find_figures()
        if self.figures:
            labels = self._labels()
            for figure in self.figures:
                self.find_pair(figure)
            for index, label in enumerate(labels):
                following = labels[index + 1].start() if index + 1 < len(labels) else len(self.text)
                self._labelled(label, labels[index - 1].end() if index else 0, following)
            for figure in self.figures:
                if not self.is_taken(figure.start, figure.end):
                    self._degrees(figure) or self._feet(figure) or self._alone(figure)
        self.found.sort(key=lambda reading: reading.start)
        return tuple(self._with_cues(r) for r in self.joined() if r.code != "ignored")

    # -- where to look --------------------------------------------------------------------

    def _find_figures(self) -> None:
        figures, dropped = find_figures(self.text)
        self.figures = [f for f in figures if not self.is_taken(f.start, f.end)]
        self.starts = [figure.start for figure in self.figures]
        pieces, position = [], 0
        for stretch in dropped:
            if not self.is_taken(stretch.start, stretch.end):
                blank = "\x01" * (stretch.end - stretch.start)
                pieces += [self.text[position : stretch.start], blank]
                position = stretch.end
        self.text = "".join(pieces) + self.text[position:]

    def _labels(self) -> list[re.Match[str]]:
        """Labels near a figure, in order."""
        labels: list[re.Match[str]] = []
        begin, end = 0, -1
        for figure in [*self.figures, None]:
            if figure is not None and end >= 0 and figure.start - _FAR <= end:
                end = figure.end + _FAR // 2
                continue
            if end >= 0:
                labels += self._labels_in(begin, end)
            if figure is not None:
                begin, end = max(0, figure.start - _FAR, end), figure.end + _FAR // 2
        return labels

    def _labels_in(self, begin: int, end: int) -> Iterator[re.Match[str]]:
        for match in self.words.label.finditer(self.text, begin, end):
            before = self.text[match.start() - 1 : match.start()] if match.start() else ""
            if not ("a" <= before <= "z" and match[0][0].isascii()):
                yield match

    # -- the parts ------------------------------------------------------------------------

    def _meters(self) -> None:
        for match in self.words.meter.finditer(self.text):
            start, end = match.span(1)
            said = self.original[start:end]
            if said != said.upper() and not _SHOWN.search(self.original, max(0, start - 12), start):
                continue  # "hi" may be a greeting
            value = self.words.meter_values[match[1]]
            self.add(self.words.quantities["glucose"], value, match.start(), end,
                      original=(value, match[1].upper()))  # fmt: skip

    def _pains(self) -> None:
        for match in self.words.pain.finditer(self.text):
            value = to_number(next(group for group in match.groups() if group))
            if value <= 10:
                self.take(match.start(), match.end())
                self.found.append(
                    Reading(code="pain_score", value=value, unit="/10", start=match.start(),
                            end=match.end(), said=self.original[match.start() : match.end()],
                            original_value=value, original_unit="/10")
                )  # fmt: skip

    def _labelled(self, label: re.Match[str], begin: int, following: int) -> None:
        code = self.words.code_of[re.sub(r"\s+", " ", label[0])]
        quantity = self.words.quantities[code]
        stop = min(following, label.end() + _REACH)
        closing = _END.search(self.text, label.end(), stop)
        stop = closing.start() if closing else stop
        for figure in self.figures[bisect_left(self.starts, label.end()) :][:4]:
            if figure.start >= stop:
                break
            if self.is_taken(figure.start, figure.end):
                return
            if self._one(quantity, label, figure):
                return
        self._backwards(quantity, label, begin)

    def _backwards(self, quantity: Quantity, label: re.Match[str], begin: int) -> None:
        """The value in front of its label: "91% oxygen", "76 pulse"."""
        index = bisect_left(self.starts, label.start()) - 1
        if index < 0:
            return
        figure = self.figures[index]
        gap = self.text[figure.end : label.start()]
        if figure.start < begin or len(gap) > 12 or self.is_taken(figure.start, figure.end):
            return
        unit = self.words.unit[quantity.code].match(gap)
        if gap.strip() and not (unit and not gap[unit.end() :].strip()):
            return
        found = self.reading(quantity, figure.value, unit[1] if unit else "")
        if found is not None and not found[3]:
            self.put(quantity, figure.value, found, figure.start, label.end(), certain=True)

    def _one(self, quantity: Quantity, label: re.Match[str], figure: Figure) -> bool:
        """Take one labelled number; False when it is not a value of this label."""
        before = self.text[label.end() : figure.start]
        if self.words.cues["change"].search(before) or self.is_target(figure.start):
            return False
        code, start, end, number = quantity.code, label.start(), figure.end, figure.value
        if code == "blood_pressure" and (second := _SECOND.match(self.text, end)):
            low = to_number(second[1])
            if self.possible(number, low) and not self.is_taken(figure.start, second.end()):
                self.add(quantity, number, figure.start, second.end(1), diastolic=low,
                          original=(number, "mmHg"))  # fmt: skip
                return True
        if code == "height" and (match := _HEIGHT_ZH.match(self.text, end)):
            tail = "".join(f"{to_number(sign):g}" for sign in match[1])
            centimetres = round((number + float(f"0.{tail}")) * 100)
            self.put(quantity, centimetres, (centimetres, quantity.units[0], (), False),
                      start, match.end(), certain=True)  # fmt: skip
            return True
        if code == "temperature" and _DEGREES.match(self.text, end):
            return False  # read with its half degree below
        direct = self.words.between.fullmatch(before) is not None
        unit = self.words.unit[code].match(self.text, end)
        minor = 0.0
        if unit:
            minor, end = self.minor(self.words.unit_of[code][unit[1]], unit.end())
        elif self.words.follow.match(self.text, end):
            return False
        found = self.reading(quantity, number, unit[1] if unit else "", minor)
        if found is None or (found[3] and not _STRICT.fullmatch(before)):
            return False
        if found[2] and not direct:
            return False
        spread = _RANGE.match(self.text, end) is not None
        sure = (direct or unit is not None) and not spread and code != "blood_pressure"
        self.put(quantity, number, found, start, end, certain=sure)
        self._more(quantity, end)
        return True

    def _more(self, quantity: Quantity, end: int) -> None:
        """Further values of the same kind: "sugar 6.5, 7.8 and 8.2"."""
        while (match := _MORE.match(self.text, end)) and quantity.code != "blood_pressure":
            number = to_number(match[1])
            found = self.reading(quantity, number, "")
            if found is None or found[3] or self.is_taken(match.start(1), match.end(1)):
                return
            self.put(quantity, number, found, match.start(1), match.end(1), certain=True)
            end = match.end(1)

    def _degrees(self, figure: Figure) -> bool:
        match = _DEGREES.match(self.text, figure.end)
        if match is None:
            return False
        quantity = self.words.quantities["temperature"]
        half = match[1]
        number = figure.value + (0 if not half else 0.5 if half == "半" else to_number(half) / 10)
        fahrenheit = self.text[: figure.start].endswith("华氏") or number >= 60
        found = self.reading(quantity, number, "f" if fahrenheit else "c")
        near = self.text[max(0, figure.start - 15) : match.end() + 6]
        whole = figure.start == 0 and match.end() == len(self.text)
        if found is None or found[3] or self.words.cues["weather"].search(near):
            return True
        if half or not number.is_integer() or whole or self._has_fever_words():
            self.put(quantity, number, found, figure.start, match.end(), certain=True)
        return True

    def _has_fever_words(self) -> bool:
        if self.fever is None:
            self.fever = self.words.cues["fever"].search(self.text) is not None
        return self.fever

    def _feet(self, figure: Figure) -> bool:
        match = _FEET.match(self.text, figure.start)
        if match is None:
            return False
        height = self.words.quantities["height"]
        foot = height.units[-1]
        value = height.canonical(float(match[1]), foot, float(match[2]) * foot.minor)
        self.put(height, float(match[1]), (value, foot, (), False), match.start(), match.end(),
                  certain=True)  # fmt: skip
        return True

    def _alone(self, figure: Figure) -> bool:
        """A value with a unit and no label: "154 lb", "101.2F", "118 mg/dl"."""
        match = self.words.alone.match(self.text, figure.end)
        if match is None:
            return False
        code, start = self.words.alone_of[match[1]], figure.start
        quantity, cues = self.words.quantities[code], self.words.cues
        unit = self.words.unit_of[code].get(match[1])
        minor, end = self.minor(unit, match.end()) if unit else (0.0, match.end())
        found = self.reading(quantity, figure.value, match[1], minor)
        before = self.text[max(0, start - 25) : start]
        if found is None or found[3] or self.words.follow.match(self.text, end):
            return False
        if self.is_target(start) or _GOES_ON.match(self.text, end):
            return False
        if cues["change"].search(before) or cues["product"].search(before):
            return False
        near = before + self.text[end : end + 12]
        if code == "temperature" and cues["weather"].search(near):
            return False
        sure = code in ("temperature", "heart_rate", "respiratory_rate")
        if code == "weight" and len(self.text) < 80:
            rest = (self.text[:start] + self.text[end:]).strip(" .!。,")
            sure = self.words.between.fullmatch(rest) is not None
        self.put(quantity, figure.value, found, start, end, certain=sure)
        return True

    def _with_cues(self, reading: Reading) -> Reading:
        """Another person's, a usual or a supposed value is not certain."""
        clause = _CLAUSE.split(self.text[max(0, reading.start - 30) : reading.start])[-1]
        cues = self.words.cues
        if clause and (cues["other"].search(clause) or cues["usual"].search(clause)):
            return replace(reading, certain=False)
        return reading
