"""The chat in the terminal greets in the language it was asked for."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot import bootstrap, terminal
from bot.config import Settings


async def _talked(folder: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(terminal, "_ask", lambda: "")
    heard = StringIO()
    house = bootstrap.build(Settings(data=folder, demo=True))
    await terminal.talk(house, language, Console(file=heard, width=400))
    return heard.getvalue()


async def test_the_first_words_are_in_the_language_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chinese = await _talked(tmp_path, "zh", monkeypatch)
    assert "您" in chinese and "Write as" not in chinese and "I am" not in chinese
    english = await _talked(tmp_path, "en", monkeypatch)  # the same patient, in another language
    assert "Write as the demo patient" in english and "您" not in english
