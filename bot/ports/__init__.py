"""What the bot needs from the world; adapters live in channels, console, llm, store and work."""

from bot.ports.console import ConsoleActions
from bot.ports.keeping import Overdue
from bot.ports.lead import Agent, Leading, Led, Supporting, Tool
from bot.ports.memories import AGAIN, NO_KEY, ToIndex
from bot.ports.messages import Waiting
from bot.ports.store import Reading, Store, Tombstones, UnitOfWork
from bot.ports.world import (
    Bells,
    Channel,
    ChatModel,
    Clinic,
    Clock,
    Drafter,
    Forum,
    Library,
    RecallMemories,
    Services,
    Vault,
)

__all__ = [
    "AGAIN",
    "NO_KEY",
    "Agent",
    "Bells",
    "Channel",
    "ChatModel",
    "Clinic",
    "Clock",
    "ConsoleActions",
    "Drafter",
    "Forum",
    "Leading",
    "Led",
    "Library",
    "Overdue",
    "Reading",
    "RecallMemories",
    "Services",
    "Store",
    "Supporting",
    "ToIndex",
    "Tombstones",
    "Tool",
    "UnitOfWork",
    "Vault",
    "Waiting",
]
