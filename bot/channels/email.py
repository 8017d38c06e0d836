"""Pages for the care team by SMTP: a second path that does not depend on the messenger."""

from __future__ import annotations

import asyncio
import secrets
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, localtime, parseaddr
from urllib.parse import unquote, urlsplit

from bot.domain.errors import ChannelError, OutcomeUnknown, Refused, SettingsError
from bot.domain.message import Attachment, Incoming, Outgoing, Receipt, Update

_TIMEOUT = 20.0  # seconds for each step of the exchange
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Email:
    """One mail server. ``smtps://`` speaks TLS from the start, ``smtp://`` begins it (STARTTLS).

    A server elsewhere that offers no TLS is not spoken to; one on this machine may do without.
    """

    name = "email"
    bot = "smtp"

    def __init__(self, url: str, sender: str, *, trust: ssl.SSLContext | None = None) -> None:
        """Raises SettingsError naming the setting. ``trust``: not the system's authorities."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise SettingsError("ANKANG_SMTP_URL: the port is not a number") from error
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingsError("ANKANG_SMTP_URL: give smtp://user:password@host:587 or smtps://…")
        address = parseaddr(sender)[1]
        if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
            raise SettingsError("ANKANG_SMTP_FROM: give the address that mails come from")
        self._secure = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, port or (465 if self._secure else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._domain = address, address.rpartition("@")[2]
        self._trust = trust

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One mail: the first line of the text is the subject. Raises ChannelError."""
        if outgoing.edit is not None:
            raise Refused("a mail that was sent cannot be changed")
        identity = secrets.token_hex(12)
        mail = self._letter(outgoing, identity)
        await asyncio.to_thread(self._deliver, outgoing.address, mail)
        return Receipt(message_id=identity)

    async def fetch(self, attachment: Attachment) -> bytes:
        """Nothing lies here."""
        raise Refused("this channel carries no files")

    def parse(self, update: Update) -> Incoming:
        """Nobody writes to the house by mail."""
        raise ValueError("the house reads no mail")

    def _letter(self, outgoing: Outgoing, identity: str) -> bytes:
        mail = EmailMessage()
        subject, _, _ = outgoing.text.partition("\n")
        local, _, domain = outgoing.address.rpartition("@")
        try:
            if not (local and domain):
                raise ValueError
            mail["To"] = Address(username=local, domain=domain)
            mail["From"] = self._sender
        except (ValueError, IndexError) as error:
            raise Refused("this is no e-mail address") from error
        mail["Subject"] = " ".join(subject.split())
        mail["Date"] = format_datetime(localtime())
        mail["Message-ID"] = f"<{identity}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Priority"] = "1"
        mail.set_content(outgoing.text, charset="utf-8", cte="base64")
        return mail.as_bytes(policy=WIRE)

    def _deliver(self, address: str, mail: bytes) -> None:
        """Up to the last line nothing is lost by trying again; after it nobody knows."""
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError("the mail server does not answer") from error
        with _Farewell(server):
            self._address(server, address)
            try:
                code, _ = server.data(mail)
            except smtplib.SMTPDataError as error:
                raise _refusal(error.smtp_code) from error
            except (OSError, smtplib.SMTPException) as error:
                raise OutcomeUnknown from error
            if code != 250:
                raise _refusal(code)

    def _open(self) -> smtplib.SMTP:
        if self._secure:
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=_TIMEOUT, context=self._trust or _system()
            )
        return smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT)

    def _address(self, server: smtplib.SMTP, address: str) -> None:
        try:
            server.ehlo()
            if not self._secure:
                self._secure_it(server)
            if self._user:
                server.login(self._user, self._password)
            for code, _ in (server.mail(self._sender), server.rcpt(address)):
                if code not in (250, 251):
                    raise _refusal(code)
        except smtplib.SMTPAuthenticationError as error:
            # Not permanent: a person will mend the password, and the page is still wanted.
            raise ChannelError("the mail server does not know this user") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError("the mail server broke off") from error

    def _secure_it(self, server: smtplib.SMTP) -> None:
        if server.has_extn("starttls"):
            server.starttls(context=self._trust or _system())
            server.ehlo()
        elif self._host not in _LOOPBACK:
            raise ChannelError("the mail server offers no TLS")


class _Farewell:
    """Say goodbye, and do not mind when nobody answers."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self._server.close()


def _system() -> ssl.SSLContext:
    return ssl.create_default_context()


def _refusal(code: int) -> ChannelError:
    """5xx is for ever; 4xx (greylisting, a full box) is for now."""
    return Refused("the mail server refused it") if code >= 500 else ChannelError()
