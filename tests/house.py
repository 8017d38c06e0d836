"""The house under test: real rows, rules and memory; only the clock and the phone are ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from bot.bootstrap import House, build
from bot.config import Settings
from bot.conversation.answer import LEASE, answer
from bot.conversation.listen import claim, hear
from bot.conversation.receive import receive
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.errors import ChannelError
from bot.domain.message import Attachment, Incoming, Kind, Outgoing, PatientId, Receipt, Update
from bot.domain.outbox import OutboxState
from bot.domain.patient import CONSENT_VERSION, Consent, Contact, Patient, PatientStatus, Purpose
from bot.work import settle

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class FakeClock:
    """Time that moves when a test says so."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**delta)
        return self.now


class FakePhone:
    """A channel that keeps what it was asked to send, and fails when told to."""

    name = "telegram"
    bot = "42"
    username = "clinic_bot"

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.fails: list[ChannelError] = []
        self.files: dict[str, bytes] = {}
        self.topics: list[tuple[str, str]] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(outgoing)
        return Receipt(message_id=str(len(self.sent)))

    async def fetch(self, attachment: Attachment) -> bytes:
        return self.files[attachment.reference]

    async def create_topic(self, address: str, name: str) -> str:
        self.topics.append((address, name))
        return str(100 + len(self.topics))

    def parse(self, update: Update) -> Incoming:
        body = json.loads(update.body)
        attachment = body.pop("attachment", None)
        return Incoming(
            **{**body, "kind": Kind(body["kind"])},
            channel=self.name,
            bot=self.bot,
            external_id=update.external_id,
            attachment=Attachment(**attachment) if attachment else None,
            sent_at=update.received_at,
        )


@dataclass
class HouseUnderTest:
    """Drive one embedded house step by step."""

    house: House
    clock: FakeClock
    phone: FakePhone
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def services(self) -> Any:
        return self.house.services

    def patient(
        self, who: str = "alice", *, at: str = "", bot: str = "42", **changes: Any
    ) -> Patient:
        """An enrolled patient who has agreed to everything."""
        values: dict[str, Any] = {
            "id": PatientId(who),
            "status": PatientStatus.ACTIVE,
            "language": "en",
            "country": "GB",
            "timezone": "Europe/London",
            "sex": "female",
            "name": who.title(),
            "birth_date": date(1961, 4, 12),
            "created_at": self.clock(),
            **changes,
        }
        patient = Patient(**values)
        with self.house.store.unit_of_work() as work:
            work.patients.add(patient)
            work.patients.consent(
                Consent(
                    patient_id=patient.id,
                    purpose=purpose,
                    granted=True,
                    version=CONSENT_VERSION,
                    at=self.clock(),
                )
                for purpose in Purpose
            )
            work.patients.add_contact(
                Contact(channel="telegram", bot=bot, address=at or who, patient_id=patient.id)
            )
        return patient

    def nurse(self, who: str = "bob", **changes: Any) -> CareTeamMember:
        """A nurse on shift, linked to Telegram."""
        values: dict[str, Any] = {
            "id": who,
            "name": who.title(),
            "role": Role.NURSE,
            "username": who,
            "telegram_id": f"nurse-{who}",
            **changes,
        }
        member = CareTeamMember(**values)
        with self.house.store.unit_of_work() as work:
            work.care_team.add(member)
        return member

    def arrives(self, who: str = "alice", *, external_id: str = "", **body: Any) -> str:
        """An update reaches the door and is kept; nothing more happens yet."""
        number = external_id or str(next(self.numbers))
        body = {"kind": "text", "address": who, "sender": who, "message_id": number, **body}
        receive(
            [
                Update(
                    channel="telegram",
                    bot="42",
                    external_id=number,
                    body=json.dumps(body),
                    received_at=self.clock(),
                    order_key=who,
                )
            ],
            self.services,
        )
        return number

    async def settle(self) -> None:
        """Read, answer and send until nothing is left to do."""
        for _ in range(20):
            read = claim(self.services)
            for update in read:
                hear(update, self.services)
            with self.house.store.unit_of_work() as work:
                rows = work.inbox.claim_turns(self.clock(), LEASE, 50)
            for row in rows:
                await answer(row, self.services)
            sent = await self.post()
            if not (read or rows or sent):
                return

    async def post(self) -> int:
        """Send what is due, in order."""
        with self.house.store.unit_of_work() as work:
            parcels = work.outbox.claim(
                self.clock(), timedelta(seconds=30), 500, channel="telegram", bot="42"
            )
        for parcel in parcels:
            ready = settle.before(parcel, self.services, timedelta(seconds=30))
            if ready is None:
                continue
            try:
                receipt = await self.phone.send(
                    Outgoing(
                        address=parcel.address,
                        text=parcel.text,
                        buttons=parcel.buttons,
                        picture=parcel.picture,
                        edit=ready.edit,
                        thread=ready.thread,
                        silent=parcel.silent,
                    )
                )
            except ChannelError as error:
                settle.failed(parcel, error, self.services)
            else:
                settle.sent(parcel, OutboxState.SENT, receipt.message_id, self.services)
        return len(parcels)

    async def say(self, text: str, who: str = "alice", **body: Any) -> str:
        """Somebody writes; returns everything this person is answered, joined."""
        before = len(self.phone.sent)
        self.arrives(who, text=text, **body)
        await self.settle()
        return "\n".join(self.told(who, before))

    async def tap(self, label: str, who: str = "alice", *, to: str = "") -> str:
        """Press the newest button with this label that was shown to ``who``."""
        for outgoing in reversed([o for o in self.phone.sent if o.address == (to or who)]):
            for row in outgoing.buttons:
                for button in row:
                    if label in button.label:
                        before = len(self.phone.sent)
                        self.arrives(
                            to or who, kind="tap", data=button.data, sender=who,
                            private=not to, message_id="1",
                        )  # fmt: skip
                        await self.settle()
                        return "\n".join(self.told(who, before))
        raise AssertionError(f"no button {label!r} was shown to {who}")

    def told(self, who: str, since: int = 0) -> list[str]:
        """What this address has been sent."""
        return [o.text for o in self.phone.sent[since:] if o.address == who]

    def escalations(self) -> Sequence[Any]:
        """Every matter, the newest first."""
        with self.house.store.reading() as rows:
            return rows.escalations.recent(100)


def make(settings: Settings, clock: FakeClock, open_memories: Any) -> HouseUnderTest:
    """An embedded house on real SQLite with the test's phone at the door."""
    house = build(settings, clock=clock, open_memories=open_memories)
    phone = FakePhone()
    house.services.channels["telegram"] = phone  # type: ignore[index]
    return HouseUnderTest(house, clock, phone)


__all__ = ["MONDAY", "FakeClock", "FakePhone", "HouseUnderTest", "make"]
