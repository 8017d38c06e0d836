"""What the console may do, handed in so that the pages import no use case. All calls block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.case import Similar
from bot.domain.clinical import ClinicalEntry
from bot.domain.escalation import Escalation
from bot.domain.message import PatientId, Update
from knowledge.literature import Answer


@dataclass(frozen=True, kw_only=True)
class ConsoleActions:
    """Use cases as plain functions; each commits, audits and rings the bells itself."""

    #: (escalation id, member id) → the escalation as it now stands. Idempotent.
    accept: Callable[[str, str], Escalation]
    #: (escalation id, member id, note): a person reached the patient
    contact: Callable[[str, str, str], Escalation]
    #: (escalation id, member id, outcome code, note); two-person matters stay open after the first
    complete: Callable[[str, str, str, str], Escalation]
    #: (patient id, member id): the bot falls silent and the patient is told a person is here
    hold: Callable[[PatientId, str], None]
    #: (patient id, member id): the bot is back, and the patient is told so
    release: Callable[[PatientId, str], None]
    #: (patient id, member id, text, form token) → reasons why it was not sent, empty when it was;
    #: the token makes a double click one message. A reply holds the conversation.
    reply: Callable[[PatientId, str, str, str], Sequence[str]]
    #: (language, name, member id) → the one-time link or, without Telegram, the code
    enrol: Callable[[str, str, str], str]
    #: (patient id, member id) → a one-time link for a carer, or the code
    carer_link: Callable[[PatientId, str], str]
    #: (patient id, member id, kind, name, value of a limit): one line for the screen, kept
    set_entry: Callable[[PatientId, str, str, str, float | None], ClinicalEntry]
    #: (patient id, member id, entry id): that line no longer counts
    end_entry: Callable[[PatientId, str, str], None]
    #: (patient id, fact id, "right" · "wrong" · "forget", member id)
    change_fact: Callable[[PatientId, str, str, str], None]
    #: (patient id, kind, words, member id); raises ValueError for a kind nobody knows or no words
    note_fact: Callable[[PatientId, str, str, str], None]
    #: (patient id, member id): this patient has died; nothing leaves any more
    mark_deceased: Callable[[PatientId, str], None]
    #: (patient id, member id): that was a mistake
    unmark_deceased: Callable[[PatientId, str], None]
    #: (patient id, plan, first day, member id); ValueError names the words for what is wrong
    start_plan: Callable[[PatientId, str, str, str], object]
    #: (patient id, plan, member id): nothing of it is asked any more
    stop_plan: Callable[[PatientId, str, str], object]
    #: (patient id, suggestion id, member id) → "", or the words for why it was not sent
    approve_suggestion: Callable[[PatientId, str, str], str]
    #: (patient id, suggestion id, member id) → "", or the words for what is wrong
    dismiss_suggestion: Callable[[PatientId, str, str], str]
    #: (member id, days, from, until, zone, by whom); ValueError names the words that cannot be
    add_shift: Callable[[str, str, str, str, str, str], object]
    #: (shift id, by whom)
    remove_shift: Callable[[str, str], object]
    #: (member id, on or off, by whom)
    switch_shift: Callable[[str, bool, str], None]
    #: (question): imported citations that fit. Raises KnowledgeError
    literature: Callable[[str], Answer]
    #: (matter id, member id): earlier cases like it, noted in the trail; None where it is off
    similar_cases: Callable[[str, str], Similar | None]
    #: (what, subject, member id): a view was opened
    viewed: Callable[[str, str, str, PatientId | None], None]
    #: updates of the demo patient's chat, through the same door as everybody's
    keep: Callable[[Sequence[Update]], int]
