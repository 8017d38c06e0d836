"""Read the data files of the safety room, or say which file and field is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of one TOML file; ValueError names the file when it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ValueError(f"{path.name}: cannot be read: {problem}") from problem


def text_field(table: Mapping[str, Any], field: str, where: str) -> str:
    """A non-empty text, or ValueError naming file and field."""
    value = table.get(field)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: {field} must be a text")
    return value


def list_field(table: Mapping[str, Any], field: str, where: str) -> list[str]:
    """A list of texts (empty when absent), or ValueError naming file and field."""
    value = table.get(field, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{where}: {field} must be a list of texts")
    return value


def table_field(table: Mapping[str, Any], field: str, where: str) -> dict[str, Any]:
    """A table, or ValueError naming file and field."""
    value = table.get(field)
    if not isinstance(value, dict):
        raise ValueError(f"{where}: {field} must be a table")
    return value
