"""How the chain over the trail stands: its head, and where it is broken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Head:
    """The newest link: noted down elsewhere, it shows later that nothing before it was replaced."""

    n: int  #: 0: nothing is linked yet
    hash: str

    def __str__(self) -> str:
        return f"{self.n}:{self.hash}"


@dataclass(frozen=True)
class Broken:
    """The first thing found that is not as it was written."""

    #: "event changed", "event missing", "link missing", "links do not join", "not linked",
    #: "evidence changed", "replaced" or "cut off"
    what: str
    event: int  #: the number of the event it concerns; 0: of none


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What a verification found."""

    head: Head
    events: int  #: linked and found right
    digests: int = 0  #: pieces of evidence compared
    broken: Broken | None = None
