"""The only file that imports rasa_sdk: the house as the custom actions of a Rasa assistant."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import (
    ActionExecutionRejection,
    ActionMissingDomainException,
    ActionNotFoundException,
)

from bot.domain.message import Button
from bot.ports.rasa import RasaActions, RasaReply, RiskStep

# Names that docker/rasa/domain.yml declares; one slot is asked again and again, since which
# questions there are is the model's business, not the hospital's domain file's.
FORM = "ankang_risk_form"
ANSWER_SLOT = "ankang_risk_answer"
STATE_SLOT = "ankang_risk_state"
TAP_INTENT = "ankang_tap"
TAP_ENTITY = "ankang_data"

Events = list[dict[str, Any]]


def _payload(button: Button) -> str:
    """What Rasa sends back when the button is pressed: an intent that needs no understanding."""
    return f"/{TAP_INTENT}{json.dumps({TAP_ENTITY: button.data}, ensure_ascii=False)}"


def _plain(replies: Sequence[RasaReply]) -> list[dict[str, Any]]:
    return [
        {
            "text": reply.text,
            "buttons": [
                {"title": button.label, "payload": _payload(button)}
                for button in reply.buttons
                if button.data
            ],
        }
        for reply in replies
    ]


def _utter(dispatcher: CollectingDispatcher, replies: Sequence[Mapping[str, Any]]) -> None:
    for reply in replies:
        dispatcher.utter_message(text=reply["text"], buttons=reply["buttons"])


def _tapped(tracker: Tracker) -> str:
    """The data of the button that was pressed, empty for words."""
    latest = tracker.latest_message or {}
    if (latest.get("intent") or {}).get("name") != TAP_INTENT:
        return ""
    found = [e.get("value") for e in latest.get("entities") or [] if e.get("entity") == TAP_ENTITY]
    return str(found[0]) if found else ""


def _said(tracker: Tracker) -> str:
    """The patient's words, or what the pressed button stands for."""
    return _tapped(tracker) or str((tracker.latest_message or {}).get("text") or "")


def _message_id(tracker: Tracker) -> str:
    """Rasa's id of the message; else one that a repeated call arrives at again."""
    given = (tracker.latest_message or {}).get("message_id")
    if given:
        return str(given)
    for event in reversed(tracker.events or []):
        if event.get("event") == "user":
            if event.get("message_id"):
                return str(event["message_id"])
            seed = f"{tracker.sender_id}\n{event.get('timestamp')}\n{event.get('text')}"
            return hashlib.sha256(seed.encode()).hexdigest()[:32]
    return hashlib.sha256(f"{tracker.sender_id}\n{_said(tracker)}".encode()).hexdigest()[:32]


class _House(Action):  # type: ignore[misc]
    """What our actions share."""

    def __init__(self, actions: RasaActions) -> None:
        self.house = actions


class Turn(_House):
    """Say what the house answers to this message."""

    def name(self) -> str:
        return "action_ankang_turn"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        data = _tapped(tracker)
        answer = self.house.tap if data else self.house.turn
        words = data or _said(tracker)
        _utter(dispatcher, _plain(await answer(tracker.sender_id, words, _message_id(tracker))))
        return []


class LogObservation(_House):
    """Keep the readings in this message and read them back."""

    def name(self) -> str:
        return "action_ankang_log_observation"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        text = await self.house.observe(tracker.sender_id, _said(tracker), _message_id(tracker))
        dispatcher.utter_message(text=text)
        return []


class Escalate(_House):
    """Ask a person to look."""

    def name(self) -> str:
        return "action_ankang_escalate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        text = await self.house.escalate(tracker.sender_id, _said(tracker), _message_id(tracker))
        dispatcher.utter_message(text=text)
        return []


def _state(tracker: Tracker) -> dict[str, Any]:
    """The form as Rasa kept it for us; anything else in the slot counts as no form."""
    kept = tracker.get_slot(STATE_SLOT)
    return kept if isinstance(kept, dict) and isinstance(kept.get("form"), dict) else {}


