"""Times and recurrences as patients say them, in English and Chinese."""

from bot.when.model import KINDS, Kind, Problem, When
from bot.when.reminder import Action, ReminderWish, reminder
from bot.when.rule import Rule
from bot.when.understanding import understand, warm

__all__ = [
    "KINDS",
    "Action",
    "Kind",
    "Problem",
    "ReminderWish",
    "Rule",
    "When",
    "reminder",
    "understand",
    "warm",
]
