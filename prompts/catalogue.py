"""Fill the message catalogues and the model prompts; a missing word is an error, never a blank."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, meta, nodes

_ROOT = Path(__file__).parent
LANGUAGES = ("en", "zh")

_environment = Environment(
    loader=FileSystemLoader(_ROOT),
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


class UnknownWords(KeyError):
    """The catalogue has no such message."""


@cache
def _messages(language: str) -> dict[str, str]:
    """All messages of one language as {"area.name": template text}."""
    found: dict[str, str] = {}
    for path in sorted((_ROOT / "messages" / language).glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.relative_to(_ROOT)}: {error}") from error
        for name, text in table.items():
            if not isinstance(text, str):
                raise ValueError(f"{path.relative_to(_ROOT)}: {name} must be a text")
            found[f"{path.stem}.{name}"] = text
    if not found:
        raise ValueError(f"prompts/messages/{language} has no messages")
    return found


@cache
def _template(language: str, key: str) -> Template:
    try:
        return _environment.from_string(_messages(language)[key])
    except KeyError:
        raise UnknownWords(f"{key} ({language})") from None


@dataclass(frozen=True)
class _Plain:
    """A message that only names values: ten times as quick to fill as a template."""

    words: str  #: a format of the % operator
    names: frozenset[str]


@cache
def _plain(language: str, key: str) -> _Plain | None:
    """None: the message holds more than words and names."""
    words, names = "", set()
    for output in _environment.parse(_messages(language)[key]).body:
        for node in output.nodes if isinstance(output, nodes.Output) else [output]:
            if isinstance(node, nodes.TemplateData):
                words += node.data.replace("%", "%%")
            elif isinstance(node, nodes.Name):
                words += f"%({node.name})s"
                names.add(node.name)
            else:
                return None
    return _Plain(words=words, names=frozenset(names))


def say(key: str, language: str, /, **values: Any) -> str:
    """The message ``area.name`` in ``language`` ("en" or "zh"), filled with ``values``.

    Raises UnknownWords for a key or language that does not exist and jinja2.UndefinedError for a
    value that the message needs and was not given.
    """
    language = language if language in LANGUAGES else "en"
    template = _template(language, key)
    plain = _plain(language, key)
    if plain is None or not plain.names <= values.keys():
        return template.render(values).strip()
    return (plain.words % values).strip()


def render(prompt: str, /, **values: Any) -> str:
    """Fill the model prompt ``prompts/<prompt>.md``; a value it asks for and lacks is an error."""
    return _environment.get_template(f"{prompt}.md").render(values).strip()


def version(prompt: str) -> str:
    """A mark of the prompt's very words, for the records."""
    return hashlib.sha256((_ROOT / f"{prompt}.md").read_bytes()).hexdigest()[:12]


@cache
def check() -> int:
    """Parse every message, once a process; both languages must hold the same keys and variables.

    Returns the number of messages. Raises ValueError naming the first difference.
    """
    variables: dict[str, dict[str, set[str]]] = {}
    for language in LANGUAGES:
        for key, text in _messages(language).items():
            found = meta.find_undeclared_variables(_environment.parse(text))
            known = variables.setdefault(key, {})
            known[language] = found
    for key, by_language in sorted(variables.items()):
        for language in LANGUAGES:
            if language not in by_language:
                raise ValueError(f"message {key} is missing in prompts/messages/{language}")
        if len({frozenset(names) for names in by_language.values()}) > 1:
            raise ValueError(f"message {key} does not use the same values in every language")
    return len(variables)
