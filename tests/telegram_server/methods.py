"""The Bot API's methods on the test world: what each does, and how Telegram refuses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from .world import Json, World

MAX_TEXT, MAX_CAPTION, MAX_DATA, MAX_DOWNLOAD = 4096, 1024, 64, 20 * 2**20
Files = dict[str, bytes]


class ApiFailure(Exception):
    """An answer that is not ok."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


def _bad(description: str) -> ApiFailure:
    return ApiFailure(400, f"Bad Request: {description}")


class Methods:
    """One method per Bot API method, named in lower case; ``params`` are form values."""

    def __init__(self, world: World, *, tap_lifetime: float = 15.0) -> None:
        self.world = world
        self.tap_lifetime = tap_lifetime  #: seconds until an unanswered tap has expired

    def find(self, method: str) -> Callable[[Json, Files], Any]:
        found = getattr(self, f"_do_{method.lower()}", None)
        if found is None:
            raise ApiFailure(404, "Not Found: method not found")
        return found  # type: ignore[no-any-return]

    def chat(self, params: Json) -> int:
        """The chat meant, if the bot may write to it."""
        try:
            chat = int(params["chat_id"])
        except (KeyError, ValueError):
            raise _bad(
                "chat_id is empty" if "chat_id" not in params else "chat not found"
            ) from None
        if chat in self.world.moved:
            raise ApiFailure(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": self.world.moved[chat]},
            )
        if chat in self.world.barred:
            raise ApiFailure(403, f"Forbidden: {self.world.barred[chat]}")
        if chat not in self.world.chats:
            raise _bad("chat not found")
        return chat

    def _thread(self, chat: int, params: Json) -> Json:
        if "message_thread_id" not in params:
            return {}
        thread = int(params["message_thread_id"])
        topic = self.world.topics.get(chat, {}).get(thread)
        if topic is None:
            raise _bad("message thread not found")
        if topic.get("closed"):
            raise _bad("TOPIC_CLOSED")
        return {"message_thread_id": thread}

    def _text(self, text: str, most: int, *, caption: bool = False) -> str:
        what = "message caption" if caption else "message"
        text = text.strip()
        if not text and not caption:
            raise _bad("message text is empty")
        # Counted in UTF-16 units, the stricter of the two readings of "characters".
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > most:
            raise _bad(f"{what} is too long")
        return text

    def _markup(self, params: Json) -> Json:
        markup = json.loads(params.get("reply_markup") or "{}")
        for button in (b for row in markup.get("inline_keyboard", []) for b in row):
            if not button.keys() - {"text"}:
                raise _bad("Text buttons are unallowed in the inline keyboard")
            if not 1 <= len(button.get("callback_data", "-").encode()) <= MAX_DATA:
                raise _bad("BUTTON_DATA_INVALID")
        return {"reply_markup": markup} if markup.get("inline_keyboard") else {}

    def _post(self, params: Json, content: Callable[[], Json]) -> Json:
        chat = self.chat(params)
        head, tail = self._thread(chat, params), self._markup(params)
        if params.get("protect_content") == "true":
            tail["has_protected_content"] = True
        return self.world.put(chat, self.world.bot, {**head, **content(), **tail})

    def _upload(self, params: Json, files: Files, name: str, path: str) -> bytes:
        given = str(params.get(name, ""))
        data = files.get(given.removeprefix("attach://") or name) or files.get(name)
        if data is None and given in self.world.files:
            data = self.world.files[given][0]
        if data is None:
            raise _bad(f"there is no {name} in the request")
        return data

    def _captioned(self, params: Json) -> Json:
        caption = self._text(params.get("caption", ""), MAX_CAPTION, caption=True)
        return {"caption": caption} if caption else {}

    # --- sending -------------------------------------------------------------------------

    def _do_sendmessage(self, params: Json, files: Files) -> Json:
        return self._post(params, lambda: {"text": self._text(params.get("text", ""), MAX_TEXT)})

    def _do_sendphoto(self, params: Json, files: Files) -> Json:
        data = self._upload(params, files, "photo", "photos/photo.png")
        if len(data) > 10 * 2**20:
            raise ApiFailure(413, "Request Entity Too Large")
        sizes = self.world.sizes
        return self._post(params, lambda: {"photo": sizes(data), **self._captioned(params)})

    def _do_senddocument(self, params: Json, files: Files) -> Json:
        data = self._upload(params, files, "document", "documents/file")
        kept = self.world.keep_file(data, "documents/file")
        return self._post(params, lambda: {"document": kept, **self._captioned(params)})

    def _do_sendvoice(self, params: Json, files: Files) -> Json:
        kept = self.world.keep_file(self._upload(params, files, "voice", ""), "voice/note.oga")
        voice = {**kept, "duration": 1, "mime_type": "audio/ogg"}
        return self._post(params, lambda: {"voice": voice, **self._captioned(params)})

    def _do_sendchataction(self, params: Json, files: Files) -> bool:
        self._thread(self.chat(params), params)
        return True

    # --- changing ------------------------------------------------------------------------

    def _own(self, params: Json, verb: str) -> Json:
        chat = self.chat(params)
        message = self.world.log.get((chat, int(params.get("message_id", 0))))
        if message is None:
            raise _bad(f"message to {verb} not found")
        if verb == "edit" and message["from"] != self.world.bot:
            raise _bad("message can't be edited")
        return message

    def _change(self, params: Json, part: str | None, value: str = "") -> Json:
        message = self._own(params, "edit")
        if part == "text" and "text" not in message:
            raise _bad("there is no text in the message to edit")
        if part == "caption" and "text" in message:
            raise _bad("there is no caption in the message to edit")
        markup = self._markup(params).get("reply_markup")
        if (part is None or message.get(part, "") == value) and markup == message.get(
            "reply_markup"
        ):
            raise _bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        if part is not None:
            message[part] = value
        message.pop("reply_markup", None)
        message.update({"reply_markup": markup} if markup else {}, edit_date=int(time.time()))
        return message

    def _do_editmessagetext(self, params: Json, files: Files) -> Json:
        return self._change(params, "text", self._text(params.get("text", ""), MAX_TEXT))

    def _do_editmessagecaption(self, params: Json, files: Files) -> Json:
        return self._change(params, "caption", self._captioned(params).get("caption", ""))

    def _do_editmessagereplymarkup(self, params: Json, files: Files) -> Json:
        return self._change(params, None)

    def _do_deletemessage(self, params: Json, files: Files) -> bool:
        message = self._own(params, "delete")
        del self.world.log[message["chat"]["id"], message["message_id"]]
        return True

    def _do_setmessagereaction(self, params: Json, files: Files) -> bool:
        message = self._own(params, "react")
        key = (message["chat"]["id"], message["message_id"])
        self.world.reactions[key] = json.loads(params.get("reaction", "[]"))
        return True

    # --- the rest ------------------------------------------------------------------------

    def _do_getme(self, params: Json, files: Files) -> Json:
        return {**self.world.bot, "can_join_groups": True, "can_read_all_group_messages": False}

    def _do_answercallbackquery(self, params: Json, files: Files) -> bool:
        tap = params.get("callback_query_id", "")
        tapped = self.world.taps.pop(tap, None)
        if tapped is None or time.time() - tapped > self.tap_lifetime:
            raise _bad("query is too old and response timeout expired or query ID is invalid")
        self.world.answered[tap] = params.get("text", "")
        return True

    def _do_setmycommands(self, params: Json, files: Files) -> bool:
        scope = json.loads(params.get("scope", '{"type": "default"}'))
        key = scope["type"] + (f":{scope['chat_id']}" if "chat_id" in scope else "")
        menu = json.loads(params.get("commands", "[]"))
        self.world.commands[key, params.get("language_code", "")] = menu
        return True

    def _do_createforumtopic(self, params: Json, files: Files) -> Json:
        chat = self.chat(params)
        if not self.world.chats[chat].get("is_forum"):
            raise _bad("the chat is not a forum")
        name = self._text(params.get("name", ""), 128)
        content = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        thread = self.world.put(chat, self.world.bot, content)["message_id"]
        topic = {"message_thread_id": thread, "name": name, "icon_color": 7322096}
        self.world.topics.setdefault(chat, {})[thread] = topic
        return topic

    def _do_closeforumtopic(self, params: Json, files: Files) -> bool:
        chat = self.chat(params)
        self._thread(chat, params)
        self.world.topics[chat][int(params["message_thread_id"])]["closed"] = True
        return True

    def _do_getfile(self, params: Json, files: Files) -> Json:
        if params.get("file_id") not in self.world.files:
            raise _bad("wrong file_id or the file is temporarily unavailable")
        data, path = self.world.files[params["file_id"]]
        if len(data) > MAX_DOWNLOAD:
            raise _bad("file is too big")
        reference = params["file_id"]
        head = {"file_id": reference, "file_unique_id": f"u{reference[5:]}"}
        return {**head, "file_size": len(data), "file_path": path}
