"""The small pattern language of the rule files, compiled to bounded regular expressions.

A pattern is words (English) or characters (Chinese) in order, with these marks::

    (a|b)   one of          [a|b]   one of, or nothing        <slot>  a named word list
    ~  ~3   a gap of up to 4 (or 3) words or characters inside the sentence
    ~w3     the same, with no number in it: "sats ~w3 84" is not in "sats 97, pulse 84"
    !(a|b)  what follows is not a or b                        #       a number
    18#     a number that begins so                          ^(a|b) what stands before is not a or b
    word*   any ending (English)   字?  perhaps (Chinese)     &       and, in any order
    @fact   a part of its own: the record or the words say it (facts.toml)

What a gap swallowed is captured, so that a denial hidden in it ("my chest does not hurt") is seen.

Every gap is bounded and nothing nests a repetition, so matching time is linear in the text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

MASK = "\u25a1"  # stands where an idiom was; no gap crosses it
_SEP = r"[ ,'\"()/:\-]{1,3}"
_GAP_EN = _SEP + r"[a-z0-9%]+"
_GAP_ZH = rf"[^。.!?;\n{MASK}]"
_WORDS_EN = _SEP + r"[a-z%][a-z0-9%]*"
_WORDS_ZH = rf"[^。.!?;\n{MASK}0-9]"
_EDGE = "(?<![a-z0-9])"
_NUMBER = r"\d+(?:\.\d+)?"
_ENDINGS = {"*": r"[a-z0-9]*", "#": _NUMBER}  # "18#" is a number that begins so
_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[()\[\]|?]|[!^]\(|~w?\d{0,2}|#)|<(?P<slot>[a-z_]+)>|(?P<word>[^\s()\[\]|!^~#<>&?]+#?))"
)
_Literals = frozenset[str]


@dataclass(frozen=True)
class _Part:
    """A piece of a pattern: its expression, and literals one of which must be in the text."""

    regex: str
    needs: tuple[_Literals, ...] = ()
    optional: bool = False
    gap: bool = False
    look: bool = False
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class Element:
    """One compiled expression; of each set in ``needs`` one literal must be in the text.

    The first set is the one that lets the fewest texts through. ``fact`` names what the record
    may hold instead of the words. Compiled when first needed: all at once would take seconds.
    """

    source: str
    needs: tuple[frozenset[str], ...]
    fact: str = ""

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """The expression, compiled."""
        return re.compile(self.source)

    def possible(self, text: str) -> bool:
        """False where the text lacks a word that the expression cannot do without."""
        for literals in self.needs:
            for literal in literals:
                if literal in text:
                    break
            else:
                return False
        return True


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Elements that must all be found close together, in any order."""

    source: str
    elements: tuple[Element, ...]


def compile_pattern(
    source: str,
    language: str,
    slots: Mapping[str, list[str]],
    facts: Mapping[str, Element] | None = None,
) -> Pattern:
    """Compile one line of a rule file; ValueError names the pattern when it is not well formed."""
    elements = []
    for piece in source.split("&"):
        if (name := piece.strip().removeprefix("@")) != piece.strip():
            if name not in (facts or {}):
                raise ValueError(f"pattern {source!r}: no fact @{name}")
            elements.append((facts or {})[name])
            continue
        part = _Parser(piece, language, slots).parse()
        if not part.regex:
            raise ValueError(f"pattern {source!r}: an empty part")
        elements.append(Element(source=part.regex, needs=_sorted(part)))
    if all(element.fact for element in elements):
        raise ValueError(f"pattern {source!r}: needs more than facts")
    return Pattern(source=source, elements=tuple(elements))


def compile_fact(
    name: str, sources: list[str], language: str, slots: Mapping[str, list[str]]
) -> Element:
    """The words by which a patient says a fact of the record, any one of the sources."""
    joined = "|".join(f"({source})" for source in sources)
    part = _Parser(joined, language, slots).parse()
    return Element(source=part.regex, needs=_sorted(part), fact=name)


def _sorted(part: _Part) -> tuple[_Literals, ...]:
    return tuple(sorted(part.needs, key=_worth, reverse=True))


def expression(sources: list[str], language: str, slots: Mapping[str, list[str]]) -> str:
    """One regular expression for any of the patterns (no ``&``), longest first as written."""
    return "|".join(_Parser(source, language, slots).parse().regex for source in sources)


