"""Identifiers stay here: they are hidden before words leave for a model and restored after."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ports.world import ChatModel
from safety.redact import hide, restore


class Private:
    """Asks a ChatModel for drafts without telling it who it is about."""

    def __init__(self, model: ChatModel) -> None:
        self.name = model.name
        self._model = model

    async def draft(
        self,
        system: str,
        user: str,
        *,
        names: Sequence[str],
        addresses: Sequence[str] = (),
        birth_dates: Sequence[str] = (),
        identifiers: Sequence[str] = (),
    ) -> str:
        """One draft with the identifiers put back. Raises ModelError.

        ``names`` are the patient's, the family's, the nurses'; ``birth_dates`` as people write
        them; ``identifiers`` are record numbers. What has a shape of its own (telephone numbers,
        e-mail addresses …) is found without being named.
        """
        first = hide(
            system,
            names=names,
            addresses=addresses,
            birth_dates=birth_dates,
            identifiers=identifiers,
        )
        # The same mapping goes on: one person has one stand-in in both texts.
        second = hide(
            user,
            names=names,
            addresses=addresses,
            birth_dates=birth_dates,
            identifiers=identifiers,
            mapping=first.mapping,
        )
        return restore(await self._model.reply(first.text, second.text), second.mapping)
