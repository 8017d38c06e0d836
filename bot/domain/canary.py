"""The patient who does not exist: a synthetic emergency goes the real way, and pages nobody."""

from __future__ import annotations

from bot.domain.message import PatientId

PATIENT = PatientId("canary")  #: whoever has this id is the canary
MEMBER = "canary"  #: the test account that accepts; nobody can sign in as it
CHANNEL = "canary"  #: its channel, and the name of the bot there
PHONE = "canary"  #: the address of the patient's chat
DESK = "canary-desk"  #: the address where the pages go