def _kept(step: RiskStep) -> dict[str, Any]:
    return {
        "form": dict(step.form),
        "words": [] if step.urgent else _plain(step.replies),
        "finished": step.finished,
    }


class ValidateRiskForm(FormValidationAction):  # type: ignore[misc]
    """Take one answer at a time until the form asks for nothing more."""

    def __init__(self, actions: RasaActions) -> None:
        self.house = actions

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        events: Events = []
        # Whatever an earlier form left behind ends with it: entering begins anew.
        entering = (tracker.active_loop or {}).get("name") != FORM
        if entering or not _state(tracker):
            begun = await self.house.risk_begin(
                tracker.sender_id, _said(tracker), _message_id(tracker)
            )
            tracker.slots[ANSWER_SLOT] = None
            events += self._keep(begun, dispatcher, tracker)
            events += [SlotSet(ANSWER_SLOT, None)]
            following = await self.next_requested_slot(dispatcher, tracker, domain)
            return events + ([following] if following else [])
        events += await super().run(dispatcher, tracker, domain)
        # The framework knows nothing of the state, so it is sent back here.
        return [*events, SlotSet(STATE_SLOT, tracker.get_slot(STATE_SLOT))]

    async def required_slots(
        self, domain_slots: list[str], dispatcher: Any, tracker: Tracker, domain: Any
    ) -> list[str]:
        """One more answer, or none when the form is finished."""
        return [] if _state(tracker).get("finished") else [ANSWER_SLOT]

    async def validate_ankang_risk_answer(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> dict[str, Any]:
        """Hand the answer to the house; the slot is emptied, since the next question needs it."""
        step = await self.house.risk_answer(
            tracker.sender_id,
            _state(tracker)["form"],
            _tapped(tracker) or str(value),
            _message_id(tracker),
        )
        self._keep(step, dispatcher, tracker)
        return {ANSWER_SLOT: None}

    def _keep(self, step: RiskStep, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        if step.urgent:
            _utter(dispatcher, _plain(step.replies))
        tracker.slots[STATE_SLOT] = _kept(step)
        return [SlotSet(STATE_SLOT, tracker.slots[STATE_SLOT])]


class AskRisk(_House):
    """Say the question the form has come to."""

    def name(self) -> str:
        return f"action_ask_{ANSWER_SLOT}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        _utter(dispatcher, _state(tracker).get("words") or [])
        return []


class RiskResult(_House):
    """Say the result, or why there is none, and clear the form."""

    def name(self) -> str:
        return "action_ankang_risk_result"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        state = _state(tracker)
        if state.get("finished"):
            _utter(dispatcher, state.get("words") or [])
        return [SlotSet(STATE_SLOT, None), SlotSet(ANSWER_SLOT, None)]


ACTIONS = (Turn, LogObservation, Escalate, ValidateRiskForm, AskRisk, RiskResult)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status and JSON body of Rasa's POST /webhook."""

    status: int
    body: Any


class Executor:
    """rasa_sdk's executor with our actions and nothing else registered."""

    def __init__(self, actions: RasaActions) -> None:
        logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
        self._executor = ActionExecutor()
        for action in ACTIONS:
            self._executor.register_action(action(actions))

    @property
    def names(self) -> list[str]:
        """The actions there are."""
        return sorted(self._executor.actions)

    async def run(self, call: Mapping[str, Any]) -> Answer:
        """Run one action call in Rasa's wire format; errors of the house pass through."""
        name = str(call.get("next_action") or "")
        try:
            result = await self._executor.run(dict(call))
        except ActionExecutionRejection as error:
            return Answer(status=400, body={"error": error.message, "action_name": name})
        except ActionNotFoundException as error:
            return Answer(status=404, body={"error": error.message, "action_name": name})
        except ActionMissingDomainException as error:
            return Answer(status=449, body={"error": error.message, "action_name": name})
        return Answer(status=200, body=result.model_dump() if result else None)
