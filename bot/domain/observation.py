"""What was measured and said. FHIR: Observation."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.domain.message import PatientId


class ObservationStatus(enum.Enum):
    """How firm a value is."""

    PRELIMINARY = "preliminary"  #: said by the patient
    FINAL = "final"
    ENTERED_IN_ERROR = "entered-in-error"


#: Everything that is measured or scored, the more particular names first.
CODES = (
    "blood_pressure", "glucose", "weight", "temperature", "spo2", "heart_rate", "hba1c",
    "total_cholesterol", "hdl_cholesterol", "egfr", "peak_flow", "pain_score", "ketones",
    "potassium", "inr", "respiratory_rate", "height",
    "phq9", "phq2", "gad7", "gad2", "audit_c",
)  # fmt: skip
#: Those of them that a questionnaire gives.
SCORES = ("phq9", "phq2", "gad7", "gad2", "audit_c")


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One value with its unit, as the patient gave it and as we keep it."""

    id: str
    patient_id: PatientId
    code: str  #: "blood_pressure", "glucose", "weight" …, as safety.read_vitals names them
    value: float  #: in ``unit``
    diastolic: float | None = None
    unit: str
    said: str = ""  #: the words it came from
    given: str = ""  #: the value in the patient's own unit, where that is another one: "118 mg/dL"
    status: ObservationStatus = ObservationStatus.PRELIMINARY
    source: str = ""  #: id of the message
    at: datetime

    @property
    def shown(self) -> str:
        """The value as people write it: 132/84 mmHg, 6.5 mmol/L."""
        number = f"{round(self.value, 1):g}"
        if self.diastolic is not None:
            number += f"/{round(self.diastolic, 1):g}"
        return f"{number} {self.unit}".strip()
