"""FHIR R4: codes, ids, and whether a resource is valid."""

from bot.fhir.codes import Coded, by_loinc, coded
from bot.fhir.ids import fhir_id, urn
from bot.fhir.valid import problems

__all__ = ["Coded", "by_loinc", "coded", "fhir_id", "problems", "urn"]
