"""What a model server can do wrong, as one kind of error; and when an answer is whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

MAX_ANSWER = 3_500  #: characters; a chat message holds 4,096
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


def faults() -> tuple[type[Exception], ...]:
    """What LangChain and its vendors raise; broken bodies surface as plain Python errors."""
    import httpx
    import ollama
    import openai
    from langchain_core.exceptions import LangChainException

    return (
        LangChainException,
        openai.OpenAIError,
        ollama.ResponseError,
        httpx.HTTPError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RuntimeError,
    )


def passing(error: Exception) -> bool:
    """It may be gone in a moment: the server broke off, or said so itself."""
    import httpx
    import openai

    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status > 0:
        return status >= 500
    if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException)):
        return False
    return isinstance(error, (openai.APIConnectionError, httpx.TransportError, ConnectionError))


def told(error: Exception) -> str:
    """The kind of failure, without what it says."""
    status = getattr(error, "status_code", None)
    return f"status {status}" if isinstance(status, int) and status > 0 else type(error).__name__


def tokens(answer: AIMessage) -> int:
    """What it cost, as the server counted; 0: it did not say."""
    used = answer.usage_metadata
    return int(used["total_tokens"]) if used else 0


def checked(answer: AIMessage) -> str:
    """The text of a whole answer. Half an answer may end before its "not", so it counts as none."""
    ended = answer.response_metadata
    if "length" in (ended.get("finish_reason"), ended.get("done_reason")):
        raise ModelError("the language model's reply was cut off", why="unusable")
    text = _THOUGHTS.sub("", answer.text)
    text = "".join(c for c in text if c == "\n" or c.isprintable()).strip()
    if not text:
        raise ModelError("the language model's reply was empty", why="unusable")
    if len(text) > MAX_ANSWER:
        raise ModelError("the language model's reply was too long", why="unusable")
    if text.startswith("<think"):
        raise ModelError("the language model did not finish thinking", why="unusable")
    return text
