"""A carer's chat: linked by a code, screened for the patient, told only what was agreed to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import safety
from bot.conversation.answers import leaning
from bot.conversation.carer_words import shared, to_carer
from bot.conversation.emergency import begin_emergency, enlist, message_id
from bot.conversation.judged import note_verdict
from bot.conversation.known import looks_chinese
from bot.conversation.screening import WORDS, screened
from bot.domain.carer import Carer, Scope
from bot.domain.escalation import AuditEvent
from bot.domain.message import CARER, Direction, Incoming, Kind, Message
from bot.domain.outbox import MessageClass
from bot.domain.patient import Patient, PatientStatus
from bot.escalations.begin import begin
from bot.ports import Services, UnitOfWork, Waiting
from prompts import say
from safety import PatientFacts, Tier, Verdict

_EVERYTHING = re.compile(
    r"\bwhat (?:do|can|have) you (?:know|tell me|got|have)\b"
    r"|\bwhat(?:'s| is) (?:in|on) (?:his|her|their|the) record"
    r"|\bhow (?:is|are|was) (?:she|he|they|mum|mom|dad|my \w+)\b.{0,12}\?"
    r"|[你您](?:都)?(?:知道|能告诉我|了解)(?:他|她)?(?:的)?(?:些)?(?:什么|哪些|啥)"
    r"|(?:他|她|我妈|我爸|老人).{0,6}(?:情况|怎么样|好吗)",
    re.IGNORECASE,
)
_ABOUT = {
    Scope.REMINDERS: re.compile(
        r"\breminders?\b"
        r"|\b(?:did|has) (?:she|he|they)\b.{0,20}"
        r"\b(?:take|taken|took|answer(?:ed)?|miss(?:ed)?)\b"
        r"|提醒|(?:吃|服)药了(?:吗|没)|按时吃药|忘(?:了)?吃药",
        re.IGNORECASE,
    ),
    Scope.READINGS: re.compile(
        r"\breadings?\b|\bwhat(?:'s| is| was| were)\b.{0,16}"
        r"\b(?:blood pressure|pressure|sugars?|weight|pulse|oxygen|temperature)\b"
        r"|(?:血压|血糖|体重|血氧|心率|体温|测量).{0,6}(?:多少|怎么样|结果|如何|高吗)",
        re.IGNORECASE,
    ),
    Scope.RECORD: re.compile(
        r"\b(?:what|which)\b.{0,20}\b(?:allerg\w+|medicines?|medications?|tablets?|pills|illness\w*|conditions?|appointments?)\b"
        r"|\b(?:is|are) (?:she|he|they) (?:allergic|taking|on)\b.{0,30}\?"
        r"|(?:吃|用)(?:着)?(?:什么|哪些|啥)药|(?:过敏|病史|预约).{0,6}(?:什么|哪些|吗|有没有)|对什么过敏|有(?:什么|哪些)病",
        re.IGNORECASE,
    ),
}
_NURSE = re.compile(
    r"^\W*(?:(?:a |the )?nurse(?: please)?"
    r"|(?:please )?(?:get|call|i (?:want|need)) (?:a |the )?nurse)\W*$|护士",
    re.I,
)
_LEAVE = ("stop", "leave")


def hear(
    work: UnitOfWork, row: Waiting, incoming: Incoming, carer: Carer, services: Services
) -> None:
    """One update of a carer, in the caller's transaction; ends the row."""
    now = services.clock()
    patient = work.patients.get(carer.patient_id)
    if patient is not None and patient.status is not PatientStatus.DECEASED:
        key = f"{message_id(incoming)}/carer"
        carer = replace(carer, language=_language(incoming, carer))
        text = _answer(work, incoming, carer, patient, services, now)
        if text:
            to_carer(work, carer, text, key, now)
    work.inbox.screened(row.id, carer.patient_id, f"carer:{carer.id}")
    work.inbox.done(row.id)


