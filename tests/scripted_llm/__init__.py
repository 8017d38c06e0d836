"""A language model server for tests: real HTTP on loopback, answers and faults by script."""

from .replies import (
    Reply,
    asks,
    broken,
    dripping,
    dropped,
    empty,
    long,
    redirected,
    refused,
    says,
    slow,
)
from .server import Asked, ScriptedLLM

__all__ = [
    "Asked",
    "Reply",
    "ScriptedLLM",
    "asks",
    "broken",
    "dripping",
    "dropped",
    "empty",
    "long",
    "redirected",
    "refused",
    "says",
    "slow",
]
