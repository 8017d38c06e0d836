"""Earlier cases in words, and one's own as FHIR."""

from __future__ import annotations

from html import escape

import safety
from bot.domain.case import Case
from bot.export.resources import Resource, made
from knowledge.graph import graph
from prompts import UnknownWords, say


def name(field: str, code: str, language: str) -> str:
    """A code as a nurse reads it."""
    if field in ("conditions", "medicines"):
        return graph().concept(code).name(language) if code in graph() else code
    if field == "red":
        return safety.flag_name(code, language)
    if field == "about":
        try:
            return say(f"interview.name_{code}", language)
        except UnknownWords:
            return safety.flag_name(code, language)
    if field == "age_band":
        return say("console.case_years", language, band=code.replace("-", "–"))
    prefix = "outcome" if field == "outcome" else f"case_{field}"
    return say(f"console.{prefix}_{code}", language)


def words(one: Case, language: str) -> str:
    """The whole case, as its patient or a nurse reads it."""
    parts = [name("about", one.about, language), name("age_band", one.age_band, language)]
    for field in ("sex", "level", "outcome", "took"):
        if code := getattr(one, field):
            parts.append(name(field, code, language))
    for field in ("red", "conditions", "medicines"):
        parts += [name(field, code, language) for code in getattr(one, field)]
    return " · ".join([*parts, one.tier, one.month])


def case(one: Case, number: int, patient_id: str, subject: Resource) -> Resource:
    """FHIR has no resource for it, so its words are the narrative."""
    return made(
        "Basic",
        f"case/{patient_id}/{number}",
        code={"text": "finished matter kept as a case in codes"},
        subject=subject,
        text={
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{escape(words(one, "en"))}</div>',
        },
    )
