"""What a Rasa assistant may ask of the house, handed in so that the adapter imports no use case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.message import Button


@dataclass(frozen=True, kw_only=True)
class RasaReply:
    """One message for the patient, already reviewed."""

    text: str
    buttons: tuple[Button, ...] = ()  #: a tap comes back through ``RasaActions.tap``


@dataclass(frozen=True, kw_only=True)
class RiskStep:
    """Where the risk questions stand after one answer."""

    #: plain JSON; Rasa keeps it in a slot and gives it back unread with the next answer
    form: Mapping[str, Any] = field(default_factory=dict)
    #: the next question, or, when finished, the result or the reason why there is none
    replies: Sequence[RasaReply] = ()
    finished: bool = False
    #: these words are not about the form (an emergency, a nurse writes): say them at once
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class RasaActions:
    """Use cases as the action server calls them.

    ``sender_id`` is the conversation in Rasa: the address of a contact on channel "rasa".
    ``message_id`` is Rasa's, the same when a call is repeated: the second call answers what the
    first did and stores nothing again. Each of them keeps the words and screens them before
    anything else, also in the middle of the form. Unknown people get the polite refusal. They
    raise AnkangError; the adapter answers 500 without a word of it.
    """

    #: (sender id, text, message id) → the words the house would answer
    turn: Callable[[str, str, str], Awaitable[Sequence[RasaReply]]]
    #: (sender id, ``Button.data``, message id): a button under one of our messages was pressed
    tap: Callable[[str, str, str], Awaitable[Sequence[RasaReply]]]
    #: (sender id, text, message id) → the readings in it, read back, or what is unclear
    observe: Callable[[str, str, str], Awaitable[str]]
    #: (sender id, text, message id): begin or resume the risk questions
    risk_begin: Callable[[str, str, str], Awaitable[RiskStep]]
    #: (sender id, form, text, message id): one answer; a wrong one asks the same question again
    risk_answer: Callable[[str, Mapping[str, Any], str, str], Awaitable[RiskStep]]
    #: (sender id, text, message id): the assistant wants a person to look → words for the patient
    escalate: Callable[[str, str, str], Awaitable[str]]
