"""Photos, voice and files that patients sent, opened for a member who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import record
from bot.console.desk import Desk, id_of
from bot.console.sessions import Visitor, signed_in
from bot.domain.message import Attachment, Message
from bot.ports import Reading

#: Shown in the page. Anything else is only ever downloaded: it could be a page with a script.
_SHOWN = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/gif",
        "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/wav", "audio/webm",
        "video/mp4", "video/webm",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Found:
    message: Message
    attachment: Attachment
    content: bytes
    shared: bool  #: as the page of the conversation has it


def _read(rows: Reading, message_id: str) -> _Found | None:
    message, found = rows.conversation.get(message_id), rows.conversation.file(message_id)
    patient = rows.patients.get(message.patient_id) if message else None
    if message is None or patient is None or found is None or found[1] is None:
        return None
    return _Found(
        message=message,
        attachment=found[0],
        content=found[1],
        shared=record.shared(rows, patient),
    )


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The decrypted file; 404 while it has not been fetched, or could not be.

    What is not shared is opened as the conversation is: from the patient's page, and noted as that.
    """
    message_id = id_of(request, "message_id")
    found = await desk.read(lambda rows: _read(rows, message_id)) if message_id else None
    if found is None:
        raise HTTPException(404)
    patient_id = found.message.patient_id
    if not (found.shared or request.query_params.get("open") == "1"):
        return RedirectResponse(f"/patients/{quote(patient_id, safe='')}", 303)
    what = "file" if found.shared else "file_without_consent"
    await desk.act(desk.actions.viewed, what, found.message.id, visitor.member.id, patient_id)
    media_type = found.attachment.media_type.split(";")[0].strip().lower()
    safe = media_type in _SHOWN
    name = quote(found.attachment.name or "file", safe="")
    kind = "inline" if safe else "attachment"
    return Response(
        found.content,
        media_type=media_type if safe else "application/octet-stream",
        headers={
            "Content-Disposition": f"{kind}; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


routes = [Route("/files/{message_id:path}", show, methods=["GET"])]
