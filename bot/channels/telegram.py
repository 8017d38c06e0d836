"""Telegram: the one door that speaks the Bot API, by way of python-telegram-bot."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.telegram_http import ApiError, Wire, hush
from bot.channels.telegram_parse import read_update
from bot.channels.telegram_poll import Keep, poll
from bot.channels.telegram_send import Sender, whole
from bot.channels.telegram_webhook import webhook_route
from bot.channels.telegram_wire import in_house_words
from bot.domain.errors import ChannelError, Refused, SettingsError
from bot.domain.message import Attachment, Incoming, Outgoing, Receipt, Update

__all__ = ["Telegram", "webhook_route"]
log = logging.getLogger(__name__)

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
MAX_FILE = 20 * 2**20  #: bytes a bot may download


class Telegram:
    """One bot at Telegram. ``start`` it before anything else and ``close`` it at the end.

    ``base_url`` is a self-hosted Bot API server, for example ``http://127.0.0.1:8081``; None is
    Telegram's own. ``bot_id``, where given, must be the id the token belongs to.
    ``answer_within`` is how long an answer may take before its outcome counts as unknown;
    ``patience`` the shortest and longest wait of the poll after an error, in seconds.
    """

    name = "telegram"

    def __init__(
        self,
        token: str,
        *,
        base_url: str | None = None,
        bot_id: str = "",
        allowed: Sequence[str] = ALLOWED,
        answer_within: timedelta = timedelta(seconds=15),
        long_poll: timedelta = timedelta(seconds=25),
        patience: tuple[float, float] = (0.5, 30.0),
    ) -> None:
        hush()
        token = token.strip()
        if not token.partition(":")[0].isdigit():
            raise SettingsError("The Telegram token has not the shape 123456:letters.")
        root = (base_url or "https://api.telegram.org").rstrip("/").removesuffix("/bot")
        seconds = answer_within.total_seconds()
        self._polling = Wire(connections=1)
        self._wire = Wire(
            connections=32,
            read_timeout=seconds,
            write_timeout=seconds,
            media_write_timeout=max(seconds, 30.0),
        )
        self._api = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._wire,
            get_updates_request=self._polling,
        )
        self._expected = bot_id
        self._allowed = tuple(allowed)
        self._long_poll = int(long_poll.total_seconds())
        self._patience = patience
        self._sender = Sender(self._api)
        self._answers: set[asyncio.Task[None]] = set()
        self.bot = bot_id or token.partition(":")[0]
        self.username = ""

    async def start(self) -> None:
        """Ask who we are. Raises SettingsError on a wrong token, ChannelError if nobody answers."""
        try:
            with in_house_words(effect=False):
                await self._api.initialize()
        except ChannelError as error:
            if isinstance(error.__cause__, ApiError) and error.__cause__.status in (401, 404):
                raise SettingsError("Telegram does not know this token.") from error
            raise
        self.bot, self.username = str(self._api.id), self._api.username
        if self._expected not in ("", self.bot):
            raise SettingsError(f"The token is of bot {self.bot}, not of {self._expected}.")

    async def close(self) -> None:
        """Let answers to taps under way finish for a moment, then hang up."""
        if self._answers:
            await asyncio.wait(set(self._answers), timeout=2)
        for answer in set(self._answers):
            answer.cancel()
        await self._api.shutdown()

    # --- in ------------------------------------------------------------------------------

    async def poll(
        self,
        keep: Keep,
        *,
        stop: asyncio.Event,
        may_poll: Callable[[], Awaitable[bool]] | None = None,
        heard: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Hand every update to ``keep`` until ``stop``; the offset moves only after it returned.

        Nothing is lost when the process dies at any point: what was not kept comes again, and
        what comes twice has the same ``external_id``.
        """
        await poll(
            self._fetch_updates,
            keep,
            bot=self.bot,
            stop=stop,
            may_poll=may_poll,
            seen=self.answer_taps,
            heard=heard,
            patience=self._patience,
        )

    async def _fetch_updates(self, offset: int | None, limit: int) -> bytes:
        query = {
            "timeout": self._long_poll,
            "limit": limit,
            "allowed_updates": json.dumps(self._allowed),
            **({} if offset is None else {"offset": offset}),
        }
        url = f"{self._api.base_url}/getUpdates?{urlencode(query)}"
        with in_house_words(effect=False):
            _, payload = await self._polling.do_request(
                url, "GET", read_timeout=self._long_poll + 10.0
            )
        return payload

    def parse(self, update: Update) -> Incoming:
        """What an update says; ValueError only where its body is no JSON at all."""
        return read_update(update, username=self.username)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to ``url``; polling then answers 409. Raises ChannelError."""
        with in_house_words(effect=False):
            await self._api.set_webhook(url, secret_token=secret, allowed_updates=self._allowed)

    async def delete_webhook(self) -> None:
        """Go back to polling; waiting updates stay. Raises ChannelError."""
        with in_house_words(effect=False):
            await self._api.delete_webhook()

    def answer_taps(self, updates: Sequence[Update]) -> None:
        """Stop the button's spinner at once, in the background: Telegram expires taps in seconds.

        A later ``answer_tap`` for the same tap shows nothing, since each is answered only once.
        """
        for update in updates:
            try:
                tap_id = self.parse(update).tap_id
            except ValueError:
                continue
            if tap_id:
                task = asyncio.create_task(self.answer_tap(tap_id))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        """Answer a tap, with a short notice if ``text``. A late or second answer is harmless."""
        try:
            await self._api.answer_callback_query(tap_id, text=text or None)
        except TelegramError as error:
            log.debug("tap %s not answered: %s", tap_id, type(error).__name__)

    async def fetch(self, attachment: Attachment) -> bytes:
        """The file's bytes. Raises Refused above 20 MB or when it is gone, else ChannelError."""
        if (attachment.size or 0) > MAX_FILE:
            raise Refused("The file is larger than Telegram hands to bots.")
        with in_house_words(effect=False):
            file = await self._api.get_file(attachment.reference)
        try:
            with in_house_words(effect=False):
                data = bytes(await file.download_as_bytearray())
        except ChannelError as error:
            if isinstance(error.__cause__, ApiError) and error.__cause__.status == 404:
                raise Refused("The file is gone.") from error
            raise
        if len(data) > MAX_FILE:
            raise Refused("The file is larger than Telegram hands to bots.")
        return data

    # --- out -----------------------------------------------------------------------------

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Put a message on the wire, or change one: see Sender.send for pieces and errors."""
        return await self._sender.send(outgoing)

    async def typing(self, address: str) -> None:
        """Show "typing…" for about 5 s. It never fails: nothing depends on it."""
        try:
            await self._api.send_chat_action(whole(address, "address"), ChatAction.TYPING)
        except (TelegramError, Refused) as error:
            log.debug("typing to %s not shown: %s", address, type(error).__name__)

    async def set_commands(self, by_language: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """The menu of commands in private chats: language -> (command, what it does).

        "" is shown to people whose language has none; only the first two letters count.
        """
        for language, commands in by_language.items():
            menu = [BotCommand(command, words) for command, words in commands]
            with in_house_words(effect=False):
                await self._api.set_my_commands(
                    menu,
                    scope=BotCommandScopeAllPrivateChats(),
                    language_code=language[:2] or None,
                )

    async def create_topic(self, address: str, name: str) -> str:
        """A new topic in a forum group; gives its thread. The name is cut to 128 characters."""
        return await self._sender.create_topic(address, name)
