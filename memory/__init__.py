"""What is remembered about one patient: stored sealed, found again, forgotten when asked."""

from memory.chroma import FolderInUse, open_embedded, open_server
from memory.fact import Fact
from memory.learn import learn
from memory.model import (
    Cipher,
    Compared,
    Encoder,
    IndexFailed,
    Memory,
    Recalled,
    WrongPatient,
)
from memory.statement import Statement
from memory.store import Memories
from memory.summary import Summary
from memory.tagger import Found, Tagging

__all__ = [
    "Cipher",
    "Compared",
    "Encoder",
    "Fact",
    "FolderInUse",
    "Found",
    "IndexFailed",
    "Memories",
    "Memory",
    "Recalled",
    "Statement",
    "Summary",
    "Tagging",
    "WrongPatient",
    "learn",
    "open_embedded",
    "open_server",
]
