"""A small real house for the console's tests: a migrated store, people and plain actions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.channels.web import Web
from bot.console.app import ConsoleSettings, build, hash_password
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import CARER, Attachment, Direction, Kind, Message, PatientId, Update
from bot.domain.observation import Observation
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.domain.patient import CONSENT_VERSION, Consent, Contact, Patient, PatientStatus, Purpose
from bot.escalations import care_plans, cases, clinical, rota, suggestions
from bot.ports import Clinic, ConsoleActions
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from knowledge import literature
from memory import Fact
from prompts import say

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
PASSWORD = "a quiet morning on the ward"
HASH = hash_password(PASSWORD)
ALICE, CHEN = PatientId("pt-alice"), PatientId("pt-chen")


class Silent:
    """Bells that nobody hears."""

    def ring(self, *names: str) -> None: ...


class House:
    """Store, phone, actions and application; the clock can be moved."""

    def __init__(self, folder: Path, *, demo: bool = True, telegram: str = "",
                 similar_cases: bool = False) -> None:  # fmt: skip
        self.folder = folder
        self.clinic = Clinic(name="Riverside Clinic", similar_cases=similar_cases)
        engine = open_engine(f"sqlite:///{folder / 'house.db'}")
        migrate(engine)
        self.store = SqlStore(engine, KeyVault(b"k" * 32, engine))
        self.late = timedelta(0)
        self.channels: dict[str, object] = {}
        self.bells = Silent()
        self.web = Web(self.clock)
        self.kept: list[Update] = []
        self.replies: dict[str, str] = {}
        self.noted: list[tuple[str, str]] = []
        self.app: Starlette = build(
            store=self.store,
            clock=self.clock,
            actions=self.actions(),
            settings=ConsoleSettings(
                clinic_name="Riverside Clinic",
                demo=demo,
                similar_cases=5 * similar_cases,
                loopback=demo,
                telegram_username=telegram,
            ),
            phone=self.web,
        )
        with self.store.unit_of_work() as work:
            for name, username, language in (
                ("Bob Lin", "bob", "en"), ("Dana Wu", "dana", "en"), ("林护士", "lin", "zh"),
            ):  # fmt: skip
                work.care_team.add(
                    CareTeamMember(
                        id=f"m-{username}",
                        name=name,
                        role=Role.NURSE,
                        username=username,
                        password_hash=HASH,
                        language=language,
                    )
                )

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.late

    def actions(self) -> ConsoleActions:
        return ConsoleActions(
            accept=self._accept,
            contact=self._contact,
            complete=self._complete,
            hold=lambda patient, member: self._hold(patient, member),
            release=lambda patient, member: self._hold(patient, ""),
            reply=self._reply,
            enrol=lambda language, name, member: "https://t.me/ankang_bot?start=4f6c0b",
            carer_link=lambda patient, member: "https://t.me/ankang_bot?start=9d2e7a",
            set_entry=partial(clinical.set_entry, self),  # type: ignore[arg-type]
            end_entry=partial(clinical.end_entry, self),  # type: ignore[arg-type]
            change_fact=self._change_fact,
            note_fact=lambda patient, kind, words, member: self.noted.append((kind, words)),
            mark_deceased=lambda patient, member: self._status(patient, PatientStatus.DECEASED),
            unmark_deceased=lambda patient, member: self._status(patient, PatientStatus.ACTIVE),
            start_plan=partial(care_plans.start_plan, self),  # type: ignore[arg-type]
            stop_plan=partial(care_plans.stop_plan, self),  # type: ignore[arg-type]
            approve_suggestion=partial(suggestions.approve, self),  # type: ignore[arg-type]
            dismiss_suggestion=partial(suggestions.dismiss, self),  # type: ignore[arg-type]
            add_shift=partial(rota.add_shift, self),  # type: ignore[arg-type]
            remove_shift=partial(rota.remove_shift, self),  # type: ignore[arg-type]
            switch_shift=partial(rota.switch, self),  # type: ignore[arg-type]
            literature=partial(literature.search, self.folder / literature.FILE),
            similar_cases=partial(cases.similar, self),  # type: ignore[arg-type]
            viewed=self._viewed,
            keep=self._keep,
        )

    def patient(
        self,
        patient_id: PatientId,
        name: str,
        *,
        shared: bool = True,
        channel: str = "telegram",
        **more: object,
    ) -> None:
        now = self.clock()
        patient = Patient(
            id=patient_id, status=PatientStatus.ACTIVE, name=name, created_at=now,
            timezone="Europe/London", **more,  # type: ignore[arg-type]
        )  # fmt: skip
        with self.store.unit_of_work() as work:
            work.patients.add(patient)
            granted = [Purpose.CARE_MESSAGES, Purpose.REMINDERS] + [Purpose.NURSES] * shared
            work.patients.consent(
                Consent(
                    patient_id=patient_id, purpose=p, granted=True, version=CONSENT_VERSION, at=now
                )
                for p in granted
            )
            bot, address = ("demo", "demo") if channel == "web" else ("ankang", patient_id)
            work.patients.add_contact(
                Contact(channel=channel, bot=bot, address=address, patient_id=patient_id)
            )

    def said(
        self, patient_id: PatientId, message_id: str, text: str, *, author: str = "patient",
        minutes_ago: float = 0, kind: Kind = Kind.TEXT,
        state: OutboxState | None = OutboxState.SENT, file: tuple[str, str, bytes] | None = None,
    ) -> None:  # fmt: skip
        at = self.clock() - timedelta(minutes=minutes_ago)
        inbound = author in ("patient", CARER)
        message = Message(
            id=message_id,
            patient_id=patient_id,
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            author=author,
            text=text,
            at=at,
            kind=kind,
        )
        with self.store.unit_of_work() as work:
            work.conversation.add(message)
            if file:
                media_type, name, content = file
                attachment = Attachment(reference="x", media_type=media_type, name=name)
                work.conversation.attach(message, attachment, channel="telegram", bot="ankang")
                work.conversation.keep_file(message_id, content)
            if inbound or state is None:
                return
            work.outbox.add(
                Parcel(
                    key=message_id, channel="web", bot="demo", address="demo", text=text,
                    patient_id=patient_id, message_class=MessageClass.REPLY, message_id=message_id,
                    not_before=at,
                )
            )  # fmt: skip
            if state is not OutboxState.NEW:
                [parcel] = work.outbox.claim(at, timedelta(minutes=1), 1, channel="web", bot="demo")
                reason = "blocked" if state is OutboxState.FAILED else ""
                work.outbox.finish(parcel.id, state, at, reason=reason)

    def raise_(
        self, escalation_id: str, patient_id: PatientId | None, tier: str, reason: str,
        *, minutes_ago: float = 0, evidence: dict[str, object] | None = None, **more: object,
    ) -> Escalation:  # fmt: skip
        at = self.clock() - timedelta(minutes=minutes_ago)
        escalation = Escalation(
            id=escalation_id, patient_id=patient_id, tier=tier, reason=reason, next_step_at=at,
            created_at=at, evidence=evidence or {}, rule_version="2026-11 (draft)",
            **more,  # type: ignore[arg-type]
        )  # fmt: skip
        with self.store.unit_of_work() as work:
            work.escalations.add(escalation)
            work.audit.add(
                self._event("bot", "escalation.requested", escalation_id, patient_id, at)
            )
        return escalation

    def measured(
        self,
        patient_id: PatientId,
        code: str,
        unit: str,
        values: Sequence[tuple[float, float | None]],
        source: str = "",
    ) -> None:
        now = self.clock()
        with self.store.unit_of_work() as work:
            work.record.observe(
                Observation(
                    id=f"{code}-{days}",
                    patient_id=patient_id,
                    code=code,
                    value=value,
                    diastolic=lower,
                    unit=unit,
                    source=source if days == 0 else "",
                    at=now - timedelta(days=days),
                )
                for days, (value, lower) in enumerate(values)
            )

    def remembers(self, patient_id: PatientId, memory_id: str, text: str, source: str = "") -> None:
        fact = Fact(
            id=memory_id, patient_id=patient_id, kind="Observation", text=text, source=source,
            recorded_at=self.clock(), language="en",
        )  # fmt: skip
        with self.store.unit_of_work() as work:
            work.facts.add([fact])

    def audit(self, subject: str) -> list[str]:
        with self.store.reading() as rows:
            return [event.type for event in rows.audit.of(subject)]

    def escalation(self, escalation_id: str) -> Escalation:
        with self.store.reading() as rows:
            found = rows.escalations.get(escalation_id)
        assert found
        return found

    def _event(
        self, actor: str, kind: str, subject: str, patient_id: PatientId | None, at: datetime
    ) -> AuditEvent:
        return AuditEvent(at=at, actor=actor, type=kind, subject=subject, patient_id=patient_id)

    def _change(
        self, escalation_id: str, member_id: str, kind: str, **changes: object
    ) -> Escalation:
        with self.store.unit_of_work() as work:
            was = work.escalations.get(escalation_id)
            assert was
            new = replace(was, **changes)  # type: ignore[arg-type]
            work.escalations.change(was, new)
            work.audit.add(self._event(member_id, kind, was.id, was.patient_id, self.clock()))
        return new

    def _accept(self, escalation_id: str, member_id: str) -> Escalation:
        with self.store.reading() as rows:
            member = rows.care_team.get(member_id)
        assert member
        return self._change(
            escalation_id, member_id, "escalation.accepted", state=EscalationState.ACCEPTED,
            accepted_by=member.name, accepted_at=self.clock(), next_step_at=None,
        )  # fmt: skip

    def _contact(self, escalation_id: str, member_id: str, note: str) -> Escalation:
        evidence = dict(self.escalation(escalation_id).evidence)
        if note:
            evidence["notes"] = [{"by": member_id, "at": self.clock().isoformat(), "text": note}]
        return self._change(
            escalation_id, member_id, "escalation.contact_made", evidence=evidence,
            state=EscalationState.CONTACT_MADE, contact_at=self.clock(),
        )  # fmt: skip

    def _complete(self, escalation_id: str, member_id: str, outcome: str, note: str) -> Escalation:
        was = self.escalation(escalation_id)
        if was.two_person and was.completed_by in ("", member_id):
            return self._change(
                escalation_id, member_id, "escalation.first_close", completed_by=member_id,
                outcome=outcome,
            )  # fmt: skip
        both = f"{was.completed_by}+{member_id}" if was.completed_by else member_id
        return self._change(
            escalation_id, member_id, "escalation.completed", state=EscalationState.COMPLETED,
            completed_by=both, completed_at=self.clock(), outcome=outcome,
        )  # fmt: skip

    def _hold(self, patient_id: PatientId, member_id: str) -> None:
        with self.store.unit_of_work() as work:
            was = work.patients.dialogue(patient_id)
            since = self.clock() if member_id else None
            work.patients.save_dialogue(replace(was, held_by=member_id, held_since=since))

    def _reply(self, patient_id: PatientId, member_id: str, text: str, token: str) -> Sequence[str]:
        if "double your dose" in text:
            return ("dose_change",)
        if token not in self.replies:
            self.replies[token] = text
            self._hold(patient_id, member_id)
            with self.store.reading() as rows:
                patient, member = rows.patients.get(patient_id), rows.care_team.get(member_id)
            assert patient and member
            words = say("care.from_person", patient.language, who=member.name, text=text)
            self.said(patient_id, f"nurse-{token}", words, author=member_id, state=OutboxState.NEW)
        return ()

    def _status(self, patient_id: PatientId, status: PatientStatus) -> None:
        with self.store.unit_of_work() as work:
            patient = work.patients.get(patient_id)
            assert patient
            work.patients.save(replace(patient, status=status))

    def _change_fact(self, patient_id: PatientId, fact_id: str, act: str, member_id: str) -> None:
        status = {"forget": "forgotten", "wrong": "entered-in-error"}.get(act, "current")
        with self.store.unit_of_work() as work:
            [fact] = [f for f in work.facts.of(patient_id) if f.id == fact_id]
            work.facts.change([replace(fact, status=status)])  # type: ignore[arg-type]

    def _viewed(self, what: str, subject: str, member_id: str, patient: PatientId | None) -> None:
        with self.store.unit_of_work() as work:
            work.audit.add(self._event(member_id, f"viewed.{what}", subject, patient, self.clock()))

    def _keep(self, updates: Sequence[Update]) -> int:
        self.kept += updates
        with self.store.unit_of_work() as work:
            return work.inbox.keep(updates)


def signed_in(house: House, username: str = "bob") -> TestClient:
    """A browser in which this member has signed in; it follows no redirect by itself."""
    client = TestClient(house.app, base_url="http://127.0.0.1", follow_redirects=False)
    token = CSRF.search(client.get("/sign-in").text)
    assert token
    form = {"csrf": token[1], "username": username, "password": PASSWORD, "next": "/work"}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


def furnish(house: House) -> None:
    """A day like any other: two patients, three open matters, readings, memories, a photo."""
    house.patient(
        ALICE, "Alice Brown", country="GB", city="Leeds", sex="female", birth_date=date(1955, 3, 2)
    )
    house.patient(CHEN, "陈秀兰", language="zh", country="CN", city="杭州", sex="female",
                  birth_date=date(1950, 9, 12), channel="web", demo=True)  # fmt: skip
    words = "I have had a heavy pressure on my chest since breakfast and my left arm feels numb"
    house.said(
        ALICE, "a1", "Good morning. 148/92 today, a bit higher than last week.", minutes_ago=190
    )
    house.said(ALICE, "a2", "Thank you, Alice. I have noted 148/92 mmHg. That is a little above"
               " your usual readings. Please sit quietly for five minutes and measure once more.",
               author="bot", minutes_ago=189)  # fmt: skip
    house.said(ALICE, "a3", words, minutes_ago=3)
    house.said(ALICE, "a4", "This may be an emergency. Please call 999 now. I am an automated"
               " assistant; I am trying to reach our nurse now.",
               author="bot", minutes_ago=2.9)  # fmt: skip
    house.measured(
        ALICE, "blood_pressure", "mmHg",
        [(148, 92), (139, 86), (136, 84), (141, 88), (132, 82), (128, 80), (134, 85), (130, 79)],
        source="a1",
    )  # fmt: skip
    house.measured(ALICE, "glucose", "mmol/L", [(6.5, None), (7.1, None), (6.8, None)])
    house.remembers(
        ALICE, "mem1", "Right knee hurts on the stairs since the fall in May", source="a1"
    )
    house.remembers(ALICE, "mem2", "Takes metformin after breakfast; does not like large tablets")
    house.raise_(
        "esc-chest", ALICE, "P0", "chest_pain_acs", minutes_ago=3,
        evidence={
            "message": "a3",
            "words": words,
            "findings": [
                _finding("chest_pain_acs", "P0", words, "heavy pressure on my chest"),
                _finding("stroke_fast", "P1", words, "left arm feels numb"),
            ],
        },
    )  # fmt: skip
    private = "这几天总觉得活着没意思"
    house.raise_(
        "esc-private", CHEN, "P1", "suicide_passive", minutes_ago=24, private_topic=True,
        two_person=True,
        evidence={
            "words": private,
            "findings": [_finding("suicide_passive", "P1", private, "活着没意思")],
        },
    )  # fmt: skip
    house.raise_("esc-missed", CHEN, "P3", "checkin_missed", minutes_ago=300,
                 evidence={"slot": "2026-11-23T09:00"})  # fmt: skip


def _finding(flag: str, tier: str, words: str, span: str) -> dict[str, object]:
    start = words.index(span)
    return {
        "flag": flag, "tier": tier, "start": start, "end": start + len(span), "from": "rule",
        "cues": [], "asked": False,
    }  # fmt: skip
