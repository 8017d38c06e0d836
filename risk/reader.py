"""Read one TOML file of a model, complaining with the file and the field."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "models"


class Reader:
    """A TOML table that complains with the file and the field."""

    def __init__(self, file: str, path: str, table: Mapping[str, Any]) -> None:
        self.file, self.path, self.table = file, path, table

    def fail(self, field: str, problem: str) -> ValueError:
        return ValueError(f"risk/models/{self.file}: {self.path}{field} {problem}")

    def text(self, field: str, *, default: str | None = None, among: Iterable[str] = ()) -> str:
        value = self.table.get(field, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.fail(field, "must be a text")
        if (allowed := tuple(among)) and value not in allowed:
            raise self.fail(field, f"must be one of {', '.join(allowed)}")
        return value

    def optional_number(self, field: str) -> float | None:
        value = self.table.get(field)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.fail(field, "must be a number")
        return float(value)

    def number(self, field: str, default: float | None = None) -> float:
        value = self.optional_number(field)
        if value is None:
            if default is None:
                raise self.fail(field, "is missing")
            return default
        return value

    def flag(self, field: str) -> bool:
        value = self.table.get(field, False)
        if not isinstance(value, bool):
            raise self.fail(field, "must be true or false")
        return value

    def texts(self, field: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self.table.get(field, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.fail(field, "must be a list of texts")
        return tuple(value)

    def text_or_texts(self, field: str) -> tuple[str, ...]:
        value = self.table.get(field)
        return (value,) if isinstance(value, str) else self.texts(field)

    def pair(self, field: str) -> tuple[float, float] | None:
        value = self.table.get(field)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2 or not value[0] < value[1]:
            raise self.fail(field, "must be [low, high]")
        return float(value[0]), float(value[1])

    def years(self, field: str) -> tuple[int, ...]:
        """A list of whole numbers of years; () if it is not given."""
        value = self.table.get(field, [])
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise self.fail(field, "must be a list of whole numbers")
        return tuple(value)

    def parts(self, field: str) -> tuple[Reader, ...]:
        value = self.table.get(field, [])
        if not isinstance(value, list):
            raise self.fail(field, "must be a list of tables")
        return tuple(
            Reader(self.file, f"{self.path}{field}[{part.get('name', index)}].", part)
            for index, part in enumerate(value)
        )

    def part(self, field: str) -> Reader:
        value = self.table.get(field)
        if not isinstance(value, dict):
            raise self.fail(field, "must be a table")
        return Reader(self.file, f"{self.path}{field}.", value)


def read(name: str) -> Reader:
    """The file risk/models/``name``.toml; ValueError if it is missing or not TOML."""
    path = FOLDER / f"{name}.toml"
    try:
        return Reader(path.name, "", tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise ValueError(f"risk/models/{path.name} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"risk/models/{path.name} cannot be read: {error}") from error
