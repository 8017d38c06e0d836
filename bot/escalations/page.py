"""Put one rung's pages in the post: a card in each group, a note to each person called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import canary
from bot.domain.care_team import CareTeamMember
from bot.domain.escalation import Escalation
from bot.domain.outbox import MessageClass, Parcel
from bot.domain.patient import Patient, PatientStatus
from bot.escalations.card import buttons, card, letter, raised, signal
from bot.escalations.chain import called, people
from bot.ports import Services, UnitOfWork
from safety import Rung

DUTY = "duty"  #: the pager's only address: whoever is on call there
_CLASS = {"P0": MessageClass.EMERGENCY, "P1": MessageClass.CLINICAL}


@dataclass(frozen=True, kw_only=True)
class Paged:
    """Who was really called, and how many pages went into the post."""

    role: str
    pages: int


def page(
    work: UnitOfWork, escalation: Escalation, rung: Rung, services: Services, now: datetime
) -> Paged:
    """Post the pages of ``rung``: a card in each group, a note to each person it calls."""
    if escalation.patient_id == canary.PATIENT:
        return Paged(role=rung.role, pages=_to_the_canary(work, escalation, services, now))
    escalation, patient = readable(work, escalation)
    role, members = called(work, escalation, rung.role, now)
    posted = _to_groups(work, escalation, patient, role, services, now)
    if escalation.tier in ("P2", "P3"):
        return Paged(role=role, pages=posted)
    for member in members:
        posted += _to_member(work, escalation, patient, member, rung, services, now)
    if "pager" in rung.paths and (pager := services.channels.get("pager")):
        parcel = _parcel(escalation, "pager", now)
        text = signal(escalation, services.clinic.console_url, now)
        posted += work.outbox.add(
            replace(parcel, channel=pager.name, bot=pager.bot, address=DUTY, text=text)
        )
    return Paged(role=role, pages=posted)


def readable(work: UnitOfWork, escalation: Escalation) -> tuple[Escalation, Patient | None]:
    """The matter as it can be paged, and its patient.

    Where the patient's key is lost the page names nobody and is sealed as the house's own: what
    and how urgent is known without it, and a person can look. Of an erased patient nothing is said.
    """
    owner = escalation.patient_id
    if owner is None:
        return escalation, None
    patient = work.patients.some([owner]).get(owner)
    if patient is None and work.patients.status(owner) is not PatientStatus.ERASED:
        return replace(escalation, patient_id=None), None
    return escalation, patient


def _to_groups(
    work: UnitOfWork,
    escalation: Escalation,
    patient: Patient | None,
    role: str,
    services: Services,
    now: datetime,
) -> int:
    posted = 0
    for group in work.care_team.groups():
        thread = None
        if group.topics and patient is not None:
            thread = work.care_team.topic(group.channel, group.address, patient.id)
        words = card(escalation, patient, group.language, services.clinic.console_url)
        posted += work.outbox.add(
            replace(
                _parcel(escalation, f"card/{group.address}", now),
                channel=group.channel,
                bot=group.bot,
                address=group.address,
                thread=thread,
                text=raised(escalation, role, group.language) + words,
                buttons=buttons(escalation, group.language),
                silent=escalation.tier in ("P2", "P3"),
            )
        )
    return posted


def _to_member(
    work: UnitOfWork,
    escalation: Escalation,
    patient: Patient | None,
    member: CareTeamMember,
    rung: Rung,
    services: Services,
    now: datetime,
) -> int:
    """By the messenger with buttons, by e-mail with the link alone."""
    posted = 0
    telegram, email = services.channels.get("telegram"), services.channels.get("email")
    if telegram is not None and member.telegram_id and "chat" in rung.paths:
        posted += work.outbox.add(
            replace(
                _parcel(escalation, f"page/{member.id}", now),
                channel=telegram.name,
                bot=telegram.bot,
                address=member.telegram_id,
                text=card(escalation, patient, member.language, services.clinic.console_url),
                buttons=buttons(escalation, member.language),
            )
        )
    if email is not None and member.email and "email" in rung.paths:
        posted += work.outbox.add(
            replace(
                _parcel(escalation, f"email/{member.id}", now),
                channel=email.name,
                bot=email.bot,
                address=member.email,
                text=letter(escalation, member.language, services.clinic.console_url),
            )
        )
    return posted


def _to_the_canary(
    work: UnitOfWork, escalation: Escalation, services: Services, now: datetime
) -> int:
    """The real card to the test account, and to nobody else."""
    patient = work.patients.get(canary.PATIENT)
    parcel = replace(
        _parcel(escalation, "canary", now),
        channel=canary.CHANNEL,
        bot=canary.CHANNEL,
        address=canary.DESK,
        text=card(escalation, patient, "en", services.clinic.console_url),
        buttons=buttons(escalation, "en"),
    )
    return int(work.outbox.add(parcel))


def _parcel(escalation: Escalation, to: str, now: datetime) -> Parcel:
    """What every page has in common; its key holds the step, so that a retry is the same page."""
    return Parcel(
        key=f"{escalation.id}/{to}/{escalation.step}",
        channel="",
        bot="",
        address="",
        patient_id=escalation.patient_id,
        message_class=_CLASS.get(escalation.tier, MessageClass.ADMIN),
        text="",
        escalation_id=escalation.id,
        not_before=now,
    )


def refresh_cards(
    work: UnitOfWork, escalation: Escalation, services: Services, now: datetime
) -> None:
    """Edit the newest card of each group and of each person to how the matter stands now."""
    if escalation.patient_id == canary.PATIENT:
        return
    escalation, patient = readable(work, escalation)
    telegram = services.channels.get("telegram")
    shown = [(g.channel, g.bot, g.address, g.language) for g in work.care_team.groups()]
    if telegram is not None:
        shown += [
            (telegram.name, telegram.bot, m.telegram_id, m.language)
            for m in people(work, now)
            if m.telegram_id
        ]
    for channel, bot, address, language in shown:
        newest = work.outbox.newest_page(escalation.id, channel=channel, bot=bot, address=address)
        if not newest:
            continue
        words = card(escalation, patient, language, services.clinic.console_url)
        work.outbox.add(
            Parcel(
                key=f"{newest}/{escalation.state.value}/{now.timestamp():.0f}",
                channel=channel,
                bot=bot,
                address=address,
                patient_id=escalation.patient_id,
                message_class=MessageClass.CLINICAL,
                text=words,
                buttons=buttons(escalation, language),
                edit_of=newest,
                escalation_id=escalation.id,
                not_before=now,
            )
        )
