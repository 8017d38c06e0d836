"""Everything held about one patient: as FHIR for a machine, as a page for a person."""

from bot.export.bundle import bundle
from bot.export.page import page

__all__ = ["bundle", "page"]
