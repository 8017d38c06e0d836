"""A turn that failed again and again: set aside where people see it, and the patient is told."""

from __future__ import annotations

from bot.conversation.emergency import message_id
from bot.conversation.listen import read
from bot.domain.message import reply_id
from bot.domain.outbox import Draft, MessageClass
from bot.escalations.begin import begin
from bot.ports import Services, Waiting
from bot.post import to_patient
from bot.whom_to_call import number_to_call
from prompts import say
from safety import Tier


def give_up(row: Waiting, services: Services) -> None:
    """Approved words to the patient, a matter for the nurse, and a visible row."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        work.inbox.set_aside(row.id, "could not be answered")
        try:
            incoming = read(row, services)
        except ValueError:
            return
        contact = work.patients.contact_at(incoming.channel, incoming.bot, incoming.address)
        patient = work.patients.get(contact.patient_id) if contact else None
        if patient is None or not incoming.private:
            return
        source = message_id(incoming)
        number = number_to_call(patient)
        words = say("answer.question_passed_on", patient.language, number=number)
        begin(
            work,
            patient_id=patient.id,
            reason="asked_for_nurse",
            # Without a patient the row was never screened: nobody knows what it says.
            tier=Tier.P2 if row.patient_id else Tier.P1,
            source=source,
            evidence={"message": source, "words": incoming.text, "why": "could not be answered"},
            now=now,
        )
        to_patient(
            work,
            patient,
            Draft(text=words, approved=True),
            key=reply_id(source),
            message_class=MessageClass.REPLY,
            now=now,
            contact=contact,
        )
    services.bells.ring("console")
