"""The canary's phone and desk: it hears what the house says, and accepts like a nurse would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from bot.channels.house_phone import HousePhone
from bot.domain import canary
from bot.domain.message import Outgoing, Receipt, Update
from bot.ports import Clock

Keep = Callable[[Sequence[Update]], int]


class CanaryPhone(HousePhone):
    """A page that reaches the desk is accepted by the same tap, through the same door."""

    def __init__(self, keep: Keep, clock: Clock) -> None:
        super().__init__(canary.CHANNEL)
        self._keep, self._clock = keep, clock

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Take the message; tap "accept" where a card offers it."""
        receipt = await super().send(outgoing)
        for row in outgoing.buttons:
            for button in row:
                if outgoing.address == canary.DESK and button.data.endswith(":accept"):
                    await asyncio.to_thread(self._keep, [self._tap(button.data)])
        return receipt

    def _tap(self, data: str) -> Update:
        return Update(
            channel=self.name,
            bot=self.bot,
            external_id=f"tap/{data}"[:64],
            body=json.dumps({"kind": "tap", "sender": canary.DESK, "data": data}),
            order_key=canary.DESK,
            received_at=self._clock(),
        )
