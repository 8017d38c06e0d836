"""Every word for patients, nurses and models: files in two languages, never text in code."""

from prompts.catalogue import LANGUAGES, UnknownWords, check, render, say, version

__all__ = ["LANGUAGES", "UnknownWords", "check", "render", "say", "version"]
