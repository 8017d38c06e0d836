"""The composition root: the one place where adapters meet use cases."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import risk
import safety
from bot import retention, suggestions
from bot.channels.canary import CanaryPhone
from bot.channels.house_phone import HousePhone
from bot.channels.web import Web
from bot.config import Settings
from bot.conversation import nurse_facts
from bot.conversation.questionnaire import check as check_questionnaires
from bot.conversation.receive import receive
from bot.domain.checkin import kinds
from bot.domain.errors import SettingsError
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.erasing import erase_again
from bot.escalations import accept, alike, care_plans, cases, clinical, farewell, hold, rota
from bot.escalations import suggestions as decisions
from bot.plans import plans
from bot.ports import Channel, Clinic, Clock, ConsoleActions, Library, Services, Supporting
from bot.store.crypto import KeyVault, master_key, signing_seed
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from bot.store.tombstones import NAME, TombstoneFile
from bot.work.late import LateHearing, LateLibrary, LateMemories, LateSupport
from bot.work.risk_watch import Asked
from bot.work.waking import Waker
from knowledge import literature
from memory.learn import check as check_learning
from prompts import check as check_words
from safety import Hearing

if TYPE_CHECKING:
    from bot.llm.private import Private
    from risk.learn.registry import Registry

INVITED_FOR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything that was put together, for the processes and the command line."""

    settings: Settings
    services: Services
    store: SqlStore
    bells: Waker
    memories: LateMemories
    hearing: LateHearing | None
    library: LateLibrary
    web: Web | None
    tombstones: TombstoneFile
    telegram: Any | None  #: bot.channels.telegram.Telegram; not started yet

    @property
    def embedded(self) -> bool:
        """One process on SQLite."""
        return self.store.engine.dialect.name == "sqlite"


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    open_memories: Callable[..., Any] | None = None,
    hears: bool = True,
) -> House:
    """Check every file of words and rules, open the database, and introduce the rooms.

    ``hears=False`` leaves the classifier out: rules only.

    Raises SettingsError, StoreError or ValueError with one clear sentence.
    """
    check_words()
    safety.check()
    risk.check()
    check_questionnaires()
    check_learning()
    plans()
    suggestions.check()
    alike.rules()
    kinds()
    retention.rules(settings.retention)
    engine = open_engine(settings.store_url)
    vault = KeyVault(master_key(settings.master_key.get_secret_value(), settings.data), engine)
    migrate(engine)
    store = SqlStore(engine, vault)
    tombstones = TombstoneFile(settings.data / NAME)
    erase_again(store, tombstones.read(), clock())
    bells = Waker()
    memories = LateMemories(partial(open_memories or load_memories, settings, vault))
    hearing = LateHearing(partial(load_hearing, settings.screen_model)) if hears else None
    library = LateLibrary(load_library)
    channels: dict[str, Channel] = {"rasa": HousePhone("rasa")}
    web = Web(clock) if settings.demo and is_loopback(settings.host) else None
    if web is not None:
        channels["web"] = web
    telegram = _telegram(settings)
    if telegram is not None:
        channels["telegram"] = telegram
    channels |= _second_path(settings, clock)
    model = chat_model(settings, clock)
    services = Services(
        store=store,
        clock=clock,
        bells=bells,
        vault=vault,
        clinic=Clinic(
            name=settings.clinic_name,
            team_phone=settings.team_phone,
            console_url=settings.console_url,
            checkin_time=settings.checkin_time,
            similar_cases=settings.similar_cases,
        ),
        memories=memories,
        hearing=hearing,
        library=library,
        chat_model=model,
        lead=model,
        support=LateSupport(partial(load_support, settings)) if model else None,
        notes_tokens=settings.llm_notes,
        channels=channels,
    )
    if settings.canary:
        channels["canary"] = CanaryPhone(partial(receive, services=services), clock)
    return House(
        settings=settings,
        services=services,
        store=store,
        bells=bells,
        memories=memories,
        hearing=hearing,
        library=library,
        web=web,
        tombstones=tombstones,
        telegram=telegram,
    )


def load_memories(settings: Settings, vault: KeyVault) -> Any:
    """The encoder and Chroma, embedded or on a server; takes seconds."""
    import memory
    from memory.batching import Batching

    encoder = Batching(load_encoder(settings.embedding_model))
    if settings.chroma_url:
        host, port, ssl = _host_port(settings.chroma_url)
        memories = memory.open_server(host, port, encoder=encoder, cipher=vault, ssl=ssl)
    else:
        memories = memory.open_embedded(settings.data / "memory", encoder=encoder, cipher=vault)
    if settings.llm:
        from bot.llm.langchain import warm

        warm()
    return memories


@cache
def load_encoder(model: str) -> Any:
    """The encoder of the settings, once a process: memory and library share it."""
    from memory.embed import load

    return load(model)


@cache
def load_hearing(folder: str) -> Hearing:
    """The classifier, once a process; ``folder``: other weights than those that came with it."""
    from memory.small import made_small
    from safety.classifier.ears import Ears
    from safety.classifier.weights import FOLDER

    return Ears(Path(folder) if folder else FOLDER, quicker=made_small)


