"""The model card: what the guess learnt from, and what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from knowledge.model import Language

_HEAD = Path(__file__).with_name("card_head.md").read_text("utf-8")


def write(articles: int, texts: Mapping[Language, int]) -> str:
    """The card as Markdown; `texts`: how many each language learnt from."""
    rows = "\n".join(f"| {language} | {count} |" for language, count in texts.items())
    table = f"| language | texts learnt from |\n| --- | --- |\n{rows}\n"
    return f"{_HEAD}\n{articles} articles.\n\n{table}"
