"""What the inputs of all models are called in common."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("concepts.toml")


@cache
def _table() -> Mapping[str, Any]:
    try:
        top = tomllib.loads(_FILE.read_text("utf-8"))
        return {"same": top["same"], "of": top["of"]}
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ValueError(f"risk/{_FILE.name}: {error!r}") from error


def concept(model: str, name: str) -> str:
    """The common name of the input ``name`` of ``model``: "tc" of SCORE2 is "total_c"."""
    table = _table()
    own = table["of"].get(model, {})
    return str(own.get(name) or table["same"].get(name, name))


def by_concept(model: str, names: Iterable[str]) -> dict[str, str]:
    """{concept: the input's name in ``model``}."""
    return {concept(model, name): name for name in names}
