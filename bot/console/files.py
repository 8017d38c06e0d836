"""Photos, voice and files that patients sent, opened for a member who may see them."""

from __future__ import annotations

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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


def _read(rows: Reading, message_id: str) -> tuple[Message, Attachment, bytes | None] | None:
    message, found = rows.conversation.get(message_id), rows.conversation.file(message_id)
    return (message, *found) if message and found else None


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The decrypted file; 404 while it has not been fetched, or could not be."""
    message_id = id_of(request, "message_id")
    found = await desk.read(lambda rows: _read(rows, message_id)) if message_id else None
    if found is None or found[2] is None:
        raise HTTPException(404)
    message, attachment, content = found
    await desk.act(desk.actions.viewed, "file", message.id, visitor.member.id, message.patient_id)
    media_type = attachment.media_type.split(";")[0].strip().lower()
    safe = media_type in _SHOWN
    name = quote(attachment.name or "file", safe="")
    kind = "inline" if safe else "attachment"
    return Response(
        content,
        media_type=media_type if safe else "application/octet-stream",
        headers={
            "Content-Disposition": f"{kind}; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


routes = [Route("/files/{message_id:path}", show, methods=["GET"])]