def _answer(
    work: UnitOfWork,
    incoming: Incoming,
    carer: Carer,
    patient: Patient,
    services: Services,
    now: datetime,
) -> str:
    if incoming.kind is Kind.COMMAND:
        if incoming.data not in _LEAVE:
            return say("carer.help", carer.language)
        work.carers.change(replace(carer, ended_at=now))
        _note(work, carer, "carer.left", now)
        return say("carer.left", carer.language)
    if incoming.kind in (Kind.BLOCKED, Kind.UNBLOCKED, Kind.TAP):
        return ""
    if incoming.kind not in WORDS or not incoming.text.strip():
        return say("carer.text_only", carer.language)
    message = Message(
        id=message_id(incoming),
        patient_id=patient.id,
        direction=Direction.INBOUND,
        author=CARER,
        text=incoming.text,
        at=incoming.sent_at,
        kind=incoming.kind,
    )
    if _worried(work, incoming, message, carer, patient, services, now):
        return ""
    wanted = _wanted(incoming.text)
    if wanted:
        text, groups = shared(work, carer, patient, wanted, now)
        if not groups:
            _note(work, carer, "carer.refused", now)
        to_carer(work, carer, text, f"{message.id}/carer", now, scopes=groups)
        return ""
    work.conversation.add(message)
    if _NURSE.search(incoming.text):
        begin(
            work, patient_id=patient.id, reason="asked_for_nurse", tier=Tier.P2,
            source=message.id, now=now,
            evidence={"message": message.id, "words": message.text, "author": CARER},
        )  # fmt: skip
        services.bells.ring("console")
        return say("carer.nurse", carer.language)
    return say("carer.seen", carer.language)


def _worried(
    work: UnitOfWork,
    incoming: Incoming,
    message: Message,
    carer: Carer,
    patient: Patient,
    services: Services,
    now: datetime,
) -> bool:
    """A worry is answered and raised for the patient's sake; False: nothing to worry about.

    A carer who waits for the patient's yes is heard as well: this tells them nothing.
    """
    spoken = replace(patient, language=carer.language)
    seen = screened(work, incoming, spoken, message.id, now, author=CARER)
    verdict = seen.verdict
    if not verdict.findings:
        verdict = _still_so(work, message, patient, now)
    if not verdict.findings:
        return False
    work.conversation.add(message)
    note_verdict(work, verdict, message, seen.facts, seen.readings, now)
    services.bells.ring("console")
    if seen.words:  # said in pieces: the nurse reads them together, as they were judged
        message = replace(message, text=seen.words)
    if verdict.tier is Tier.P0 and not verdict.asked:
        words = begin_emergency(work, verdict, message, spoken, services, now, facts=seen.facts)
        key, message_class = f"{message.id}/first", MessageClass.EMERGENCY
    else:
        enlist(work, verdict, message, now, facts=seen.facts)
        words = _lesser_words(verdict, seen.facts, carer.language)
        key, message_class = f"{message.id}/carer", MessageClass.REPLY
    to_carer(work, carer, words, key, now, message_class=message_class, shown=True)
    return True


def _still_so(work: UnitOfWork, message: Message, patient: Patient, now: datetime) -> Verdict:
    """ "Yes", soon after a carer was asked whether a danger is there now: the sign itself.

    "I do not know" stays doubtful, and is asked and listed once more.
    """
    leans = leaning(message.text)
    if leans not in ("yes", "unsure"):
        return Verdict()
    for matter in work.escalations.open(patient.id):
        flag, lately = matter.reason, now - matter.created_at < safety.question_open_for()
        by_carer = matter.evidence.get("author") == CARER
        if not (by_carer and lately and matter.tier == Tier.P2.name and safety.is_flag(flag)):
            continue
        finding = safety.stated(flag, cue=leans)
        if finding.tier is Tier.P0:
            return Verdict(findings=(replace(finding, asked=leans == "unsure"),))
    return Verdict()


def _lesser_words(verdict: Verdict, facts: PatientFacts, language: str) -> str:
    listed = say("carer.nurse", language)
    if verdict.asked:
        return f"{safety.clarifying_question(verdict, facts)} {listed}"
    return safety.first_message(verdict, patient=facts, nurse_status=listed)


def _wanted(text: str) -> Sequence[Scope]:
    plain = text.replace("’", "'")
    if _EVERYTHING.search(plain):
        return tuple(Scope)
    return tuple(scope for scope, pattern in _ABOUT.items() if pattern.search(plain))


def _language(incoming: Incoming, carer: Carer) -> str:
    if not incoming.text or incoming.kind is Kind.COMMAND:
        return carer.language
    return "zh" if looks_chinese(incoming.text) else "en"


def _note(
    work: UnitOfWork,
    carer: Carer,
    kind: str,
    now: datetime,
) -> None:
    work.audit.add(
        AuditEvent(at=now, actor=carer.id, type=kind, subject=carer.id, patient_id=carer.patient_id)
    )
