"""A channel inside the process: what is said to an address is kept until somebody asks for it."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict, deque
from threading import Lock

from bot.domain.errors import Refused
from bot.domain.message import Attachment, Incoming, Kind, Outgoing, Receipt, Update

_KEPT = 50
_KINDS = {"text": Kind.TEXT, "tap": Kind.TAP}


class HousePhone:
    """The Rasa assistant's side of the house: it speaks for people and carries the answers back."""

    def __init__(self, name: str) -> None:
        self.name = self.bot = name
        self._said: defaultdict[str, deque[tuple[int, Outgoing]]] = defaultdict(
            lambda: deque(maxlen=_KEPT)
        )
        self._count = 0
        self._lock = Lock()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Keep it for whoever asked."""
        with self._lock:
            self._count += 1
            self._said[outgoing.address].append((self._count, outgoing))
        return Receipt(message_id=secrets.token_hex(8))

    def mark(self) -> int:
        """A point in time for ``since``."""
        return self._count

    def since(self, address: str, mark: int) -> list[Outgoing]:
        """What was said to this address after ``mark``."""
        with self._lock:
            return [outgoing for number, outgoing in self._said[address] if number > mark]

    async def fetch(self, attachment: Attachment) -> bytes:
        """Nothing lies here."""
        raise Refused("this channel carries no files")

    def parse(self, update: Update) -> Incoming:
        """Read {"kind", "sender", "text", "data"}. Raises ValueError."""
        try:
            body = json.loads(update.body)
            kind, sender = _KINDS[body["kind"]], str(body["sender"])
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError("not an update of this channel") from error
        text, data = str(body.get("text", "")), str(body.get("data", ""))
        if kind is Kind.TEXT and text.startswith("/"):
            kind = Kind.COMMAND
            data, _, text = text[1:].partition(" ")
        return Incoming(
            kind=kind,
            channel=self.name,
            bot=self.bot,
            external_id=update.external_id,
            address=sender,
            sender=sender,
            text=text,
            data=data,
            message_id=update.external_id,
            sent_at=update.received_at,
        )
