"""Read one article from its Markdown file, or say which line is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from knowledge.model import LANGUAGES, Article, KnowledgeError, Language, Line, Source
from knowledge.rules import Rules

_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_TAG = re.compile(r"\[([a-z_]+|on:[^\]]*)\]\s*")
_CITES = re.compile(r"\s*((?:\[\d+\]\s*)+)$")
_FIELDS = {
    *("id", "title", "questions", "about", "red_flags", "sources"),
    *("evidence", "status", "reviewed_on", "reviewer", "reading_level"),
}


@dataclass
class Draft:
    """A file half read: its fields, its lines, and everything found wrong so far."""

    file: Path
    name: str  #: how messages call the file
    raw: Sequence[str] = ()
    problems: list[str] = field(default_factory=list)

    def wrong(self, what: str, line: int = 1) -> None:
        """Note one problem, as a sentence with file and line."""
        self.problems.append(f"{self.name}, line {max(line, 1)}: {what}.")

    def at(self, key: str) -> int:
        """The line of a field of the front matter, or 1."""
        found = (n for n, text in enumerate(self.raw, 1) if text.startswith(f"{key}:"))
        return next(found, 1)


def read(file: Path, rules: Rules, name: str = "") -> tuple[Article | None, list[str]]:
    """The article and what is wrong with its shape; no article when it cannot be read at all."""
    draft = Draft(file=file, name=name or file.name)
    try:
        draft.raw = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        draft.wrong(f"cannot be read as UTF-8 text: {error}")
        return None, draft.problems
    fields, body = _front(draft)
    if fields is None:
        return None, draft.problems
    sections = _sections(draft, body, rules)
    try:
        return _article(draft, fields, sections), draft.problems
    except KnowledgeError as error:
        draft.problems.append(str(error))
        return None, draft.problems


def _front(draft: Draft) -> tuple[dict[str, Any] | None, int]:
    """The fields between the two ``---``, and the index of the first line after them."""
    raw = draft.raw
    end = next((n for n, text in enumerate(raw[1:], 1) if text.strip() == "---"), 0)
    if not raw or raw[0].strip() != "---" or not end:
        draft.wrong("front matter between two lines of --- must open the file")
        return None, 0
    try:
        fields = yaml.safe_load("\n".join(raw[1:end]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        draft.wrong(f"the front matter is not YAML ({getattr(error, 'problem', error)})", line)
        return None, 0
    if not isinstance(fields, dict):
        draft.wrong("the front matter holds no fields", 2)
        return None, 0
    for key in sorted(_FIELDS - fields.keys()):
        draft.wrong(f"the field {key} is missing")
    for key in sorted(map(str, fields.keys() - _FIELDS)):
        draft.wrong(f"the field {key} is unknown", draft.at(key))
    return fields, end + 1


_Section = tuple[Language, str]


def _sections(draft: Draft, start: int, rules: Rules) -> dict[_Section, list[Line]]:
    """The lines under each heading, as (language, ``text`` or ``help``)."""
    found: dict[_Section, list[Line]] = {}
    names: dict[str, _Section] = {}
    for language in LANGUAGES:
        names[f"# {rules.headings[language]['text']}"] = (language, "text")
        names[f"## {rules.headings[language]['help']}"] = (language, "help")
    here: _Section | None = None
    for number, text in enumerate(draft.raw[start:], start + 1):
        if not text.strip():
            continue
        if text.startswith("#"):
            here = names.get(text.strip())
            if here is None:
                draft.wrong(f"the heading {text.strip()!r} is none of {', '.join(names)}", number)
            elif here in found:
                draft.wrong(f"the heading {text.strip()!r} is there twice", number)
            else:
                found[here] = []
        elif here is None:
            draft.wrong("this line stands under no heading", number)
        else:
            found[here].append(_line(draft, text.strip(), number))
    return found


def _line(draft: Draft, text: str, number: int) -> Line:
    tag = _TAG.match(text)
    rest = text[tag.end() :] if tag else text
    cites = _CITES.search(rest)
    if cites is None:
        draft.wrong("the line ends without its citation, such as [1]", number)
    return Line(
        text=rest[: cites.start()] if cites else rest,
        cites=tuple(map(int, re.findall(r"\d+", cites[1]))) if cites else (),
        tag=tag[1] if tag else "",
        number=number,
    )


def _article(
    draft: Draft, fields: Mapping[str, Any], sections: Mapping[_Section, list[Line]]
) -> Article:
    def lines(part: str) -> dict[Language, tuple[Line, ...]]:
        return {lang: tuple(sections.get((lang, part), ())) for lang in LANGUAGES}

    return Article(
        id=_text(draft, fields, "id"),
        area=draft.file.parent.name,
        title=_each(draft, fields, "title", str),
        questions={
            lang: tuple(map(str, texts))
            for lang, texts in _each(draft, fields, "questions", list).items()
        },
        about=_ids(draft, fields, "about"),
        red_flags=_ids(draft, fields, "red_flags"),
        sources=_sources(draft, fields.get("sources")),
        evidence=_text(draft, fields, "evidence"),
        status=_text(draft, fields, "status"),
        reviewed_on=str(fields.get("reviewed_on") or ""),
        reviewer=str(fields.get("reviewer") or ""),
        reading_level=_each(draft, fields, "reading_level", int),
        lines=lines("text"),
        help=lines("help"),
        file=draft.file,
    )


def _text(draft: Draft, fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if isinstance(value, str) and value.strip():
        return value.strip()
    if key in fields:
        draft.wrong(f"{key} must be a text", draft.at(key))
    return ""


def _each(draft: Draft, fields: Mapping[str, Any], key: str, kind: type) -> dict[Language, Any]:
    """A value a language; what is missing is noted and stands empty."""
    value = fields.get(key)
    table = value if isinstance(value, dict) else {}
    found: dict[Language, Any] = {}
    for language in LANGUAGES:
        one = table.get(language)
        if isinstance(one, kind) and one:
            found[language] = one
        else:
            found[language] = kind()
            if key in fields:
                draft.wrong(f"{key} is missing in {language}", draft.at(key))
    return found


def _ids(draft: Draft, fields: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = fields.get(key)
    if value is None:
        if key in fields:
            draft.wrong(f"{key} must be a list, [] where empty", draft.at(key))
        return ()
    items = value if isinstance(value, list) else [value]
    for item in items:
        if not isinstance(item, str) or not _ID.fullmatch(item):
            draft.wrong(f"{key}: {item!r} is no id", draft.at(key))
    return tuple(str(item) for item in items)


def _sources(draft: Draft, value: Any) -> tuple[Source, ...]:
    found = []
    for one in value if isinstance(value, list) else []:
        table = one if isinstance(one, dict) else {}
        organisation, title, year = (table.get(k) for k in ("organisation", "title", "year"))
        if not (organisation and title and isinstance(year, int) and 1950 <= year <= 2100):
            draft.wrong(
                f"the source {one!r} needs organisation, title and year", draft.at("sources")
            )
        found.append(
            Source(
                organisation=str(organisation),
                title=str(title),
                year=year if isinstance(year, int) else 0,
            )
        )
    if not found:
        draft.wrong("there is no source", draft.at("sources"))
    return tuple(found)
