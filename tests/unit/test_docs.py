"""The documents: complete about settings and commands, and every link leads somewhere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.__main__ import app
from bot.config import _SECRETS, Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docker/*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_OPTION = re.compile(r"--[a-z-]+")
#: Set by a container or a test, not by Settings.
_OTHERS = {"ANKANG_MIGRATE", "ANKANG_TEST_DATABASE_URL"}


def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def lines_with(word: str, path: str) -> list[str]:
    return [line for line in read(path).splitlines() if line.startswith("|") and word in line]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_has_its_line_with_its_default(name: str) -> None:
    [line] = lines_with(f"`ANKANG_{name.upper()}`", "docs/reference/settings.md")
    assert ("*secret*" in line) == (name.upper() in _SECRETS)
    default = Settings.model_fields[name].get_default()
    shown = default.get_secret_value() if hasattr(default, "get_secret_value") else str(default)
    cell = line.split("|")[2].strip()
    assert cell == (
        f"`{shown.lower() if isinstance(default, bool) else shown}`" if shown else "empty"
    )


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = {f"ANKANG_{name.upper()}" for name in Settings.model_fields}
    known |= {f"ANKANG_{name}_FILE" for name in _SECRETS} | _OTHERS
    for page in PAGES:
        named = set(re.findall(r"ANKANG_[A-Z_]+[A-Z]", page.read_text("utf-8")))
        assert named <= known, f"{page.relative_to(ROOT)}: {named - known}"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name: ``erase``, ``plan start``, ``risk registry add``."""

    def below(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        for sub, one in getattr(command, "commands", {}).items():
            yield from below(one, f"{name} {sub}".strip())
        if not hasattr(command, "commands"):
            yield name, command

    yield from below(get_command(app), "")


def test_every_command_and_option_has_its_line() -> None:
    for name, command in commands():
        found = [
            line
            for line in read("docs/reference/commands.md").splitlines()
            if re.match(rf"\| `{name}[ `]", line)
        ]
        assert found, f"{name} is missing in docs/reference/commands.md"
        told = set(_OPTION.findall(" ".join(found)))
        known = {o for p in command.params for o in p.opts if o.startswith("--")} - {"--help"}
        assert told == known, f"{name}: {told ^ known}"


def test_no_document_names_a_command_that_does_not_exist() -> None:
    known = set(get_command(app).commands) | {"COMMAND"}  # type: ignore[attr-defined]
    for page in PAGES:
        named = set(re.findall(r"\./ankang ([a-zA-Z-]+)", page.read_text("utf-8")))
        assert named <= known, f"{page.relative_to(ROOT)}: {named - known}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_a_document_names_exists(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    named = re.findall(
        r"`((?:bot|memory|risk|prompts|safety|tests|docker)/[a-z0-9_./*-]*\w\.[a-z]+)`", text
    )
    for name in named:
        assert list(ROOT.glob(name)), name


def test_the_readme_says_how_well_the_red_flags_are_founded() -> None:
    states = [
        flag["evidence"]
        for path in (ROOT / "safety/red_flags").glob("*.toml")
        for flag in tomllib.loads(path.read_text("utf-8")).get("flag", {}).values()
    ]
    assert "fewer than a third of the red flags were read in full; nearly half" in read("README.md")
    assert 0.2 < states.count("verified") / len(states) < 1 / 3
    assert 0.4 < states.count("recalled") / len(states) < 0.5


def test_every_decision_is_listed_and_short() -> None:
    index = read("docs/README.md")
    for path in (ROOT / "docs/adr").glob("*.md"):
        assert f"adr/{path.name}" in index
        assert "We will" in path.read_text("utf-8")


def test_both_commands_of_the_readme_are_in_the_makefile() -> None:
    for target in re.findall(r"`make (\w+)`|^make (\w+)", read("README.md"), flags=re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", read("Makefile"), flags=re.MULTILINE)
