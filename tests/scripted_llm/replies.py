"""What the scripted server may answer, well or badly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One scripted answer; ``text`` is put into the body of whichever protocol was spoken."""

    text: str = ""
    status: int = 200
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()  #: tools to be used, with their arguments
    finish: str = "stop"
    raw: bytes | None = None  #: this body instead of a well-formed one
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0  #: seconds before anything is sent
    drip: float = 0.0  #: seconds between single bytes of the body
    drop: bool = False  #: close the connection without an answer


def says(text: str, finish: str = "stop") -> Reply:
    """A proper answer."""
    return Reply(text=text, finish=finish)


def asks(*calls: tuple[str, dict[str, Any]]) -> Reply:
    """Use these tools first, please."""
    return Reply(calls=calls, finish="tool_calls")


def slow(seconds: float, text: str = "Too late.") -> Reply:
    """A proper answer, later."""
    return Reply(text=text, wait=seconds)


def dripping(seconds: float, text: str = "One byte at a time.") -> Reply:
    """A proper answer that keeps the connection busy without ever getting done."""
    return Reply(text=text, drip=seconds)


def broken() -> Reply:
    """Half a JSON document."""
    return Reply(raw=b'{"id": "x", "choices": [{"index": 0, "message": {"role": "assis')


def refused(status: int = 500, body: bytes = b'{"error": {"message": "out of order"}}') -> Reply:
    """An HTTP error."""
    return Reply(status=status, raw=body)


def empty() -> Reply:
    """A proper answer without a word in it."""
    return Reply(text="")


def long(characters: int) -> Reply:
    """A model that cannot stop."""
    return Reply(text=("and then " * (characters // 9 + 1))[:characters])


def dropped() -> Reply:
    """The connection closes without an answer."""
    return Reply(drop=True)


def redirected(url: str) -> Reply:
    """Send the same words somewhere else, please."""
    return Reply(status=307, raw=b"", headers={"Location": url})
