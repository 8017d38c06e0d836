"""A Telegram Bot API server for tests: real HTTP on loopback, real offsets, honest errors."""

from .methods import ApiFailure
from .server import TelegramServer
from .wire import Call

__all__ = ["ApiFailure", "Call", "TelegramServer"]
