"""An edited message: the facts and words of its earlier version give way to the new ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.message import Kind
from bot.domain.turn import Turn
from bot.post import short_id
from memory import Fact, Memory
from memory.fact import PATIENTS_OWN
from memory.truth import Settled, alike


def mark_of(turn: Turn) -> str:
    """What the ids of this message's memory and facts begin with: its place in the chat, then its
    version, so that an edit finds what it replaces."""
    return f"{_owner(turn)}-{turn.message.id[:8]}" if _owner(turn) else turn.message.id


def earlier_words(turn: Turn, memories: Iterable[Memory]) -> list[Memory]:
    """The versions of this message that are still remembered; [] where it is no edit."""
    return [m for m in memories if _is_earlier(turn, m.id)]


def before_it(
    turn: Turn, known: Sequence[Fact], memories: Iterable[Memory]
) -> tuple[list[Fact], list[Fact], list[Fact]]:
    """What was known before this message was first sent, its own facts, and what comes back.

    What the earlier version ended or replaced stands again, until the new words end it too.
    """
    versions = {f.id for f in known if _is_earlier(turn, f.id)}
    times = {m.recorded_at for m in earlier_words(turn, memories)}
    own = [
        f for f in known if f.id in versions and f.status == "current" and f.said_by in PATIENTS_OWN
    ]
    back = [
        replace(f, status="current", valid_until=None, replaced_by="")
        for f in known
        if f.status == "superseded"
        and f.id not in versions
        and (f.replaced_by in versions or (not f.replaced_by and f.valid_until in times))
    ]
    gone = versions | {f.id for f in back}
    return [*(f for f in known if f.id not in gone), *back], own, back


def laid_beside(turn: Turn, found: Settled, own: Sequence[Fact], back: Sequence[Fact]) -> Settled:
    """`found`, and the earlier facts that the new words no longer say ended."""
    said_again = {new.id: old.id for old in own for new in found.added if _same(old, new)}
    added = [f for f in found.added if f.id not in said_again]
    returned = {f.id for f in back}
    swapped = [
        (was, now)
        for was, now in found.swapped
        if not (was.id in returned and (now is None or now.id in said_again))
    ]
    ended: list[Fact] = []
    for old in own:
        if old.id in said_again.values():
            continue
        new = next((f for f in added if f.kind == old.kind and alike(f.about, old.about)), None)
        swapped.append((old, new))
        ended.append(
            replace(
                old,
                status="superseded",
                valid_until=turn.message.at,
                replaced_by=new.id if new else "",
            )
        )
    changed = [
        replace(f, replaced_by=said_again.get(f.replaced_by, f.replaced_by)) for f in found.changed
    ]
    standing = {f.id for f in changed}
    return replace(
        found,
        added=tuple(added),
        changed=(*changed, *ended, *(f for f in back if f.id not in standing)),
        swapped=tuple(swapped),
        doubts=tuple(d for d in found.doubts if d.new is None or d.new.id not in said_again),
    )


def _same(old: Fact, new: Fact) -> bool:
    return (old.kind, old.text, dict(old.values)) == (new.kind, new.text, dict(new.values))


def _owner(turn: Turn) -> str:
    incoming = turn.incoming
    if not incoming.message_id:
        return ""
    return short_id("edited", incoming.channel, incoming.bot, incoming.address, incoming.message_id)


def _is_earlier(turn: Turn, one: str) -> bool:
    owner = _owner(turn)
    if turn.incoming.kind is not Kind.EDITED or not owner:
        return False
    return one.startswith(f"{owner}-") and not one.startswith(mark_of(turn))
