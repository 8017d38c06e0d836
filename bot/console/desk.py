"""What every page is handed: the store, the clock, the actions, the words and the templates."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute

from bot.console import words
from bot.domain.message import Button
from bot.ports import Clock, ConsoleActions, Reading, Store, UnitOfWork
from prompts import LANGUAGES

HERE = Path(__file__).parent
T = TypeVar("T")

_ID = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, kw_only=True)
class ConsoleSettings:
    """How the pages are served."""

    clinic_name: str
    demo: bool = False  #: the demo patient's chat, and only where ``loopback`` is true too
    loopback: bool = False  #: the server listens on this machine only
    telegram_username: str = ""  #: without "@"; empty: no Telegram bot
    similar_cases: int = 0  #: so many patients must share a complaint and an age group; 0: off
    secure_cookies: bool = False  #: people arrive over HTTPS
    extra_routes: tuple[BaseRoute, ...] = ()  #: the Telegram webhook, health checks


class Wake(Protocol):
    """Ends a wait early when something changed."""

    async def wait(self, timeout: float) -> object:  # noqa: ASYNC109 - a pause, not a deadline
        """Return after ``timeout`` seconds, or sooner."""


class Bubble(Protocol):
    """One message as the web channel put it on the demo patient's phone."""

    @property
    def receipt(self) -> str: ...
    @property
    def text(self) -> str:
        """The words as they stand now, after any edit."""

    @property
    def first_text(self) -> str:
        """The words as they were first sent; a Message row holds the same."""

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]: ...
    @property
    def has_picture(self) -> bool: ...
    @property
    def at(self) -> datetime: ...


class Phone(Wake, Protocol):
    """The demo patient's phone: what the web channel keeps in memory."""

    @property
    def version(self) -> int:
        """Rises with every message sent or edited."""

    def bubbles(self, address: str) -> Sequence[Bubble]:
        """The newest messages to this address, oldest of them first."""

    def picture(self, receipt: str) -> bytes | None:
        """The PNG that came with a message, while it is remembered."""


class Sleep:
    """No bell: a wait is only a wait."""

    async def wait(self, timeout: float) -> object:  # noqa: ASYNC109 - the shape of Wake
        await asyncio.sleep(timeout)
        return None


class Desk:
    """The console's tools; one for each application."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        actions: ConsoleActions,
        settings: ConsoleSettings,
        wake: Wake | None = None,
        phone: Phone | None = None,
    ) -> None:
        self.store, self.clock, self.actions, self.settings = store, clock, actions, settings
        self.wake: Wake = wake or Sleep()
        self.phone = phone
        # Threads of our own: a page never waits for a slow turn, nor a turn for a page.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="console")
        self.memory: dict[str, Any] = {}  #: what pages keep while the process lives
        self.closing = asyncio.Event()  #: set it, and every live page ends
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["path"] = lambda value: quote(str(value), safe="")
        self._templates.globals.update(
            assets=_fingerprint(), settings=settings, languages=LANGUAGES
        )

    async def read(self, query: Callable[[Reading], T]) -> T:
        """Run ``query`` on a snapshot, in a thread. Raises StoreError, KeyMissing."""

        def run() -> T:
            with self.store.reading() as rows:
                return query(rows)

        return await self.act(run)

    async def write(self, change: Callable[[UnitOfWork], T]) -> T:
        """Run ``change`` in a transaction, in a thread. Raises StoreError."""

        def run() -> T:
            with self.store.unit_of_work() as work:
                return change(work)

        return await self.act(run)

    async def act(self, action: Callable[..., T], *values: Any) -> T:
        """Run one of the actions in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, action, *values)

    def render(self, template: str, language: str, **values: Any) -> str:
        """A template filled in; every value is escaped."""
        return self._templates.get_template(template).render(
            lang=language,
            lang_tag="zh-Hans" if language == "zh" else "en",
            t=words.teller("console", language),
            c=words.teller("chat", language),
            w=words.Shown(language, self.clock()),
            **values,
        )

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A whole page in the language of whoever looks."""
        visitor = getattr(request.state, "visitor", None)
        html = self.render(
            template,
            language_of(request),
            visitor=visitor,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            **values,
        )
        return HTMLResponse(html, status)


def language_of(request: Request) -> str:
    """The member's language; before sign-in the one chosen, else what the browser prefers."""
    visitor = getattr(request.state, "visitor", None)
    if visitor is not None and visitor.member.language in LANGUAGES:
        return str(visitor.member.language)
    chosen = request.cookies.get("ankang_language", "")
    if chosen in LANGUAGES:
        return chosen
    prefers = request.headers.get("accept-language", "").lower()
    return "zh" if prefers.startswith("zh") else "en"


def desk_of(request: Request) -> Desk:
    """The desk of the application this request came to."""
    desk: Desk = request.app.state.desk
    return desk


def id_of(request: Request, name: str) -> str:
    """An id from the path, or "" where no id can look like that."""
    value = str(request.path_params.get(name, ""))
    return value if _ID.fullmatch(value) else ""


def _fingerprint() -> str:
    """Changes with the files, so that browsers may keep them for long."""
    digest = hashlib.sha256()
    for path in sorted((HERE / "static").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
