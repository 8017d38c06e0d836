"""Find facts in frames that no rule foresaw: for each language a small network marks words."""

from memory.tagger.found import Found, Tagging

__all__ = ["Found", "Tagging"]
