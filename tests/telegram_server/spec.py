"""Checks a call against the published Bot API description, where that file lies at hand."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

SPEC = Path(__file__).resolve().parents[3] / "shared" / "data" / "telegram" / "bot_api.json"
_LENGTH = re.compile(r"\b(\d+)-(\d+) (characters|bytes)")


@functools.cache
def _spec() -> dict[str, Any] | None:
    return json.loads(SPEC.read_text("utf-8")) if SPEC.exists() else None


def violations(method: str, params: dict[str, Any], files: set[str]) -> list[str]:
    """What the description forbids in this call; empty without the description.

    ``params`` are form values (strings, objects as JSON); ``files`` the names of uploaded parts.
    """
    spec = _spec()
    if spec is None:
        return []
    described = {name.lower(): entry for name, entry in spec["methods"].items()}.get(method.lower())
    if described is None:
        return [f"{method}: no such method"]
    fields = {field["name"]: field for field in described.get("fields") or []}
    given = {**params, **{name: f"attach://{name}" for name in files if name in fields}}
    attached = {v[9:] for v in params.values() if isinstance(v, str) and v.startswith("attach://")}
    found = [f"{method}: unknown field {name}" for name in given if name not in fields]
    found += [f"{method}: unused file {name}" for name in files - fields.keys() - attached]
    for name, field in fields.items():
        if name not in given:
            if field["required"]:
                found.append(f"{method}: {name} is missing")
            continue
        found += _field(f"{method}.{name}", field, _decoded(given[name], field["types"]))
    return found


def _decoded(value: Any, types: list[str]) -> Any:
    """A form value as the JSON it stands for, unless it is meant to be text."""
    if not isinstance(value, str) or "String" in types or "InputFile" in types:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _field(where: str, field: dict[str, Any], value: Any) -> list[str]:
    if not any(not _typed(where, kind, value) for kind in field["types"]):
        return [p for kind in field["types"][:1] for p in _typed(where, kind, value)]
    length = _LENGTH.search(field["description"])
    if length is None or not isinstance(value, str):
        return []
    size = len(value.encode()) if length[3] == "bytes" else len(value.encode("utf-16-le")) // 2
    if int(length[1]) <= size <= int(length[2]):
        return []
    return [f"{where}: {size} {length[3]}, allowed are {length[1]}-{length[2]}"]


def _typed(where: str, kind: str, value: Any) -> list[str]:
    """Why ``value`` is no ``kind``; empty if it is one."""
    spec = _spec() or {}
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        inner = kind.removeprefix("Array of ")
        return [p for n, v in enumerate(value) for p in _typed(f"{where}[{n}]", inner, v)]
    plain = {
        "String": str,
        "Integer": int,
        "Float": (int, float),
        "Boolean": bool,
        "InputFile": str,
    }
    if kind in plain:
        right = isinstance(value, plain[kind]) and isinstance(value, bool) == (kind == "Boolean")
        return [] if right else [f"{where}: {value!r:.40} is no {kind}"]
    described = spec["types"][kind]
    if "subtypes" in described:
        tries = [_typed(where, sub, value) for sub in described["subtypes"]]
        return [] if [] in tries else tries[0]
    if not isinstance(value, dict):
        return [f"{where}: not a {kind}"]
    fields = {field["name"]: field for field in described.get("fields") or []}
    found = [f"{where}: unknown field {name}" for name in value if name not in fields]
    for name, field in fields.items():
        if name in value:
            found += _field(f"{where}.{name}", field, value[name])
        elif field["required"]:
            found.append(f"{where}.{name} is missing")
    return found
