"""Puts one message on Telegram's wire, in pieces where it must be, or changes one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
)

from bot.channels.telegram_http import ApiError
from bot.channels.telegram_split import split, width
from bot.channels.telegram_wire import NO_TEXT, NOT_MODIFIED, Pace, in_house_words
from bot.domain.errors import ChannelError, OutcomeUnknown, Refused
from bot.domain.message import Button, Outgoing, Receipt

MAX_TEXT, MAX_CAPTION, MAX_TOPIC = 4096, 1024, 128  #: UTF-16 units; characters for a topic
MAX_PICTURE = 10 * 2**20  #: bytes
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Sender:
    """What goes out, with the one count of how fast it went."""

    def __init__(self, api: Bot) -> None:
        self._api = api
        self._pace = Pace()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Put a message on the wire, or change one. The receipt is of the last piece sent.

        A text over 4096 goes out in pieces with the buttons under the last; a caption over 1024
        follows its picture. If a later piece fails for now, the outcome is unknown: part of it
        arrived. An edit must fit, changes no picture, and "not modified" is success. Without
        buttons an edit takes the old ones away.

        Raises Unreachable (blocked, left, no such chat), RateLimited (whose limit is a guess,
        see Pace), ChatMoved, ThreadGone, Refused, OutcomeUnknown (no answer, a dropped socket,
        any 5xx), or plain ChannelError if it was certainly not sent.
        """
        if outgoing.edit is not None:
            return await self._edit(outgoing)
        text, picture = outgoing.text, outgoing.picture
        if picture is not None and len(picture) > MAX_PICTURE:
            raise Refused("The picture is larger than Telegram takes.")
        if picture is not None and width(text) <= MAX_CAPTION:
            pieces: list[tuple[bytes | None, str]] = [(picture, text)]
        else:
            pieces = [(None, piece) for piece in split(text, MAX_TEXT)]
            if picture is not None:
                pieces.insert(0, (picture, ""))
        message_id = ""
        for number, (image, words) in enumerate(pieces):
            buttons = outgoing.buttons if number == len(pieces) - 1 else ()
            try:
                message_id = await self._send_one(outgoing, image, words, buttons)
            except ChannelError as error:
                if number and not error.permanent:
                    raise OutcomeUnknown("Only the first part is sure to be sent.") from error
                raise
        return Receipt(message_id=message_id)

    async def _send_one(
        self,
        outgoing: Outgoing,
        image: bytes | None,
        text: str,
        buttons: tuple[tuple[Button, ...], ...],
    ) -> str:
        thread = outgoing.thread if outgoing.thread not in (None, "", "1") else None
        how: dict[str, Any] = {
            "chat_id": whole(outgoing.address, "address"),
            # The General topic is written to without a thread; Telegram refuses its number 1.
            "message_thread_id": None if thread is None else whole(thread, "thread"),
            "disable_notification": outgoing.silent or None,
            "protect_content": outgoing.protect or None,
            "reply_markup": _keyboard(buttons),
        }
        with self._paced(outgoing.address):
            if image is None:
                sent = await self._api.send_message(
                    text=text, link_preview_options=_NO_PREVIEW, **how
                )
            else:
                photo = InputFile(image, filename="picture.png")
                sent = await self._api.send_photo(photo=photo, caption=text or None, **how)
        return str(sent.message_id)

    async def _edit(self, outgoing: Outgoing) -> Receipt:
        if width(outgoing.text) > MAX_TEXT:
            raise Refused("A changed text must fit into one message.")
        message_id = whole(outgoing.edit or "", "message id")
        how: dict[str, Any] = {
            "chat_id": whole(outgoing.address, "address"),
            "message_id": message_id,
            "reply_markup": _keyboard(outgoing.buttons),
        }
        with self._paced(outgoing.address):
            try:
                if outgoing.picture is not None:
                    await self._api.edit_message_caption(caption=outgoing.text or None, **how)
                else:
                    await self._edit_words(outgoing.text, how)
            except ApiError as error:
                if NOT_MODIFIED not in error.description:
                    raise
        return Receipt(message_id=str(message_id))

    async def _edit_words(self, text: str, how: dict[str, Any]) -> None:
        try:
            await self._api.edit_message_text(text, link_preview_options=_NO_PREVIEW, **how)
        except ApiError as error:
            if NO_TEXT not in error.description:
                raise
            await self._api.edit_message_caption(caption=text or None, **how)  # it is a picture

    def _paced(self, address: str) -> AbstractContextManager[None]:
        likely = self._pace.chat_limit_likely(address)
        self._pace.sent(address)
        return in_house_words(chat_only=likely)

    async def create_topic(self, address: str, name: str) -> str:
        """A new topic in a forum group; gives its thread."""
        with self._paced(address):
            topic = await self._api.create_forum_topic(whole(address, "address"), name[:MAX_TOPIC])
        return str(topic.message_thread_id)


def whole(value: str, what: str) -> int:
    """An id as Telegram wants it; raises Refused where it is none."""
    try:
        return int(value)
    except ValueError as error:
        raise Refused(f"The {what} is no number.") from error


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(b.label, url=b.url)
                if b.url
                else InlineKeyboardButton(b.label, callback_data=b.data)
                for b in row
            ]
            for row in rows
        ]
    )
