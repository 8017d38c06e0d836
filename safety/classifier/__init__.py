"""Hear what no rule foresaw: a small transformer for each language, which may only raise."""

from safety.classifier.decide import raised, thresholds
from safety.classifier.heard import Heard, Hearing

__all__ = ["Heard", "Hearing", "raised", "thresholds"]
