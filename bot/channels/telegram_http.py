"""HTTP to the Bot API, by aiohttp: half the processor of the client that comes with the library.

(v: python-telegram-bot, aiohttp; docs/adr/0033)
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import re
import ssl
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

#: Failures in which no byte of the request can have reached Telegram.
NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
_KEPT = 15.0  #: seconds that an idle connection is kept


def hush() -> None:
    """Keep the libraries below from logging: telegram at DEBUG tells the token and every word."""
    for name in ("aiohttp", "httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


class ApiError(TelegramError):
    """Telegram answered, and the answer is no."""

    def __init__(self, status: int, description: str, parameters: dict[str, Any]) -> None:
        #: without what stands in quotes, which may be the person's own words
        self.description = re.sub(r"'[^']*'|\"[^\"]*\"", "…", description)
        super().__init__(f"{status} {self.description}")
        self.status = status
        self.parameters = parameters


class Wire(BaseRequest):
    """HTTP that keeps Telegram's status and parameters, and never logs or quotes a payload.

    Times are seconds: ``connect_timeout`` for a new connection, ``pool_timeout`` for a free one of
    the ``connections``, ``write_timeout`` and ``read_timeout`` for an answer once it is there;
    ``media_write_timeout`` stands in for the former where a file is sent.
    """

    def __init__(
        self,
        *,
        connections: int,
        connect_timeout: float = 5.0,
        pool_timeout: float = 5.0,
        read_timeout: float = 5.0,
        write_timeout: float = 5.0,
        media_write_timeout: float = 30.0,
    ) -> None:
        self._connections = connections
        self._connect, self._pool = connect_timeout, pool_timeout
        self._read, self._write = read_timeout, write_timeout
        self._media_write = media_write_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read

    async def initialize(self) -> None:
        """Open the session of the running loop; again after ``shutdown``."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, ssl=_tls(), keepalive_timeout=_KEPT
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The answer if it is ok; otherwise raises ApiError with what Telegram said."""
        if self._session is None:
            raise RuntimeError("the wire is not open: call initialize first")
        files = request_data.multipart_data if request_data else None
        write = _or(write_timeout, self._media_write if files else self._write)
        connect, read = _or(connect_timeout, self._connect), _or(read_timeout, self._read)
        wait = connect + _or(pool_timeout, self._pool)
        body, kind = _body(request_data)
        for _ in range(2):  # rounds of the loop: to hear who hung up meanwhile, and to note it
            await asyncio.sleep(0)
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                proxy=_proxy(*urlsplit(url)[:2]),
                headers={"Content-Type": kind} if kind else None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    # a file that comes down may take its time, as long as bytes flow
                    total=None if body is None else wait + write + read,
                    connect=wait,
                    sock_connect=connect,
                    sock_read=read,
                ),
            ) as answer:
                status, payload = answer.status, await answer.read()
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            # not its words: some quote the address, and the token is in it
            raise NetworkError(type(error).__name__) from error
        if 200 <= status <= 299:
            return status, payload
        raise _refused(status, payload)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as an object with a result; raises TelegramError without quoting it."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise TelegramError("The answer is no JSON") from error
        if not isinstance(answer, dict) or "result" not in answer:
            raise TelegramError("The answer has no result")
        return answer


def _refused(status: int, payload: bytes) -> ApiError:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        answer = {}  # a proxy's page
    if not isinstance(answer, dict):
        answer = {}
    parameters = answer.get("parameters")
    return ApiError(
        status,
        str(answer.get("description", "")),
        parameters if isinstance(parameters, dict) else {},
    )


def _body(data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, str]:
    """(what to send, its content type where the library does not set it)."""
    if data is None:
        return None, ""
    if not data.multipart_data:
        return urlencode(data.json_parameters).encode(), "application/x-www-form-urlencoded"
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, ""


def _or(given: Any, else_: float) -> float:
    """``given``, unless the library left it out."""
    return else_ if given is None or given is BaseRequest.DEFAULT_NONE else float(given)


@functools.cache
def _proxy(scheme: str, host: str) -> str | None:
    """A hospital's proxy, as http_proxy, https_proxy and no_proxy name it when first asked.

    aiohttp would look them up for every request, in a thread of the pool that answers patients: in
    a crowd each message, an emergency's first words too, then waits until a turn has ended.
    """
    proxy = getproxies().get(scheme)
    return None if not proxy or proxy.startswith("https:") or proxy_bypass(host) else proxy


@functools.cache
def _tls() -> ssl.SSLContext:
    """Roots as everywhere in the house: SSL_CERT_FILE where set, else the bundled ones."""
    return httpx.create_ssl_context()
