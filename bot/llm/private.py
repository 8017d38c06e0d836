"""Identifiers stay here: they are hidden before words leave for a model and restored after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

from bot.domain.errors import ModelError
from bot.ports.lead import Agent, Led, Tool
from bot.ports.world import ChatModel
from safety.redact import hide, restore


class Private:
    """Asks a ChatModel, or an Agent, for drafts without telling it who it is about."""

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

    async def lead(
        self, system: str, user: str, given: str, tools: Sequence[Tool], *, names: Sequence[str]
    ) -> Led:
        """As ``draft``, with the curtain also before every argument and behind every result."""
        if not isinstance(self._model, Agent):
            raise ModelError("this language model uses no tools", permanent=True)
        curtain = _Curtain(names)
        led = await self._model.work(
            curtain.out(system),
            curtain.out(user),
            curtain.out(given),
            [curtain.before(tool) for tool in tools],
        )
        return replace(led, text=restore(led.text, curtain.mapping))


class _Curtain:
    """One mapping for everything that goes out and comes back in one conversation with a model."""

    def __init__(self, names: Sequence[str]) -> None:
        self.mapping: Mapping[str, str] = {}
        self._names = names
        self._one_at_a_time = Lock()  # tools are used in threads, and several at once

    def out(self, text: str) -> str:
        with self._one_at_a_time:
            hidden = hide(text, names=self._names, mapping=self.mapping)
            self.mapping = hidden.mapping
        return hidden.text

    def before(self, tool: Tool) -> Tool:
        return replace(tool, use=lambda said: self.out(tool.use(restore(said, self.mapping))))
