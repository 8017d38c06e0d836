"""Pages for whoever is on call: a signed webhook that any paging service can take."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from bot.domain.errors import ChannelError, RateLimited, Refused, SettingsError
from bot.domain.message import Attachment, Incoming, Outgoing, Receipt, Update
from bot.ports import Clock

SIGNATURE = "X-Ankang-Signature"
TIMESTAMP = "X-Ankang-Timestamp"
_TIMEOUT = 10.0  # seconds
_LONGEST = 300.0  # seconds a server may ask us to wait


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256 of "timestamp.body" in hex; the timestamp stops replays."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


class Pager:
    """POSTs one JSON object a page: ids and a link, never a word about anybody."""

    name = "pager"
    bot = "webhook"

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        """Raises SettingsError naming the setting."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError("ANKANG_PAGER_URL: give https://…")
        if len(secret) < 16:
            raise SettingsError("ANKANG_PAGER_SECRET: give at least 16 characters; it signs pages")
        self._url, self._secret, self._clock = url, secret, clock

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One page. Raises ChannelError.

        The same page twice has the same Idempotency-Key, so a lost answer is simply tried again.
        """
        page = _read(outgoing.text)
        body = json.dumps({"to": outgoing.address, **page}, separators=(",", ":")).encode()
        at = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": page["page"],
            TIMESTAMP: at,
            SIGNATURE: signature(self._secret, at, body),
        }
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                answer = await client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ChannelError("the pager does not answer") from error
        _check(answer)
        return Receipt(message_id=page["page"][-64:])

    async def fetch(self, attachment: Attachment) -> bytes:
        """Nothing lies here."""
        raise Refused("this channel carries no files")

    def parse(self, update: Update) -> Incoming:
        """Nobody answers by pager."""
        raise ValueError("the pager only speaks")


def _read(text: str) -> dict[str, str]:
    """The page in the parcel's last line; words above it are for people."""
    try:
        page = json.loads(text.rpartition("\n")[2])
        return {**page, "page": str(page["page"])}
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Refused("this is no page") from error


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    if answer.status_code == 429:
        asked = answer.headers.get("Retry-After", "")
        seconds = min(float(asked), _LONGEST) if asked.isdigit() else 5.0
        raise RateLimited(timedelta(seconds=seconds), whole_bot=True)
    if answer.status_code in (408, 425) or answer.status_code >= 500:
        raise ChannelError("the pager cannot take it now")
    raise Refused("the pager refused it")
