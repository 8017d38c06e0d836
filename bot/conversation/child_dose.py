"""Whether a medicine, or how much of it, is asked for a child, and not for oneself beside one."""

from __future__ import annotations

import re

from bot.conversation.knowledge_turn import for_a_child

#: One's own dose, though a child is spoken of: "I forgot it with the baby, can I take two?"
_OWN = re.compile(
    r"\bi (?:take|took|have|double|skip|stop|inject|use|halve|miss|missed|forgot)\b|\bmy own\b"
    r"|我(?:自己)?(?:的药|忘|漏|能|可以|该|要|想|今|昨)",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\bgiv(?:e|ing)\b|\bfor (?:my|our|a|the)\b|给", re.IGNORECASE)


def asked_for_a_child(text: str) -> bool:
    """A child is named, and the words are not of one's own tablets."""
    if not for_a_child(text):
        return False
    return _GIVEN.search(text) is not None or _OWN.search(text) is None
