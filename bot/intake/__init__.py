"""A patient's record from another system: read whole or refused, kept whole or not at all."""

from bot.intake.keep import Kept, keep
from bot.intake.read import Intake, Refused, read

__all__ = ["Intake", "Kept", "Refused", "keep", "read"]
