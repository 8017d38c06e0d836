"""The demo patient's phone as a channel: it lives in this process and is seen on /chat."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

from bot.domain.errors import Refused
from bot.domain.message import Attachment, Button, Incoming, Kind, Outgoing, Receipt, Update

ADDRESS = "demo"
_KEPT = 200  #: messages remembered for each address
_PICTURES = 40
_KINDS = {"text": Kind.TEXT, "tap": Kind.TAP, "command": Kind.COMMAND}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One message on the phone. The words are in the store too; buttons and pictures only here."""

    receipt: str
    text: str
    first_text: str
    buttons: tuple[tuple[Button, ...], ...]
    has_picture: bool
    at: datetime


class Web:
    """A phone without a network: sending is remembering, and never fails."""

    name = "web"
    bot = "demo"

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._sent: dict[str, deque[Sent]] = {}
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = Lock()
        self.version = 0

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Show a message, or change one shown before."""
        receipt = outgoing.edit or secrets.token_hex(8)
        with self._lock:
            shown = self._sent.setdefault(outgoing.address, deque(maxlen=_KEPT))
            for place, known in enumerate(shown):
                if known.receipt == receipt:
                    shown[place] = replace(known, text=outgoing.text, buttons=outgoing.buttons)
                    break
            else:
                shown.append(
                    Sent(
                        receipt=receipt,
                        text=outgoing.text,
                        first_text=outgoing.text,
                        buttons=outgoing.buttons,
                        has_picture=outgoing.picture is not None,
                        at=self._clock(),
                    )
                )
            if outgoing.picture is not None:
                self._pictures[receipt] = outgoing.picture
                while len(self._pictures) > _PICTURES:
                    self._pictures.popitem(last=False)
            self.version += 1
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)
        return Receipt(message_id=receipt)

    async def fetch(self, attachment: Attachment) -> bytes:
        """Nothing lies here: the page sends no files."""
        raise Refused(f"the web chat keeps no files: {attachment.reference}")

    def parse(self, update: Update) -> Incoming:
        """Read what the page posted. Raises ValueError when it is not such a thing."""
        try:
            body = json.loads(update.body)
            kind = _KINDS[body["kind"]]
            text, data = body.get("text", ""), body.get("data", "")
            address = body.get("address", ADDRESS)
            language, message = body.get("language", ""), body.get("message", "")
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise ValueError("not an update of the web chat") from error
        if not all(isinstance(part, str) for part in (text, data, address, language, message)):
            raise ValueError("an update of the web chat holds only texts")
        if kind is Kind.TEXT and text.startswith("/"):
            kind = Kind.COMMAND
            data, _, text = text[1:].partition(" ")
        return Incoming(
            kind=kind,
            channel=self.name,
            bot=self.bot,
            external_id=update.external_id,
            address=address,
            sender=address,
            text=text.strip() if kind is Kind.COMMAND else text,
            data=data.lower() if kind is Kind.COMMAND else data,
            language_hint=language,
            message_id=message or update.external_id,
            tap_id=update.external_id if kind is Kind.TAP else "",
            sent_at=update.received_at,
        )

    def bubbles(self, address: str) -> list[Sent]:
        """What this phone shows, the oldest first."""
        with self._lock:
            return list(self._sent.get(address, ()))

    def picture(self, receipt: str) -> bytes | None:
        """The PNG of a message, while it is remembered."""
        with self._lock:
            return self._pictures.get(receipt)

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 - a pause, not a deadline
        """Return when something was sent, or after ``timeout`` seconds."""
        event = asyncio.Event()
        entry = (asyncio.get_running_loop(), event)
        with self._lock:
            self._waiting.append(entry)
        try:
            await asyncio.wait_for(event.wait(), timeout)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                if entry in self._waiting:
                    self._waiting.remove(entry)
