"""The HTTP handlers of the test Telegram: one call in, one answer, one fault, or silence."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tornado.web

from .limits import Fault, take
from .methods import ApiFailure
from .spec import violations
from .world import Json

if TYPE_CHECKING:
    from .server import TelegramServer

COUNTED = (
    "sendmessage",
    "sendphoto",
    "senddocument",
    "sendvoice",
    "editmessagetext",
    "editmessagecaption",
    "editmessagereplymarkup",
)


@dataclass
class Call:
    """One call as it came over the wire."""

    method: str
    params: Json  #: form values: strings, objects as JSON
    files: dict[str, int]  #: uploaded part -> bytes
    at: float  #: seconds since the epoch, on arrival
    status: int = 0  #: 0 while unanswered, and for ever when the socket was dropped
    result: Any = field(default=None, repr=False)


class Api(tornado.web.RequestHandler):
    """``/bot<token>/<method>``, by GET or POST, as a form, multipart or JSON."""

    poll: asyncio.Future[None] | None = None

    def initialize(self, server: TelegramServer) -> None:
        self.server = server

    def on_connection_close(self) -> None:
        if self.poll is not None:
            self.poll.cancel()

    def _params(self) -> Json:
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            given = json.loads(self.request.body or b"{}")
            return {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
        return {k: v[-1].decode() for k, v in self.request.arguments.items()}

    async def get(self, token: str, method: str) -> None:
        server, params = self.server, self._params()
        files = {name: parts[0]["body"] for name, parts in self.request.files.items()}
        sizes = {name: len(data) for name, data in files.items()}
        call = Call(method=method, params=params, files=sizes, at=time.time())
        server.calls.append(call)
        server.violations += violations(method, params, set(files))
        fault = take(server.faults, method)
        try:
            if token != server.token:
                raise ApiFailure(401, "Unauthorized")
            if fault is not None:
                await asyncio.sleep(fault.delay)
                if not fault.after:
                    self._break(fault)
            call.result = await self._run(method, params, files)
            if fault is not None and fault.after:
                self._break(fault)
            call.status, body = 200, call.result
        except ApiFailure as failure:
            call.status = failure.status
            answer = {"ok": False, "error_code": failure.status, "description": failure.description}
            if failure.parameters:
                answer["parameters"] = failure.parameters
            self.set_status(failure.status)
            self.finish(fault.body if fault and fault.body is not None else json.dumps(answer))
            return
        except (_Dropped, asyncio.CancelledError):
            self.request.connection.stream.close()  # type: ignore[union-attr]
            return
        if fault is not None and fault.body is not None:
            self.finish(fault.body)
        elif method.lower() == "getupdates":  # as they lie there: a raw one need not be JSON
            self.finish('{"ok":true,"result":[' + ",".join(body) + "]}")
        else:
            self.finish(json.dumps({"ok": True, "result": body}))

    post = get

    def _break(self, fault: Fault) -> None:
        if fault.drop:
            raise _Dropped
        if fault.status and fault.status != 200:
            raise ApiFailure(fault.status, fault.description, fault.parameters)

    async def _run(self, method: str, params: Json, files: dict[str, bytes]) -> Any:
        server, name = self.server, method.lower()
        if name == "getupdates":
            return await server.get_updates(params, self)
        if name in ("setwebhook", "deletewebhook"):
            return server.change_webhook({**params, "url": params.get("url", "")})
        if name == "getwebhookinfo":
            return server.webhook_info()
        with server.lock:
            act = server.methods.find(name)
            counted = server.limits is not None and name in COUNTED
            if counted and (wait := server.limits.wait(server.methods.chat(params))):
                parameters = {"retry_after": wait}
                raise ApiFailure(429, f"Too Many Requests: retry after {wait}", parameters)
            return json.loads(json.dumps(act(params, files)))


class _Dropped(Exception):
    """The socket is to be closed without an answer."""


class Download(tornado.web.RequestHandler):
    """``/file/bot<token>/<path>``."""

    def initialize(self, server: TelegramServer) -> None:
        self.server = server

    def get(self, token: str, path: str) -> None:
        for data, where in list(self.server.files.values()):
            if where == path and token == self.server.token:
                self.finish(data)
                return
        self.set_status(404)
        self.finish(json.dumps({"ok": False, "error_code": 404, "description": "Not Found"}))
