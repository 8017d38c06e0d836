"""The chats, people, messages and waiting updates of the test Telegram, and what people do."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


class World:
    """Everything Telegram knows. People's actions are plain calls, safe from any thread."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Ankang",
            "username": "ankang_test_bot",
        }
        self.lock = threading.RLock()
        self.wake: Callable[[], None] = lambda: None  #: set by the server: new updates wait
        self.chats: dict[int, Json] = {}
        self.people: dict[int, Json] = {}
        self.barred: dict[int, str] = {}  #: chat -> why the bot may not write there
        self.moved: dict[int, int] = {}
        self.topics: dict[int, dict[int, Json]] = {}
        self.log: dict[tuple[int, int], Json] = {}  #: (chat, message id) -> message
        self.updates: list[tuple[int, str]] = []  #: not yet confirmed
        self.allowed: list[str] = []
        self.taps: dict[str, float] = {}  #: not yet answered -> when it was tapped
        self.answered: dict[str, str] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.reactions: dict[tuple[int, int], list[Json]] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}  #: (scope, language) -> menu
        self.numbers = itertools.count(101)  # a topic is never 1: that is General
        self._next_update = 900_001

    # --- who and where -------------------------------------------------------------------

    def person(self, user: int, first_name: str = "Alice", language_code: str = "en") -> Json:
        """A person who has opened the private chat with the bot."""
        who = {"id": user, "is_bot": False, "first_name": first_name}
        self.people[user] = {**who, "language_code": language_code}
        self.chats.setdefault(user, {"id": user, "type": "private", "first_name": first_name})
        return self.people[user]

    def group(self, chat: int, title: str = "Ward", *, forum: bool = False) -> Json:
        """A group; ids from -100… on are supergroups, which alone can hold topics."""
        kind = "supergroup" if str(chat).startswith("-100") else "group"
        self.chats[chat] = {"id": chat, "type": kind, "title": title}
        if forum:
            self.chats[chat]["is_forum"] = True
        return self.chats[chat]

    def messages(self, chat: int) -> list[Json]:
        """What the bot has standing in this chat now, in order, edits applied."""
        with self.lock:
            kept = [self.log[key] for key in sorted(self.log) if key[0] == chat]
            own = [m for m in kept if m["from"] == self.bot and "forum_topic_created" not in m]
            return [json.loads(json.dumps(m)) for m in own]

    # --- what people do ------------------------------------------------------------------

    def say(self, chat: int, text: str, *, user: int | None = None, **more: Any) -> Json:
        """A person writes; commands get their entity as the apps give it."""
        found = re.match(r"/\w+(@\w+)?", text)
        if found:
            more["entities"] = [{"type": "bot_command", "offset": 0, "length": found.end()}]
        return self._arrive(chat, user, {"text": text, **more})

    def photo(self, chat: int, data: bytes, caption: str = "", *, user: int | None = None) -> Json:
        return self._arrive(chat, user, {"photo": self.sizes(data), **_caption(caption)})

    def voice(self, chat: int, data: bytes, *, user: int | None = None) -> Json:
        voice = {**self.keep_file(data, "voice/note.oga"), "duration": 3, "mime_type": "audio/ogg"}
        return self._arrive(chat, user, {"voice": voice})

    def document(
        self, chat: int, data: bytes, name: str = "report.pdf", *, user: int | None = None
    ) -> Json:
        kept = self.keep_file(data, f"documents/{name}")
        document = {**kept, "file_name": name, "mime_type": "application/pdf"}
        return self._arrive(chat, user, {"document": document})

    def edit(self, message: Json, text: str) -> Json:
        """A person changes an own message."""
        with self.lock:
            kept = self.log[message["chat"]["id"], message["message_id"]]
            kept.update(text=text, edit_date=int(time.time()))
            self._update("edited_message", kept)
            return kept

    def tap(self, message: Json, data: str, *, user: int | None = None) -> str:
        """A person taps a button that really stands under the message; gives the tap's id."""
        with self.lock:
            chat = message["chat"]["id"]
            kept = self.log[chat, message["message_id"]]
            rows = kept.get("reply_markup", {}).get("inline_keyboard", [])
            if data not in {button.get("callback_data") for row in rows for button in row}:
                raise ValueError(f"message {message['message_id']} has no button {data!r}")
            tap = str(10_000_000 + next(self.numbers))
            self.taps[tap] = time.time()
            who = self._who(chat, user)
            query = {"id": tap, "from": who, "message": kept, "chat_instance": "1", "data": data}
            self._update("callback_query", query)
            return tap

    def blocked(self, chat: int, *, user: int | None = None) -> None:
        """The person blocks the bot, or it is removed from the group."""
        with self.lock:
            kind = self.chats[chat]["type"]
            self.barred[chat] = (
                "bot was blocked by the user"
                if kind == "private"
                else f"bot was kicked from the {kind} chat"
            )
            self._member(chat, user, "member", "kicked" if kind == "private" else "left")

    def joined(self, chat: int, *, user: int | None = None) -> None:
        """The person lets the bot back in, or it is added to the group."""
        with self.lock:
            self.barred.pop(chat, None)
            was = "kicked" if chat > 0 else "left"
            self._member(chat, user, was, "member")

    def migrate(self, chat: int) -> int:
        """The group becomes a supergroup; gives its new id."""
        with self.lock:
            new = int(f"-100{abs(chat)}")
            self.group(new, self.chats[chat]["title"])
            self._arrive(chat, None, {"migrate_to_chat_id": new})
            self._arrive(new, None, {"migrate_from_chat_id": chat})
            self.moved[chat] = new
            return new

    def delete_topic(self, chat: int, thread: int) -> None:
        """A person deletes a topic; the bot is not told."""
        with self.lock:
            del self.topics[chat][thread]

    def raw(self, update: Json | str) -> int:
        """Queue an update as it is: an object, or text that need not even be JSON."""
        with self.lock:
            text = update if isinstance(update, str) else json.dumps(update)
            found = re.search(r'"update_id"\s*:\s*(\d+)', text)
            number = int(found[1]) if found else self._next_update
            self._next_update = max(self._next_update, number + 1)
            if not found and isinstance(update, dict):
                text = json.dumps({"update_id": number, **update})
            self.updates.append((number, text))
        self.wake()
        return number

    # --- the mechanics -------------------------------------------------------------------

    def keep_file(self, data: bytes, path: str) -> Json:
        """Store bytes; the file's entry as messages carry it."""
        number = next(self.numbers)
        reference = f"file-{number}"
        folder, _, name = path.rpartition("/")
        self.files[reference] = (data, f"{folder}/{number}_{name}")
        return {"file_id": reference, "file_unique_id": f"u{number}", "file_size": len(data)}

    def sizes(self, data: bytes) -> list[Json]:
        """A photo as Telegram gives it: a thumbnail first, the full size last."""
        small = {**self.keep_file(data[:1], "photos/small.jpg"), "width": 90, "height": 67}
        return [small, {**self.keep_file(data, "photos/full.jpg"), "width": 800, "height": 600}]

    def put(self, chat: int, sender: Json, content: Json) -> Json:
        """Write a message into a chat."""
        with self.lock:
            number = next(self.numbers)
            head = {"message_id": number, "from": sender, "chat": self.chats[chat]}
            message = {**head, "date": int(time.time()), **content}
            if "message_thread_id" in content:
                message["is_topic_message"] = True
            self.log[chat, number] = message
            return message

    def _who(self, chat: int, user: int | None) -> Json:
        number = user or (chat if chat > 0 else 5001)
        return self.people.get(number) or self.person(number)

    def _arrive(self, chat: int, user: int | None, content: Json) -> Json:
        with self.lock:
            who = self._who(chat, user)
            if chat not in self.chats:
                self.group(chat)
            message = self.put(chat, who, content)
            self._update("message", message)
            return message

    def _member(self, chat: int, user: int | None, was: str, now: str) -> None:
        states = {
            "old_chat_member": {"user": self.bot, "status": was, "until_date": 0},
            "new_chat_member": {"user": self.bot, "status": now, "until_date": 0},
        }
        head = {"chat": self.chats[chat], "from": self._who(chat, user), "date": int(time.time())}
        self._update("my_chat_member", {**head, **states})

    def _update(self, kind: str, content: Json) -> None:
        if not self.allowed or kind in self.allowed:
            self.raw({kind: content})


def _caption(caption: str) -> Json:
    return {"caption": caption} if caption else {}
