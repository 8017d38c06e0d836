"""The numbers by which models are learned, judged and watched, read once from their files."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def _file(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((_HERE / name).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"risk/learn/{name} cannot be read: {error}") from error


def _take(name: str, part: str, key: str) -> Any:
    try:
        return _file(name)[part][key]
    except KeyError:
        raise ValueError(f"risk/learn/{name}: {part}.{key} is missing") from None


def how(part: str, key: str) -> Any:
    """One number of ``learn.toml``. ValueError names what is missing."""
    return _take("learn.toml", part, key)


def fair(part: str, key: str) -> Any:
    """One number of ``fairness.toml``. ValueError names what is missing."""
    return _take("fairness.toml", part, key)


def watching(part: str, key: str) -> Any:
    """One number of ``watching.toml``. ValueError names what is missing."""
    return _take("watching.toml", part, key)


def happened(outcome: str) -> tuple[str, ...]:
    """What a condition must be called to count as ``outcome``; () where nobody has said."""
    return tuple(_file("watching.toml")["outcome"].get(outcome, ()))
