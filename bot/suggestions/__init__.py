"""What a record gives to talk over, by rules with sources; a nurse decides what is said."""

from bot.suggestions.record import Line, Record
from bot.suggestions.rules import KINDS, Rule, check, rules
from bot.suggestions.suggest import suggest

__all__ = ["KINDS", "Line", "Record", "Rule", "check", "rules", "suggest"]
