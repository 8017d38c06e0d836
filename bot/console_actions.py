"""The use cases of the console, bound to one house."""

from __future__ import annotations

from functools import partial

from bot.bootstrap import House
from bot.conversation import nurse_facts
from bot.conversation.receive import receive
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.escalations import accept, care_plans, cases, clinical, farewell, hold, rota
from bot.escalations import suggestions as decisions
from bot.inviting import carer_link, enrol
from bot.ports import ConsoleActions, Services
from knowledge import literature


def console_actions(house: House) -> ConsoleActions:
    """The use cases of the console as plain functions."""
    services = house.services
    return ConsoleActions(
        accept=partial(accept.accept, services),
        contact=partial(accept.contact, services),
        complete=partial(accept.complete, services),
        hold=partial(hold.hold, services),
        release=partial(hold.release, services),
        reply=partial(hold.reply, services),
        enrol=partial(enrol, house),
        carer_link=partial(carer_link, house),
        set_entry=partial(clinical.set_entry, services),
        end_entry=partial(clinical.end_entry, services),
        change_fact=partial(nurse_facts.change_fact, services),
        note_fact=partial(nurse_facts.note_fact, services),
        mark_deceased=partial(farewell.mark_deceased, services),
        unmark_deceased=partial(farewell.unmark_deceased, services),
        start_plan=partial(care_plans.start_plan, services),
        stop_plan=partial(care_plans.stop_plan, services),
        approve_suggestion=partial(decisions.approve, services),
        dismiss_suggestion=partial(decisions.dismiss, services),
        add_shift=partial(rota.add_shift, services),
        remove_shift=partial(rota.remove_shift, services),
        switch_shift=partial(rota.switch, services),
        literature=partial(literature.search, house.settings.data / literature.FILE),
        similar_cases=partial(cases.similar, services),
        viewed=partial(viewed, services),
        keep=partial(receive, services=services),
    )


def viewed(
    services: Services, what: str, subject: str, member_id: str, patient_id: PatientId | None
) -> None:
    """A page was opened: who, what, when."""
    with services.store.unit_of_work() as work:
        work.audit.add(
            AuditEvent(
                at=services.clock(),
                actor=member_id,
                type=f"viewed.{what}",
                subject=subject,
                patient_id=patient_id,
            )
        )
