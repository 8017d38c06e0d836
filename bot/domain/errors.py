"""Every error the house raises on purpose; the docstring is the message."""

from __future__ import annotations

from datetime import timedelta


class AnkangError(Exception):
    """Something went wrong."""

    permanent = False  #: True: trying again cannot help

    def __init__(self, message: str = "", *, permanent: bool | None = None) -> None:
        super().__init__(message or self.__doc__)
        if permanent is not None:
            self.permanent = permanent


class SettingsError(AnkangError):
    """A setting cannot be used."""

    permanent = True


class StoreError(AnkangError):
    """The database does not answer."""


class KeyMissing(AnkangError):
    """The key of this patient is gone: erased, or the master key is another one."""

    permanent = True


class ModelError(AnkangError):
    """The language model gave no usable reply.

    ``why``: "slow" (not in time), "resting" (it failed in a row and is not asked), "unusable"
    (cut off, empty, too long, without end) or "failed" (the server refused, broke off, sent what
    cannot be read).
    """

    def __init__(
        self, message: str = "", *, permanent: bool | None = None, why: str = "failed"
    ) -> None:
        super().__init__(message, permanent=permanent)
        self.why = why


class ChannelError(AnkangError):
    """The channel did not take the message; it was certainly not delivered."""


class Refused(ChannelError):
    """The channel will never take this message as it is."""

    permanent = True


class Unreachable(ChannelError):
    """The person blocked the bot, left, or closed the account."""

    permanent = True


class ThreadGone(ChannelError):
    """The forum topic was deleted."""


class ChatMoved(ChannelError):
    """The group became a supergroup with another id."""

    def __init__(self, new_address: str) -> None:
        super().__init__()
        self.new_address = new_address


class RateLimited(ChannelError):
    """The channel asks us to wait."""

    def __init__(self, wait: timedelta, *, whole_bot: bool) -> None:
        super().__init__()
        self.wait = wait
        self.whole_bot = whole_bot  #: False: only this chat has to wait


class OutcomeUnknown(ChannelError):
    """No answer came: the message may or may not have been delivered."""
