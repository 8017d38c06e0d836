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
#: To a plan that was read back; an "ok" to "do you have chest pain now?" would mean something else.
_AGREED = (
    "yes", "y", "yes please", "ok", "okay", "sure", "save", "save it", "是", "是的", "好", "好的",
    "对", "保存", "可以", "行", "嗯",
)  # fmt: skip
_REFUSED = (
    "no", "n", "nope", "no thanks", "不", "不用", "不要", "不对", "算了", "不是", "不行",
)  # fmt: skip
_AROUND = ".!。！,，~ "


def plain_answer(text: str) -> str:
    """ "yes", "no" or "" for words that are neither by themselves."""
    plain = text.strip().strip(_AROUND).casefold().replace("'", "").replace("’", "")
    return "yes" if plain in _YES else "no" if plain in _NO else ""


def consent_in(text: str) -> str:
    """ "yes", "no" or "": what somebody says to a plan that was read back to them."""
    plain = text.strip().strip(_AROUND).casefold()
    return "yes" if plain in _AGREED else "no" if plain in _REFUSED else ""
