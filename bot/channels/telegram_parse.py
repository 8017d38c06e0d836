"""Reads a raw Telegram update; whatever it does not understand becomes Kind.UNKNOWN."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.domain.message import Attachment, Incoming, Kind, Update

_Json = dict[str, Any]
_COMMAND = re.compile(r"[/／]([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_GONE = ("kicked", "left")
#: field -> media type where Telegram names none; order matters: an animation is a document too.
_FILES = {
    "voice": "audio/ogg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "audio": "audio/mpeg",
    "document": "application/octet-stream",
}


def read_update(update: Update, *, username: str = "") -> Incoming:
    """What a kept update says. ``username`` is the bot's own, to know commands meant for others.

    Never raises on odd content; raises ValueError only where the body is no JSON at all.
    Source: https://core.telegram.org/bots/api#update
    """
    try:
        body = json.loads(update.body)
    except RecursionError as error:
        raise ValueError("the update is nested too deeply to be read") from error
    nothing = Incoming(
        kind=Kind.UNKNOWN,
        channel=update.channel,
        bot=update.bot,
        external_id=update.external_id,
        address="",
        sender="",
        sent_at=update.received_at,
    )
    body = _table(body)
    if "callback_query" in body:
        return _tap(nothing, _table(body["callback_query"]))
    if "my_chat_member" in body:
        return _member(nothing, _table(body["my_chat_member"]))
    if "edited_message" in body:
        return _edited(nothing, _table(body["edited_message"]))
    return _message(nothing, _table(body.get("message")), username)


def clean(value: object) -> str:
    """Text without what UTF-8 or a database cannot hold: lone surrogates and NUL."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _table(value: object) -> _Json:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> str:
    """An id as text; empty where there is none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: object, otherwise: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(value, UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise


def _placed(nothing: Incoming, message: _Json, sender: _Json) -> Incoming:
    """Where and who. Without a chat there is nobody to answer, so it stays UNKNOWN."""
    chat = _table(message.get("chat"))
    names = (clean(sender.get("first_name")), clean(sender.get("last_name")))
    return replace(
        nothing,
        address=_number(chat.get("id")),
        private=chat.get("type") == "private",
        sender=_number(sender.get("id")),
        sender_name=" ".join(name for name in names if name),
        language_hint=clean(sender.get("language_code")).lower(),
        message_id=_number(message.get("message_id")),
        # In groups without topics, a thread id only marks a chain of replies.
        thread=(_number(message.get("message_thread_id")) or None)
        if message.get("is_topic_message")
        else None,
    )


def _message(nothing: Incoming, message: _Json, username: str) -> Incoming:
    sender = _table(message.get("from")) or _table(message.get("sender_chat"))
    placed = _placed(nothing, message, sender)
    placed = replace(placed, sent_at=_moment(message.get("date"), nothing.sent_at))
    if not placed.address:
        return placed
    if new := _number(message.get("migrate_to_chat_id")):
        return replace(placed, kind=Kind.GROUP_MOVED, data=new)
    if old := _number(message.get("migrate_from_chat_id")):
        # The same news from the other side: the old address is the one that moved.
        return replace(placed, kind=Kind.GROUP_MOVED, address=old, data=placed.address)
    if text := clean(message.get("text")):
        return _words(placed, text, username)
    placed = replace(placed, text=clean(message.get("caption")))
    if (photo := _largest(message.get("photo"))) is not None:
        return replace(placed, kind=Kind.PHOTO, attachment=photo)
    for field, media_type in _FILES.items():
        if (attachment := _attachment(message.get(field), media_type)) is not None:
            kind = Kind.VOICE if field == "voice" else Kind.FILE
            return replace(placed, kind=kind, attachment=attachment)
    return placed


def _words(placed: Incoming, text: str, username: str) -> Incoming:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return replace(placed, kind=Kind.TEXT, text=text)
    name, addressee, argument = command.groups()
    if addressee and username and addressee.lower() != username.lower():
        return replace(placed, text=text)  # meant for another bot in the group
    argument = (argument or "").strip()
    return replace(placed, kind=Kind.COMMAND, data=name.lower(), text=argument)


def _edited(nothing: Incoming, message: _Json) -> Incoming:
    placed = _placed(nothing, message, _table(message.get("from")))
    when = _moment(message.get("edit_date"), nothing.sent_at)
    text = clean(message.get("text")) or clean(message.get("caption"))
    known = bool(text and placed.address)  # a moving live location is an edit without words
    kind = Kind.EDITED if known else Kind.UNKNOWN
    return replace(placed, kind=kind, text=text, sent_at=when)


def _tap(nothing: Incoming, query: _Json) -> Incoming:
    placed = _placed(nothing, _table(query.get("message")), _table(query.get("from")))
    placed = replace(placed, tap_id=clean(query.get("id")), data=clean(query.get("data")))
    known = placed.address and placed.data and placed.tap_id
    return replace(placed, kind=Kind.TAP) if known else placed


def _member(nothing: Incoming, change: _Json) -> Incoming:
    placed = _placed(nothing, change, _table(change.get("from")))
    placed = replace(placed, sent_at=_moment(change.get("date"), nothing.sent_at))
    was, now = (_is_in(change.get(f"{side}_chat_member")) for side in ("old", "new"))
    if not placed.address or now is None or was is now:
        return placed  # a promotion, or a right given: nothing that changes whether we reach them
    return replace(placed, kind=Kind.UNBLOCKED if now else Kind.BLOCKED)


def _is_in(member: object) -> bool | None:
    status = _table(member).get("status")
    if not isinstance(status, str):
        return None
    return status not in _GONE and not (
        status == "restricted" and _table(member).get("is_member") is False
    )


def _largest(sizes: object) -> Attachment | None:
    usable = [s for s in sizes if isinstance(s, dict)] if isinstance(sizes, list) else []
    usable = [s for s in usable if clean(s.get("file_id"))]
    if not usable:
        return None
    return _attachment(max(usable, key=_area), "image/jpeg")


def _area(size: _Json) -> int:
    sides = (size.get("width"), size.get("height"))
    return sides[0] * sides[1] if all(type(side) is int for side in sides) else 0  # type: ignore[operator]


def _attachment(file: object, media_type: str) -> Attachment | None:
    entry = _table(file)
    reference = clean(entry.get("file_id"))
    if not reference:
        return None
    size = entry.get("file_size")
    return Attachment(
        reference=reference,
        media_type=clean(entry.get("mime_type")) or media_type,
        size=size if type(size) is int else None,
        name=clean(entry.get("file_name")),
    )


def order_key(item: object) -> str:
    """The chat an update belongs to, read without any care for the rest; "" where there is none."""
    if not isinstance(item, dict):
        return ""
    for part in item.values():
        inner = part.get("message", part) if isinstance(part, dict) else None
        chat = inner.get("chat") if isinstance(inner, dict) else None
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return str(chat["id"])
    return ""
