"""How fast one bot may speak: 30 a second in all, 1 a second to a person, 20 a minute to a group.

Source: the Bot API's FAQ on limits. A part of each is kept back for emergencies.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.outbox import MessageClass


@dataclass
class Bucket:
    """Fills by ``rate`` a second up to ``size``; the last ``reserve`` are for emergencies."""

    rate: float
    size: float
    reserve: float = 0.0
    level: float = -1.0
    at: float = 0.0
    shut_until: float = 0.0

    def ready_in(self, now: float, urgent: bool) -> float:
        """Seconds until one may be taken; 0 or less: now."""
        self._fill(now)
        floor = 0.0 if urgent else self.reserve
        wait = (1.0 + floor - self.level) / self.rate
        return max(wait, self.shut_until - now)

    def take(self, now: float) -> None:
        """One message leaves."""
        self._fill(now)
        self.level -= 1.0

    def _fill(self, now: float) -> None:
        if self.level < 0 and self.at == 0.0:
            self.level, self.at = self.size, now
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now


class Limits:
    """The buckets of one bot. Times are seconds of a monotonic clock."""

    def __init__(self, *, unlimited: bool = False) -> None:
        self._unlimited = unlimited
        self._bot = Bucket(rate=28.0, size=28.0, reserve=4.0)
        self._chats: dict[str, Bucket] = {}

    def ready_in(self, address: str, message_class: MessageClass, now: float) -> float:
        """Seconds until a message of this class may go to this address."""
        if self._unlimited:
            return 0.0
        urgent = message_class is MessageClass.EMERGENCY
        return max(self._bot.ready_in(now, urgent), self._chat(address).ready_in(now, urgent))

    def bot_ready_in(self, message_class: MessageClass, now: float) -> float:
        """Seconds until the bot may say anything of this class, to whomever."""
        if self._unlimited:
            return 0.0
        return self._bot.ready_in(now, message_class is MessageClass.EMERGENCY)

    def take(self, address: str, now: float) -> None:
        """One message leaves for this address."""
        self._bot.take(now)
        self._chat(address).take(now)
        if len(self._chats) > 5000:  # a full bucket is as good as none
            self._chats = {
                name: b for name, b in self._chats.items() if b.ready_in(now, True) > -b.size / 2
            }

    def pause(self, address: str, seconds: float, *, whole_bot: bool, now: float) -> None:
        """The channel asked us to wait, this chat or everybody."""
        bucket = self._bot if whole_bot else self._chat(address)
        bucket.shut_until = max(bucket.shut_until, now + seconds)

    def _chat(self, address: str) -> Bucket:
        bucket = self._chats.get(address)
        if bucket is None:
            group = address.startswith("-")
            bucket = (
                Bucket(rate=20 / 60, size=18.0, reserve=5.0)
                if group
                else Bucket(rate=1.0, size=3.0)
            )
            self._chats[address] = bucket
        return bucket
