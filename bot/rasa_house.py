"""The house behind a Rasa assistant: every call goes through the same door as a message."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.bootstrap import House
from bot.channels.house_phone import HousePhone
from bot.channels.rasa_server import serve as serve_http
from bot.conversation.nurse_turn import passed_on
from bot.conversation.receive import receive
from bot.domain.errors import StoreError
from bot.domain.message import Outgoing, Update, reply_id
from bot.domain.patient import Patient
from bot.escalations.begin import begin
from bot.ports.rasa import RasaActions, RasaReply, RiskStep
from bot.post import short_id
from bot.process import Process
from prompts import say
from safety import Tier

_PATIENCE = 30.0  # seconds; a turn with a language model takes most of it
_LOOK = 0.02


async def serve(house: House) -> None:
    """The action server and one worker beside it, until SIGTERM."""
    phone = house.services.channels["rasa"]
    if not isinstance(phone, HousePhone):
        raise StoreError("the rasa channel is missing")
    process = Process(house, frozenset({"work"}), speaks=frozenset({"rasa"}))
    working = asyncio.create_task(process.run())
    settings = house.settings
    serving = asyncio.create_task(
        serve_http(
            RasaHouse(house, phone).actions(),
            host=settings.rasa_host,
            port=settings.rasa_port,
            token=settings.rasa_token.get_secret_value(),
        )
    )
    await asyncio.wait([working, serving], return_when=asyncio.FIRST_COMPLETED)
    process.stop.set()
    serving.cancel()
    await asyncio.wait([working, serving])
    for task in (working, serving):
        if not task.cancelled() and (error := task.exception()):
            raise error


class RasaHouse:
    """See ``bot.ports.rasa.RasaActions``."""

    def __init__(self, house: House, phone: HousePhone) -> None:
        self._house, self._phone = house, phone

    def actions(self) -> RasaActions:
        """The use cases bound to this house."""
        return RasaActions(
            turn=self.turn,
            tap=self.tap,
            observe=self.observe,
            risk_begin=self.risk_begin,
            risk_answer=self.risk_answer,
            escalate=self.escalate,
        )

    async def turn(self, sender: str, text: str, message_id: str) -> Sequence[RasaReply]:
        return await self._through(sender, {"kind": "text", "text": text}, message_id)

    async def tap(self, sender: str, data: str, message_id: str) -> Sequence[RasaReply]:
        return await self._through(sender, {"kind": "tap", "data": data}, message_id)

    async def observe(self, sender: str, text: str, message_id: str) -> str:
        return "\n".join(reply.text for reply in await self.turn(sender, text, message_id))

    async def risk_begin(self, sender: str, text: str, message_id: str) -> RiskStep:
        patient = await asyncio.to_thread(self._patient_of, sender)
        if patient is None:
            return RiskStep(replies=await self.turn(sender, text, message_id), finished=True)
        step = await self.risk_answer(sender, {}, text, message_id)
        if step.finished and not step.urgent:  # the words alone did not ask for a risk
            asked = say("risk.example_question", patient.language)
            step = await self.risk_answer(sender, {}, asked, f"{message_id}/risk")
        return step

    async def risk_answer(
        self, sender: str, form: Mapping[str, Any], text: str, message_id: str
    ) -> RiskStep:
        tapped = text.startswith("risk:")
        replies = await (self.tap if tapped else self.turn)(sender, text, message_id)
        key = _key(sender, message_id, text)
        open_form, urgent = await asyncio.to_thread(self._standing, sender, key)
        return RiskStep(
            form={"open": open_form}, replies=replies, finished=not open_form, urgent=urgent
        )

    async def escalate(self, sender: str, text: str, message_id: str) -> str:
        replies = await self.turn(sender, text, message_id)
        patient = await asyncio.to_thread(self._patient_of, sender)
        if patient is None:
            return "\n".join(reply.text for reply in replies)
        key = _key(sender, message_id, text)
        return await asyncio.to_thread(self._escalate, patient, text, key)

    async def _through(
        self, sender: str, body: Mapping[str, str], message_id: str
    ) -> list[RasaReply]:
        """Bring the words in, wait until the house has answered them, carry the answer back."""
        mark = self._phone.mark()
        services = self._house.services
        update = Update(
            channel="rasa",
            bot="rasa",
            external_id=_key(sender, message_id, body.get("text") or body.get("data", "")),
            body=json.dumps({**body, "sender": sender}, ensure_ascii=False),
            received_at=services.clock(),
            order_key=sender,
        )
        fresh = await asyncio.to_thread(receive, [update], services)
        async with asyncio.timeout(_PATIENCE):
            # The rows say when it is done; another process may be the one that does it.
            while not await asyncio.to_thread(self._settled, sender, update.external_id):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK)
        if fresh:
            return [_reply(outgoing) for outgoing in self._phone.since(sender, mark)]
        return await asyncio.to_thread(self._said_before, update.external_id)

    def _settled(self, sender: str, external_id: str) -> bool:
        with self._house.store.reading() as rows:
            finished = rows.inbox.state("rasa", "rasa", external_id) in ("done", "aside")
            return finished and not rows.outbox.pending("rasa", "rasa", sender)

    def _said_before(self, external_id: str) -> list[RasaReply]:
        message = short_id("message", "rasa", "rasa", external_id)
        keys = [f"{message}/first", *(reply_id(message, n) for n in range(5))]
        with self._house.store.reading() as rows:
            found = [rows.conversation.get(key) for key in keys]
        return [RasaReply(text=one.text) for one in found if one is not None]

    def _patient_of(self, sender: str) -> Patient | None:
        with self._house.store.reading() as rows:
            contact = rows.patients.contact_at("rasa", "rasa", sender)
            return rows.patients.get(contact.patient_id) if contact else None

    def _standing(self, sender: str, external_id: str) -> tuple[bool, bool]:
        """(the form is still open, the words were an emergency)."""
        message = short_id("message", "rasa", "rasa", external_id)
        known = self._patient_of(sender)
        with self._house.store.reading() as rows:
            urgent = rows.conversation.get(f"{message}/first") is not None
            topic = rows.patients.dialogue(known.id).topic if known else {}
        return topic.get("name") == "risk", urgent

    def _escalate(self, patient: Patient, text: str, external_id: str) -> str:
        services = self._house.services
        with self._house.store.unit_of_work() as work:
            begin(
                work,
                patient_id=patient.id,
                reason="asked_for_nurse",
                tier=Tier.P2,
                source=f"rasa/{external_id}",
                evidence={"words": text},
                now=services.clock(),
            )
        services.bells.ring("console")
        return passed_on(patient, services)


def _key(sender: str, message_id: str, words: str) -> str:
    """One message of one sender. An assistant may count anew, so other words are another one."""
    whole = json.dumps([sender, message_id, words])
    return hashlib.sha256(whole.encode()).hexdigest()


def _reply(outgoing: Outgoing) -> RasaReply:
    return RasaReply(
        text=outgoing.text, buttons=tuple(button for row in outgoing.buttons for button in row)
    )
