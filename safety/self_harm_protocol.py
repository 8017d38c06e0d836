"""When the questions after words of self-harm are asked, and what their answers raise."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from safety import lexicon
from safety.files import list_field, read_toml, table_field, text_field
from safety.verdict import Finding

_FILE = Path(__file__).with_name("self_harm.toml")
LEVELS = ("high", "moderate", "low")


@dataclass(frozen=True, kw_only=True)
class SelfHarm:
    """The protocol as its file has it."""

    model: str  #: of the risk room: the order and the logic
    starts: frozenset[str]
    implied: Mapping[str, str]  #: question → one that a "no" to it answers too
    open_for: timedelta
    again_after: timedelta
    raises: Mapping[str, str]  #: level → flag

    def finding(self, level: str) -> Finding | None:
        """The finding of a level; None where nothing was said yes to."""
        if level not in self.raises:
            return None
        flag = lexicon.load().flags[self.raises[level]]
        return Finding(
            flag=flag.id,
            tier=flag.tier,
            cues=("answered", level),
            people_only=flag.people_only,
            topic_private=flag.topic_private,
        )


@functools.cache
def self_harm() -> SelfHarm:
    """self_harm.toml, read and checked once; ValueError names the field that is wrong."""
    data, name = read_toml(_FILE), _FILE.name
    raises = table_field(data, "raises", name)
    found = SelfHarm(
        model=text_field(data, "model", name),
        starts=frozenset(list_field(data, "starts", name)),
        implied=table_field(data, "implied", name),
        open_for=timedelta(hours=float(data["open_hours"])),
        again_after=timedelta(hours=float(data["again_hours"])),
        raises={level: text_field(raises, level, name) for level in LEVELS},
    )
    flags = lexicon.load().flags
    for flag in (*found.starts, *found.raises.values()):
        if flag not in flags or not flags[flag].people_only:
            raise ValueError(f"{name}: {flag} is no flag that only people close")
    return found
