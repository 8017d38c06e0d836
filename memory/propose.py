"""Check what a language model read out of a message: only what the message says word for word."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from memory.fact import KINDS, Fact, about_field
from memory.learn import sentences, speaks_of_patient
from memory.model import Memory
from memory.statement import in_words, refused
from memory.truth import alike

_MOST = 8  #: proposals kept of one message
_LONGEST = 300  #: characters of a quote
_PARTS = {
    "MedicationStatement": ("dose", "times"),
    "AllergyIntolerance": ("reaction",),
    "Observation": ("onset", "course"),
}


def proposals(answer: str, message: Memory, known: Sequence[Fact]) -> tuple[Fact, ...]:
    """Facts proposed in `answer`, a JSON object, that `message` supports and nobody knows yet.

    A proposal needs a quote that stands in the message and names its subject; its words are ours,
    filled from the quote. Where the sentence asks, denies, doubts or speaks of somebody else, it
    is dropped. What is left is inferred and unconfirmed. Anything unreadable gives ().
    """
    found: list[Fact] = []
    language = "zh" if message.language == "zh" else "en"
    for number, raw in enumerate(_listed(answer)[:_MOST]):
        kind, quote, about = (_text(raw, name) for name in ("kind", "quote", "about"))
        if kind not in KINDS or not _supported(quote, about, message.text):
            continue
        if refused(kind, about, language) or not _stated(kind, quote, message.text, language):
            continue
        if any(one.kind == kind and alike(one.about, about) for one in (*known, *found)):
            continue
        values = {about_field(kind): about}
        for part in _PARTS.get(kind, ()):
            value = _text(raw, part)
            if value and _flat(value) in _flat(message.text):
                values[part] = value
        words = " ".join(v for v in (about, values.get("dose"), values.get("times")) if v)
        found.append(
            Fact(
                id=f"{message.id.removesuffix('/said')}/model/{number}",
                patient_id=message.patient_id,
                kind=kind,
                text=in_words(kind, words, language),
                values=values,
                said_by="inferred",
                source=message.source,
                language=language,
                recorded_at=message.recorded_at,
                verification="unconfirmed",
            )
        )
    return tuple(found)


def _listed(answer: str) -> list[Mapping[str, Any]]:
    start, end = answer.find("{"), answer.rfind("}")
    try:
        read = json.loads(answer[start : end + 1]) if 0 <= start < end else {}
    except ValueError:
        return []
    facts = read.get("facts") if isinstance(read, dict) else None
    return [one for one in facts if isinstance(one, dict)] if isinstance(facts, list) else []


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value.strip() if isinstance(value, str) else ""


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.casefold().replace("’", "'")).strip()


def _supported(quote: str, about: str, text: str) -> bool:
    if not about or not 2 <= len(quote) <= _LONGEST:
        return False
    return _flat(quote) in _flat(text) and _flat(about) in _flat(quote)


def _stated(kind: str, quote: str, text: str, language: str) -> bool:
    """Some sentence with these words states them about the writer."""
    wanted = _flat(quote)
    holding = [s for _, s in sentences(text, language) if _flat(s) in wanted or wanted in _flat(s)]
    return bool(holding) and all(speaks_of_patient(s, kind, language) for s in holding)
