"""The hazard log: complete, and every control held by a test that exists and runs."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LOG: dict[str, Any] = yaml.safe_load((ROOT / "docs/hazards.yaml").read_text("utf-8"))
HAZARDS: list[dict[str, Any]] = LOG["hazards"]
TESTS = sorted({t for h in HAZARDS for c in h["controls"] for t in c["tests"]})
_GIVEN_UP = {"skip", "xfail"}  # "skipif" depends on the machine: CI must run it


@cache
def marks_in(file: str) -> dict[str, set[str]]:
    """The tests of a file, and the pytest marks on each."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {
        node.name: {
            part.attr
            for mark in node.decorator_list
            for part in ast.walk(mark)
            if isinstance(part, ast.Attribute)
        }
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


@pytest.mark.parametrize("name", TESTS)
def test_a_control_is_held_by_a_test_that_runs(name: str) -> None:
    file, _, test = name.partition("::")
    assert (ROOT / file).is_file(), f"{name}: there is no such file"
    known = marks_in(file)
    assert test in known, f"{name}: there is no such test"
    assert not known[test] & _GIVEN_UP, f"{name}: it is not run"


def test_a_test_that_does_not_exist_would_be_seen() -> None:
    assert "test_courage" not in marks_in("tests/unit/test_hazards.py")


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_a_hazard_says_everything(hazard: dict[str, Any]) -> None:
    assert hazard.keys() == {
        "id", "hazard", "cause", "effect", "severity", "likelihood", "controls"
    }  # fmt: skip
    assert hazard["hazard"] and hazard["cause"] and hazard["effect"]
    assert hazard["severity"] in range(1, 6) and hazard["likelihood"] in range(1, 6)
    assert hazard["controls"]
    assert all(control["what"] and control["tests"] for control in hazard["controls"])


def test_there_are_forty_hazards_and_each_has_its_own_number() -> None:
    assert len(HAZARDS) >= 40
    assert len({hazard["id"] for hazard in HAZARDS}) == len(HAZARDS)


def test_nobody_has_signed_it() -> None:
    assert (LOG["reviewed_on"], LOG["reviewer"]) == ("", "")
