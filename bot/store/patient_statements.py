"""What every turn asks about a patient; built once, which costs several times what SQLite needs."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select, update

from bot.store import tables as t
from bot.store.straight import Straight

_WHOLE = (  # with every answer about a purpose, the newest last; one row where there is none
    *t.patient.c,
    t.consent.c.purpose,
    t.consent.c.granted,
    t.consent.c.version,
    t.patient_key.c.wrapped,
)
_WITH_ANSWERS = t.patient.outerjoin(t.consent, t.consent.c.patient_id == t.patient.c.id).outerjoin(
    t.patient_key, t.patient_key.c.patient_id == t.patient.c.id
)
PATIENT = Straight(
    select(*_WHOLE)
    .select_from(_WITH_ANSWERS)
    .where(t.patient.c.id == bindparam("patient"))
    .order_by(t.consent.c.id)
)
STATUS = Straight(select(t.patient.c.status).where(t.patient.c.id == bindparam("patient")))
DIALOGUE = Straight(select(t.dialogue).where(t.dialogue.c.patient_id == bindparam("patient")))
_AT = (
    t.contact.c.channel == bindparam("channel"),
    t.contact.c.bot == bindparam("bot"),
    t.contact.c.address == bindparam("address"),
)
CONTACT_AT = select(t.contact).where(*_AT)
WRITER = Straight(
    select(*_WHOLE, t.contact.c.reachable)
    .select_from(_WITH_ANSWERS.join(t.contact, t.contact.c.patient_id == t.patient.c.id))
    .where(*_AT)
    .order_by(t.consent.c.id)
)
CONSENTS = (
    select(t.consent.c.purpose, t.consent.c.granted, t.consent.c.version)
    .where(t.consent.c.patient_id == bindparam("patient"))
    .order_by(t.consent.c.id)
)
NEW_ZONE = (
    update(t.schedule)
    .where(
        t.schedule.c.patient_id == bindparam("patient"),
        t.schedule.c.home_zone == "",
        exists().where(
            t.patient.c.id == bindparam("patient"), t.patient.c.timezone != bindparam("zone")
        ),
    )
    .values(planned_until=None)
)
