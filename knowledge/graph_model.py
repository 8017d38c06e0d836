"""What the graph is made of: concepts, edges, interactions and their sources."""

from __future__ import annotations

from dataclasses import dataclass

STRENGTHS = {
    "has_symptom": ("defining", "common", "sometimes", "rare"),
    "risk_factor_of": ("required", "strong", "moderate", "weak"),
    "leads_to": ("common", "sometimes", "rare"),
    "treats": ("first_line", "common", "sometimes"),
    "contraindicated_in": ("absolute", "caution"),
    "side_effect": ("common", "sometimes", "rare"),
    "monitored_by": ("always", "common", "sometimes"),
    "raises": ("common", "sometimes", "rare"),
    "lowers": ("common", "sometimes", "rare"),
    "tested_by": ("defining", "common", "sometimes", "rare"),
}
"""Every relation with its strengths, the strongest first. An empty strength says nothing of it."""

MAY_BE_UNSAID = frozenset(STRENGTHS) - {"has_symptom", "contraindicated_in"}
"""Relations whose strength may be left empty."""

MEDICINAL = ("medicine", "medicine_class")
"""The kinds of concepts that are medicines."""

INTERACTING = (*MEDICINAL, "food")
"""The kinds of which two can do something to one another."""

ENDS = {
    "has_symptom": (("condition",), ("symptom",)),
    "risk_factor_of": (("risk_factor", "condition"), ("condition",)),
    "leads_to": (("condition",), ("condition",)),
    "treats": (MEDICINAL, ("condition",)),
    "contraindicated_in": (MEDICINAL, ("condition",)),
    "side_effect": (MEDICINAL, ("symptom",)),
    "monitored_by": ((*MEDICINAL, "condition"), ("test",)),
    "raises": ((*MEDICINAL, "food"), ("test",)),
    "lowers": ((*MEDICINAL, "food"), ("test",)),
    "tested_by": (("condition",), ("test",)),
}
"""Every relation with the kinds it starts from and the kinds it ends in."""

SEVERITIES = ("contraindicated", "major", "moderate", "minor")
"""How bad an interaction is, the worst first."""

FREQUENCIES = ("very_common", "common", "uncommon", "rare")
EVIDENCE = ("verified", "recalled")


class GraphError(ValueError):
    """A file of the graph is broken; the message names file and line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One reference; ``evidence`` is verified (opened) or recalled (not opened)."""

    key: str
    organisation: str
    title: str
    year: int
    evidence: str = "recalled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Concept:
    """One thing the graph knows.

    ``kind`` is body_system, condition, symptom, test, food, risk_factor, medicine_class or
    medicine. ``parents`` are what it is a kind of: the classes of a medicine, the wider classes
    of a class, the wider conditions of a condition. ``systems`` are body systems.
    """

    id: str
    kind: str
    en: str
    zh: str
    lay_en: tuple[str, ...] = ()
    lay_zh: tuple[str, ...] = ()
    brands_en: tuple[str, ...] = ()
    brands_zh: tuple[str, ...] = ()
    aka_en: tuple[str, ...] = ()
    aka_zh: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    unit: str = ""
    frequency: str = ""
    must_not_miss: bool = False
    sources: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """Its clinical name in ``en`` or ``zh``."""
        return self.zh if language == "zh" else self.en

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """Every name as (words, how, language); how is name, aka, brand or lay."""
        return (
            *((words, "name", "en") for words in self._called(self.en)),
            *((words, "name", "zh") for words in self._called(self.zh)),
            *((words, "aka", "en") for words in self.aka_en),
            *((words, "aka", "zh") for words in self.aka_zh),
            *((words, "brand", "en") for words in self.brands_en),
            *((words, "brand", "zh") for words in self.brands_zh),
            *((words, "lay", "en") for words in self.lay_en),
            *((words, "lay", "zh") for words in self.lay_zh),
        )

    def _called(self, name: str) -> tuple[str, ...]:
        """A name such as "heart attack (myocardial infarction)" as its two names."""
        outer, _, inner = name.replace("（", "(").replace("）", ")").partition("(")
        both = self.kind in ("condition", "symptom", "test")
        parts = (outer.strip(), inner.rstrip(") ").strip() if both else "")
        return tuple(part for part in parts if part and (len(part) > 1 or part == name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """``start`` stands in ``relation`` to ``end``."""

    start: str
    relation: str
    end: str
    strength: str
    sources: tuple[str, ...]
    note_en: str = ""
    note_zh: str = ""

    @property
    def rank(self) -> int:
        """0 for the strongest word of the relation; an unsaid strength comes last."""
        words = STRENGTHS[self.relation]
        return words.index(self.strength) if self.strength else len(words)

    def note(self, language: str) -> str:
        """What else is known of it, in ``en`` or ``zh``; may be empty."""
        return self.note_zh if language == "zh" else self.note_en


@dataclass(frozen=True, kw_only=True, slots=True)
class Interaction:
    """Two of medicine, class and food that do something to one another; ``a`` <= ``b``.

    ``a`` equal to ``b`` is a class of which nobody takes two.
    """

    a: str
    b: str
    severity: str
    effect_en: str
    effect_zh: str
    watch_en: str
    watch_zh: str
    sources: tuple[str, ...]

    @property
    def rank(self) -> int:
        """0 for the worst severity."""
        return SEVERITIES.index(self.severity)

    def effect(self, language: str) -> str:
        """What can happen, in a patient's words."""
        return self.effect_zh if language == "zh" else self.effect_en

    def watch(self, language: str) -> str:
        """What to look out for, in a patient's words."""
        return self.watch_zh if language == "zh" else self.watch_en
