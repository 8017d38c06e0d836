"""Yes and no as people write them, in both languages."""

from __future__ import annotations

_YES = (
    "yes", "y", "yes now", "yeah", "yep", "yes i do", "yes i have", "i do", "i have", "是", "是的",
    "有", "有的", "对", "现在有", "嗯", "有过", "想过",
)  # fmt: skip
_NO = (
    "no", "n", "nope", "not now", "no i dont", "no i havent", "never", "没有", "不是", "不", "没",
    "现在没有", "无", "没有过", "没想过", "从来没有",
)  # fmt: skip
_AROUND = ".!。！,，~ "


def plain_answer(text: str) -> str:
    """ "yes", "no" or "" for words that are neither by themselves."""
    plain = text.strip().strip(_AROUND).casefold().replace("'", "").replace("’", "")
    return "yes" if plain in _YES else "no" if plain in _NO else ""
