"""The second path: real mail and real webhooks on loopback, through the same outbox."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import hashlib
import hmac
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from house import FakeClock, HouseUnderTest

from bot.channels.email import Email
from bot.channels.pager import Pager, signature
from bot.domain.care_team import Role
from bot.domain.errors import ChannelError, OutcomeUnknown, RateLimited, Refused, SettingsError
from bot.domain.escalation import EscalationState
from bot.domain.message import Outgoing
from bot.escalations.climb import climb
from bot.work.limits import Limits
from bot.work.sender import Sender

SECRET = "a secret of the pager"
LETTER = Outgoing(address="bob@clinic.example", text="P0 紧急\nhttps://clinic.example/e/1")
PAGE = Outgoing(address="duty", text='{"page":"e1/0","escalation":"e1"}')


@dataclass
class MailServer:
    """A small SMTP server: what it says to each command can be set; what it took is kept."""

    answers: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None  #: offered by STARTTLS
    hangs_up_after_data: bool = False
    port: int = 0
    taken: list[tuple[str, bytes, bool]] = field(default_factory=list)  #: to, mail, over TLS
    users: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to, secure = "", writer.get_extra_info("sslcontext") is not None
        writer.write(b"220 mail\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            said = self.answers.get(verb, "250 ok")
            if verb == "EHLO" and verb not in self.answers:
                offered = ["STARTTLS"] if self.tls and not secure else []
                lines = ["mail", *offered, "AUTH PLAIN"]
                said = "\r\n".join(f"250-{name}" for name in lines[:-1]) + f"\r\n250 {lines[-1]}"
            elif verb == "RCPT":
                to = line.partition("<")[2].rstrip(">")
            elif verb == "AUTH":
                self.users.append(line.split()[-1])
                said = self.answers.get(verb, "235 welcome")
            elif verb == "STARTTLS":
                writer.write(b"220 go\r\n")
                await writer.drain()
                assert self.tls is not None
                await writer.start_tls(self.tls)
                secure = True
                continue
            elif verb == "DATA" and verb not in self.answers:
                writer.write(b"354 go on\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                if self.hangs_up_after_data:
                    return
                self.taken.append((to, mail[:-3], secure))
                said = self.answers.get("AFTER", "250 taken")
            elif verb == "QUIT":
                said = "221 bye"
            writer.write(f"{said}\r\n".encode())
            await writer.drain()
            if verb == "QUIT":
                return


@asynccontextmanager
async def mail_server(
    secure: ssl.SSLContext | None = None, **changes: Any
) -> AsyncIterator[MailServer]:
    """``secure``: TLS from the first byte."""
    served = MailServer(**changes)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=secure)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served


@dataclass
class Hook:
    """A small HTTP server of a paging service."""

    status: int = 200
    headers: str = ""
    url: str = ""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = [line.split(": ", 1) for line in head[1:] if line]
        headers = {name.lower(): value for name, value in fields}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.taken.append((headers, body))
        writer.write(
            f"HTTP/1.1 {self.status} x\r\n{self.headers}Content-Length: 0\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def hook(**changes: Any) -> AsyncIterator[Hook]:
    served = Hook(**changes)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/page"
    async with server:
        yield served


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, made for this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def offering(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def mailer(server: MailServer, scheme: str = "smtp", **changes: Any) -> Email:
    url = f"{scheme}://ankang:p%40ss@127.0.0.1:{server.port}"
    return Email(url, "ankang@clinic.example", **changes)


async def test_a_mail_arrives_whole_in_both_languages_after_signing_in() -> None:
    async with mail_server() as server:
        receipt = await mailer(server).send(LETTER)
    [(to, raw, secure)] = server.taken
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert to == "bob@clinic.example"
    assert mail["Subject"] == "P0 紧急"
    assert mail["From"] == "ankang@clinic.example"
    assert mail.get_content().strip() == LETTER.text
    assert receipt.message_id in mail["Message-ID"]
    assert not secure  # on this machine alone
    assert server.users


async def test_tls_is_begun_where_it_is_offered(certificate: Path) -> None:
    async with mail_server(tls=offering(certificate)) as server:
        await mailer(server, trust=trusting(certificate)).send(LETTER)
    assert [secure for _, _, secure in server.taken] == [True]


async def test_tls_from_the_first_byte(certificate: Path) -> None:
    async with mail_server(secure=offering(certificate)) as server:
        await mailer(server, "smtps", trust=trusting(certificate)).send(LETTER)
    assert [secure for _, _, secure in server.taken] == [True]


async def test_a_server_with_a_certificate_nobody_knows_gets_no_mail(certificate: Path) -> None:
    async with mail_server(tls=offering(certificate)) as server:
        with pytest.raises(ChannelError) as raised:
            await mailer(server).send(LETTER)
    assert not raised.value.permanent
    assert server.taken == []


@pytest.mark.parametrize(
    ("changes", "wanted", "permanent"),
    [
        ({"answers": {"RCPT": "550 no such person"}}, Refused, True),
        ({"answers": {"RCPT": "451 try later"}}, ChannelError, False),
        ({"answers": {"AUTH": "535 who are you"}}, ChannelError, False),
        ({"answers": {"DATA": "552 too big"}}, Refused, True),
        ({"answers": {"AFTER": "452 disk full"}}, ChannelError, False),
        ({"hangs_up_after_data": True}, OutcomeUnknown, False),
    ],
)
async def test_what_a_mail_server_answers_becomes_one_error(
    changes: dict[str, Any], wanted: type[ChannelError], permanent: bool
) -> None:
    async with mail_server(**changes) as server:
        with pytest.raises(ChannelError) as raised:
            await mailer(server).send(LETTER)
    assert type(raised.value) is wanted
    assert raised.value.permanent is permanent


async def test_a_mail_server_that_is_away_is_tried_again() -> None:
    async with mail_server() as server:
        pass
    with pytest.raises(ChannelError) as raised:
        await mailer(server).send(LETTER)
    assert type(raised.value) is ChannelError


@pytest.mark.parametrize("address", ["bob", "bob@clinic.example\nBcc: all@clinic.example"])
async def test_an_address_that_is_none_is_refused(address: str) -> None:
    async with mail_server() as server:
        with pytest.raises(Refused):
            await mailer(server).send(Outgoing(address=address, text="x"))
    assert server.taken == []


async def test_a_page_is_signed_and_holds_ids_alone() -> None:
    async with hook() as served:
        await Pager(served.url, SECRET, FakeClock()).send(PAGE)
    [(headers, body)] = served.taken
    assert json.loads(body) == {"to": "duty", "page": "e1/0", "escalation": "e1"}
    assert headers["idempotency-key"] == "e1/0"
    signed = headers["x-ankang-timestamp"].encode() + b"." + body
    wanted = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-ankang-signature"] == wanted
    assert signature(SECRET, headers["x-ankang-timestamp"], body + b" ") != wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"status": 404}, Refused),
        ({"status": 503}, ChannelError),
        ({"status": 429, "headers": "Retry-After: 7\r\n"}, RateLimited),
    ],
)
async def test_what_a_pager_answers_becomes_one_error(
    changes: dict[str, Any], wanted: type[ChannelError]
) -> None:
    async with hook(**changes) as served:
        with pytest.raises(ChannelError) as raised:
            await Pager(served.url, SECRET, FakeClock()).send(PAGE)
    assert type(raised.value) is wanted
    if isinstance(raised.value, RateLimited):
        assert raised.value.wait.total_seconds() == 7


@pytest.mark.parametrize(
    ("url", "sender", "named"),
    [
        ("http://mail:25", "a@b.example", "ANKANG_SMTP_URL"),
        ("smtp://mail:lots", "a@b.example", "ANKANG_SMTP_URL"),
        ("smtp://mail", "nobody", "ANKANG_SMTP_FROM"),
    ],
)
def test_a_mail_setting_that_cannot_be_used_is_named(url: str, sender: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Email(url, sender)


@pytest.mark.parametrize(
    ("url", "secret", "named"),
    [("ftp://x", SECRET, "ANKANG_PAGER_URL"), ("https://x", "short", "ANKANG_PAGER_SECRET")],
)
def test_a_pager_setting_that_cannot_be_used_is_named(url: str, secret: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Pager(url, secret, FakeClock())


async def run_senders(house: HouseUnderTest, *channels: Any) -> None:
    """The real senders until the post of these channels is empty."""
    stop = asyncio.Event()
    with ThreadPoolExecutor(2) as front:
        house.house.bells.attach()
        senders = [
            Sender(channel, house.services, house.house.bells, front, Limits(unlimited=True))
            for channel in channels
        ]
        running = [asyncio.create_task(sender.run(stop)) for sender in senders]
        for _ in range(200):
            await asyncio.sleep(0.02)
            with house.house.store.reading() as rows:
                if not any(
                    rows.outbox.due(house.clock(), channel=c.name, bot=c.bot) for c in channels
                ):
                    break
        await asyncio.sleep(0.1)
        stop.set()
        house.house.bells.ring("outbox")
        await asyncio.gather(*running)


async def test_an_emergency_goes_by_mail_and_pager_at_once_without_a_word_of_the_patient(
    house: HouseUnderTest,
) -> None:
    house.nurse("li", role=Role.SUPERVISOR, email="li@clinic.example", language="zh")
    house.nurse("eve", email="eve@clinic.example", on_shift=False)
    async with mail_server() as server, hook() as served:
        mail, pager = mailer(server), Pager(served.url, SECRET, house.clock)
        house.services.channels.update(email=mail, pager=pager)
        house.arrives("alice", text="I have crushing pain in my chest and I'm sweating")
        await house.settle()
        house.phone.sent.clear()
        await run_senders(house, mail, pager)
    [(to, raw, _)] = server.taken
    [(_, body)] = served.taken
    text = email.message_from_bytes(raw, policy=email.policy.default).get_content()
    [escalation] = house.escalations()
    assert to == "li@clinic.example"
    assert text.startswith("P0 紧急")
    page = json.loads(body)
    assert page["escalation"] == escalation.id
    assert page["tier"] == "P0"
    assert page["url"].endswith(escalation.id)
    for words in ("Alice", "chest", "胸", "crushing"):
        assert words not in text
        assert words not in body.decode()


async def test_a_mail_that_was_taken_puts_nothing_on_anybodys_screen(
    house: HouseUnderTest,
) -> None:
    with house.house.store.unit_of_work() as work:
        bob = work.care_team.get("bob")
        assert bob is not None
        work.care_team.save(replace(bob, telegram_id="", email="bob@clinic.example"))
    async with mail_server() as server:
        mail = mailer(server)
        house.services.channels["email"] = mail
        await house.say("I can't breathe")
        await run_senders(house, mail)
    assert len(server.taken) == 1
    assert house.escalations()[0].state is EscalationState.REQUESTED


async def test_a_same_day_alert_takes_the_second_path_at_its_second_rung(
    house: HouseUnderTest,
) -> None:
    async with hook() as served:
        pager = Pager(served.url, SECRET, house.clock)
        house.services.channels["pager"] = pager
        await house.say("bp 186/110")
        climb(house.services)
        await run_senders(house, pager)
        assert served.taken == []
        house.clock.advance(minutes=15)
        climb(house.services)
        await run_senders(house, pager)
    [(_, body)] = served.taken
    assert json.loads(body)["step"] == 1


async def test_a_page_whose_pager_is_down_is_tried_again_until_it_is_taken(
    house: HouseUnderTest,
) -> None:
    async with hook(status=503) as served:
        pager = Pager(served.url, SECRET, house.clock)
        house.services.channels["pager"] = pager
        await house.say("I can't breathe")
        await run_senders(house, pager)
        served.status = 200
        house.clock.advance(seconds=10)
        await run_senders(house, pager)
    keys = [headers["idempotency-key"] for headers, _ in served.taken]
    assert len(keys) == 2
    assert len(set(keys)) == 1