class _Parser:
    def __init__(self, source: str, language: str, slots: Mapping[str, list[str]]) -> None:
        self.source, self.english, self.slots = source, language == "en", slots
        self.language = language
        self.tokens = self._tokens(source)
        self.at = 0

    def parse(self) -> _Part:
        part = self._alternatives(closing="")
        if self.at != len(self.tokens):
            raise ValueError(f"pattern {self.source!r}: a bracket too many")
        return part

    def _tokens(self, source: str) -> list[tuple[str, str]]:
        tokens, position = [], 0
        while source[position:].strip():
            match = _TOKEN.match(source, position)
            if match is None:
                raise ValueError(f"pattern {source!r}: cannot read {source[position:]!r}")
            kind = match.lastgroup or ""
            tokens.append((kind, match[kind]))
            position = match.end()
        return tokens

    def _alternatives(self, closing: str) -> _Part:
        choices = [self._sequence()]
        while self._next("|"):
            choices.append(self._sequence())
        if closing and not self._next(closing):
            raise ValueError(f"pattern {self.source!r}: {closing!r} is missing")
        if len(choices) == 1:
            return choices[0]
        needs: tuple[_Literals, ...] = ()
        if all(choice.needs for choice in choices):
            best = [max(choice.needs, key=_worth) for choice in choices]
            needs = (frozenset().union(*best),)
        regexes = [choice.regex for choice in choices]
        if all(regex.startswith(_EDGE) for regex in regexes):  # lets the engine skip faster
            inner = "|".join(regex.removeprefix(_EDGE) for regex in regexes)
            return _Part(f"{_EDGE}(?:{inner})", needs)
        return _Part("(?:" + "|".join(regexes) + ")", needs)

    def _next(self, mark: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("mark", mark):
            self.at += 1
            return True
        return False

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self.at < len(self.tokens) and self.tokens[self.at] not in (
            ("mark", "|"),
            ("mark", ")"),
            ("mark", "]"),
        ):
            parts += self._part()
        return self._join(parts)

    def _part(self) -> list[_Part]:
        """The next piece; a piece followed by ``?`` may be missing."""
        kind, text = self.tokens[self.at]
        if kind == "word" and not self.english and self._perhaps_follows() and len(text) > 1:
            self.at += 2
            last = _Part(re.escape(text[-1]), optional=True)
            return [self._word(text[:-1]), last]
        part = self._piece()
        if self._next("?"):
            part = _Part(part.regex, optional=True)
        return [part]

    def _perhaps_follows(self) -> bool:
        return self.tokens[self.at + 1 : self.at + 2] == [("mark", "?")]

    def _piece(self) -> _Part:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "slot":
            if text not in self.slots:
                raise ValueError(f"pattern {self.source!r}: no word list <{text}>")
            joined = "|".join(self.slots[text])
            return _Parser(joined, self.language, self.slots).parse()
        if kind == "word":
            return self._word(text)
        if text == "(":
            return self._alternatives(")")
        if text == "[":
            inner = self._alternatives("]")
            return _Part(inner.regex, optional=True)
        if text == "!(":
            inner = self._alternatives(")")
            lead = rf"(?:{_SEP})?" if self.english else ""
            return _Part(f"(?!{lead}(?:{inner.regex}))", look=True)
        if text == "^(":
            return _Part("".join(f"(?<!{word})" for word in self._words_before()), look=True)
        if text == "#":
            return _Part(_NUMBER, number=True)
        if text.startswith("~"):
            words, size = text[1:2] == "w", int(text.lstrip("~w") or "4")
            gap = (_GAP_EN, _WORDS_EN) if self.english else (_GAP_ZH, _WORDS_ZH)
            return _Part(f"((?:{gap[words]}){{0,{size}}}?)", gap=True)
        raise ValueError(f"pattern {self.source!r}: {text!r} is out of place")

    def _words_before(self) -> list[str]:
        """The plain words of a ``^(a|b)``, each of which looks back over its own length."""
        words = []
        while not self._next(")"):
            kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
            if kind != "word" and text != "|":
                raise ValueError(f"pattern {self.source!r}: ^( ) takes words only")
            words += [re.escape(text)] if kind == "word" else []
            self.at += 1
        return words

    def _word(self, text: str) -> _Part:
        if not self.english:
            digits = r"(?<![\d.])" if text[0].isdigit() else ""  # "5周" is not in "35周"
            stem = text.removesuffix("#")
            tail = _NUMBER if stem != text else ""
            return _Part(digits + re.escape(stem) + tail, (frozenset({stem}),))
        stem = text.rstrip("*#")
        ending = _ENDINGS.get(text[-1], r"(?![a-z0-9])")
        return _Part(_EDGE + re.escape(stem) + ending, (frozenset({stem}),))

    def _join(self, parts: list[_Part]) -> _Part:
        if self.english and parts and parts[0].optional:
            raise ValueError(f"pattern {self.source!r}: starts with something optional")
        regex = ""
        needs: list[_Literals] = []
        for index, part in enumerate(parts):
            lead = _SEP if self.english and index and not (part.gap or part.look) else ""
            if lead and parts[index - 1].number:  # "4 kg", "4kg"
                part = replace(part, regex=part.regex.removeprefix(_EDGE))
                lead = _SEP.replace("{1,", "{0,")
            regex += f"(?:{lead}{part.regex})?" if part.optional else f"{lead}{part.regex}"
            needs += part.needs
        return _Part(regex, tuple(needs))


def _worth(literals: _Literals) -> tuple[int, int]:
    """How few texts a set of required literals lets through: longer words, then fewer."""
    return (min(min(len(word), 3) for word in literals), -len(literals))