@cache
def load_library() -> Library:
    """Every article, checked and ready to be searched, and the graph's names; once a process."""
    from knowledge import library
    from knowledge.graph import graph
    from knowledge.shelf import Shelf, called

    _ = graph().names
    return Shelf(library.load(), called=called())


def load_support(settings: Settings) -> Supporting:
    """What checks a model's sentences: a model of entailment where one is set, or the encoder."""
    from knowledge.support import Support

    if settings.support_model:
        from knowledge.entail import Entailment

        return Support(entails=Entailment(settings.support_model))
    reader: Any = load_encoder(settings.embedding_model)  # its class tells what it reads
    return Support(reader)


def chat_model(settings: Settings, clock: Clock) -> Private | None:
    """The language model of the settings, behind its breaker and its curtain, or None."""
    if not settings.llm:
        return None
    from bot.llm.breaker import Breaker, WithBreaker
    from bot.llm.langchain import LangChainModel
    from bot.llm.private import Private

    model = LangChainModel(
        settings.llm,
        base_url=settings.llm_base_url,
        api_key=settings.llm_api_key.get_secret_value(),
        timeout=settings.llm_timeout,
    )
    return Private(WithBreaker(model, Breaker(), clock))


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


def enrol(house: House, language: str, name: str, member_id: str) -> str:
    """A new patient; returns the one-time link (without Telegram: the code) for the chat."""
    now = house.services.clock()
    patient_id = PatientId(secrets.token_hex(16))
    code = secrets.token_urlsafe(16)  # 128 bits; only its hash is kept
    with house.store.unit_of_work() as work:
        work.patients.add(
            Patient(
                id=patient_id,
                status=PatientStatus.ENROLLED,
                language=language if language in ("en", "zh") else "en",
                name=name.strip()[:60],
                created_at=now,
            )
        )
        work.invitations.add(
            code, purpose="patient", subject=patient_id, expires_at=now + INVITED_FOR
        )
        work.audit.add(
            AuditEvent(
                at=now,
                actor=member_id,
                type="patient.invited",
                subject=patient_id,
                patient_id=patient_id,
            )
        )
    return link(house, code)


def invite(house: House, purpose: str, subject: str) -> str:
    """A one-time link for a nurse ("member", id) or a nurses' group ("group", language)."""
    code = secrets.token_urlsafe(16)
    now = house.services.clock()
    with house.store.unit_of_work() as work:
        work.invitations.add(code, purpose=purpose, subject=subject, expires_at=now + INVITED_FOR)
    return link(house, code, group=purpose == "group")


def link(house: House, code: str, *, group: bool = False) -> str:
    """What the invited person opens, or the code where no bot's name is known yet."""
    username = getattr(house.telegram, "username", "")
    if not username:
        return code
    return f"https://t.me/{username}?{'startgroup' if group else 'start'}={code}"


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


def is_loopback(host: str) -> bool:
    """Only this machine can reach it."""
    return host in ("127.0.0.1", "::1", "localhost")


def _telegram(settings: Settings) -> Any | None:
    token = settings.telegram_token.get_secret_value()
    if not token:
        return None
    from bot.channels.telegram import Telegram

    bot_id = token.partition(":")[0]
    if not bot_id.isdigit():
        raise SettingsError("ANKANG_TELEGRAM_TOKEN: it looks like 123456:ABC…, from @BotFather")
    return Telegram(token, base_url=settings.telegram_api_base_url or None, bot_id=bot_id)


def _second_path(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """E-mail and the pager, where they are set: pages that do not depend on the messenger."""
    found: dict[str, Channel] = {}
    if url := settings.smtp_url.get_secret_value():
        from bot.channels.email import Email

        found["email"] = Email(url, settings.smtp_from)
    if settings.pager_url:
        from bot.channels.pager import Pager

        secret = settings.pager_secret.get_secret_value()
        found["pager"] = Pager(settings.pager_url, secret, clock)
    return found


def _host_port(url: str) -> tuple[str, int, bool]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("ANKANG_CHROMA_URL: give http://host:port")
    return parts.hostname, parts.port or 8000, parts.scheme == "https"


def open_registry(settings: Settings) -> tuple[Registry, bytes]:
    """The clinic's own models, and the seed of the key that signs them.

    Raises FolderError, SettingsError.
    """
    from risk.learn import registry

    seed = signing_seed(master_key(settings.master_key.get_secret_value(), settings.data))
    return registry.opened(settings.data / "models", seed), seed


def own_models(settings: Settings, since: datetime) -> list[Asked]:
    """How far whom each active model was asked about differ from whom it learned from."""
    from risk.learn import folder, requests

    known, _ = open_registry(settings)
    found = []
    for entry in known.entries:
        if entry.state == "active":
            said = folder.described(known.folder(entry))
            if said["kind"] == "learned":
                rows, columns = requests.drifted(known, entry, said["population"], since)
                found.append(Asked(model=entry.name, rows=rows, columns=columns))
    return found


def data_folder(settings: Settings) -> Path:
    """The folder of the embedded house, made when it is missing."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.data


__all__ = [
    "House",
    "build",
    "chat_model",
    "console_actions",
    "enrol",
    "invite",
    "utc_now",
]
