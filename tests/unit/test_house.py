"""The shape of the house: our rooms are ours, light to import, and each opens with a sentence."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "knowledge", "memory", "risk", "prompts", "safety")
MODULES = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))
           if "versions" not in p.parts]  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_our_rooms_are_ours(room: str) -> None:
    module = __import__(room)
    assert Path(str(module.__file__)).parent == ROOT / room


def test_importing_the_conversation_loads_nothing_heavy() -> None:
    heavy = ("torch", "transformers", "chromadb", "langchain", "langchain_core", "matplotlib",
             "telegram")  # fmt: skip
    code = f"import sys, bot.conversation.route; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert words and words.partition("\n")[0].rstrip().endswith((".", "?", "!", ":"))
