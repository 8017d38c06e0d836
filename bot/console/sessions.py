"""Who is looking: sign-in, lock-out, sessions and the token every form must carry."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.desk import Desk, desk_of
from bot.domain.care_team import CareTeamMember
from bot.domain.escalation import AuditEvent
from bot.ports import UnitOfWork

COOKIE = "ankang_session"
VISIT = "ankang_visit"  #: ties the forms outside a session to one browser
LASTING = timedelta(hours=12)
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)

Handler = Callable[[Request, Desk, "Visitor"], Awaitable[Response]]

_hasher = PasswordHasher()
#: Verified against when there is no such user, so that both failures take as long.
_NOBODY = _hasher.hash(secrets.token_hex(16))
_one_at_a_time = asyncio.Semaphore(2)  # a hash takes 64 MB; many at once would be an attack


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A member who has signed in."""

    member: CareTeamMember
    csrf: str
    token: str

    @property
    def public(self) -> str:
        """A name of the session for its own pages; opens nothing."""
        return hashlib.sha256(f"drafts/{self.csrf}".encode()).hexdigest()[:16]


def hash_password(password: str) -> str:
    """An argon2id hash to keep in ``CareTeamMember.password_hash``."""
    return _hasher.hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """True where the hash is of this password."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def sign_in(desk: Desk, username: str, password: str) -> Visitor | None:
    """A new session, or None: unknown, wrong and locked are told apart only in the audit."""
    async with _one_at_a_time:
        known = await desk.read(lambda rows: rows.care_team.by_username(username))
        right = await desk.act(
            password_fits,
            known.password_hash if known and known.password_hash else _NOBODY,
            password,
        )
        if known is None:
            return None
        member_id, now = known.id, desk.clock()
        return await desk.write(lambda work: _settle(work, member_id, right, now))


def _settle(work: UnitOfWork, member_id: str, right: bool, now: datetime) -> Visitor | None:
    """Count the try and open the session in one transaction, on the row as it is now."""
    member = work.care_team.get(member_id)
    if member is None:
        return None
    if member.locked_until is not None:
        if now < member.locked_until:
            work.audit.add(_event(member, "session.refused_locked", now))
            return None
        member = replace(member, locked_until=None, failed_sign_ins=0)
    if not member.active:
        work.audit.add(_event(member, "session.refused_left", now))
        return None
    if not right:
        failed = member.failed_sign_ins + 1
        locked = now + LOCKED_FOR if failed >= TRIES else None
        work.care_team.save(replace(member, failed_sign_ins=failed, locked_until=locked))
        work.audit.add(_event(member, "session.locked" if locked else "session.refused", now))
        return None
    member = replace(member, failed_sign_ins=0, locked_until=None)
    work.care_team.save(member)
    visitor = Visitor(member=member, csrf=secrets.token_hex(24), token=secrets.token_urlsafe(32))
    work.care_team.open_session(visitor.token, member.id, visitor.csrf, now + LASTING)
    work.audit.add(_event(member, "session.opened", now))
    return visitor


async def sign_out(desk: Desk, visitor: Visitor) -> None:
    """End the session."""

    def close(work: UnitOfWork) -> None:
        work.care_team.close_session(visitor.token)
        work.audit.add(_event(visitor.member, "session.closed", desk.clock()))

    await desk.write(close)


async def find(desk: Desk, token: str) -> Visitor | None:
    """Whose session this is, while it lasts."""
    if not token or len(token) > 200:
        return None
    found = await desk.read(lambda rows: rows.care_team.session(token, desk.clock()))
    return Visitor(member=found[0], csrf=found[1], token=token) if found else None


def signed_in(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Only for members; a POST must carry the session's token."""

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        desk = desk_of(request)
        visitor = await find(desk, request.cookies.get(COOKIE, ""))
        request.state.visitor = visitor
        if visitor is None:
            return _to_the_door(request, desk)
        if request.method == "POST":
            form = await request.form(max_files=0, max_fields=20)
            if not hmac.compare_digest(str(form.get("csrf", "")).encode(), visitor.csrf.encode()):
                return desk.page(request, "problem.html", status=403, problem="problem_form")
        return await handler(request, desk, visitor)

    return endpoint


def _to_the_door(request: Request, desk: Desk) -> Response:
    if request.headers.get("accept", "").startswith("text/event-stream"):
        return Response(status_code=401)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        # A strict cookie stays home when a link in another app brings the nurse here:
        # one step inside our own pages fetches it.
        return desk.page(request, "arrive.html", to=here)
    target = here if request.method == "GET" else "/work"
    return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", 303)


def safe_path(target: str) -> str:
    """``target`` when it is a path of our own, else the work list."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and target.isprintable() else "/work"


def set_cookie(response: Response, desk: Desk, name: str, value: str, lasting: timedelta) -> None:
    """A cookie no script reads and no other site sends."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasting.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=desk.settings.secure_cookies,
        path="/",
    )


def visit(request: Request) -> str:
    """This browser's own secret; new where it has none yet."""
    known = request.cookies.get(VISIT, "")
    return known if 20 <= len(known) <= 100 else secrets.token_urlsafe(24)


def visit_token(secret: str) -> str:
    """What a form outside a session must carry."""
    return hashlib.sha256(f"form/{secret}".encode()).hexdigest()


def visit_fits(request: Request, token: str) -> bool:
    """The form came from a page this browser was given."""
    known = request.cookies.get(VISIT, "")
    return bool(known) and hmac.compare_digest(visit_token(known).encode(), token.encode())


def _event(member: CareTeamMember, kind: str, now: datetime) -> AuditEvent:
    return AuditEvent(at=now, actor=member.id, type=kind, subject=member.id)
