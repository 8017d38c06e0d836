"""What must not be missed and must not be said."""

from safety.verdict import Finding, Language, PatientFacts, Sex, Source, Tier, Verdict

__all__ = ["Finding", "Language", "PatientFacts", "Sex", "Source", "Tier", "Verdict"]
