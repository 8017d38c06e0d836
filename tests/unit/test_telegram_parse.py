"""Raw updates are read, and odd ones never raise."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_parse import read_update
from bot.domain.message import Incoming, Kind, Update

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
ALICE = {"id": 5001, "is_bot": False, "first_name": "Alice", "language_code": "zh-Hans"}
PRIVATE = {"id": 5001, "type": "private"}
WARD = {"id": -1001, "type": "supergroup", "is_forum": True}


def read(body: Any, username: str = "ankang_bot") -> Incoming:
    text = body if isinstance(body, str) else json.dumps(body)
    update = Update(channel="telegram", bot="7", external_id="1", body=text, received_at=NOW)
    return read_update(update, username=username)


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    head = {"message_id": 42, "from": ALICE, "chat": chat, "date": 1_772_600_000}
    return {"update_id": 1, "message": {**head, **content}}


def test_a_text_says_who_where_when_and_in_which_language() -> None:
    incoming = read(message(text="我头晕"))
    assert incoming == Incoming(
        kind=Kind.TEXT,
        channel="telegram",
        bot="7",
        external_id="1",
        address="5001",
        sender="5001",
        sender_name="Alice",
        text="我头晕",
        language_hint="zh-hans",
        message_id="42",
        sent_at=datetime(2026, 3, 4, 4, 53, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "kind", "data", "argument"),
    [
        ("/start c0de-1", Kind.COMMAND, "start", "c0de-1"),
        ("/start", Kind.COMMAND, "start", ""),
        ("/HELP@Ankang_Bot  my  pills", Kind.COMMAND, "help", "my  pills"),
        ("／help", Kind.COMMAND, "help", ""),
        ("/note first\nsecond", Kind.COMMAND, "note", "first\nsecond"),
        ("/help@other_bot", Kind.UNKNOWN, "", "/help@other_bot"),
        ("/帮助", Kind.TEXT, "", "/帮助"),
        ("120/80", Kind.TEXT, "", "120/80"),
        ("/ 5", Kind.TEXT, "", "/ 5"),
    ],
)
def test_commands_are_told_from_words(text: str, kind: Kind, data: str, argument: str) -> None:
    incoming = read(message(text=text))
    assert (incoming.kind, incoming.data, incoming.text) == (kind, data, argument)


def test_the_largest_photo_is_taken_wherever_it_stands() -> None:
    sizes = [
        {"file_id": "big", "width": 800, "height": 600, "file_size": 9},
        {"file_id": "small", "width": 90, "height": 67},
    ]
    incoming = read(message(photo=sizes, caption="my foot"))
    assert incoming.kind is Kind.PHOTO
    assert incoming.text == "my foot"
    assert incoming.attachment is not None
    assert (incoming.attachment.reference, incoming.attachment.size) == ("big", 9)


@pytest.mark.parametrize(
    ("field", "content", "kind", "media_type"),
    [
        ("voice", {"file_id": "v", "duration": 2}, Kind.VOICE, "audio/ogg"),
        (
            "document",
            {"file_id": "d", "mime_type": "application/pdf"},
            Kind.FILE,
            "application/pdf",
        ),
        ("audio", {"file_id": "a"}, Kind.FILE, "audio/mpeg"),
        ("video", {"file_id": "m"}, Kind.FILE, "video/mp4"),
    ],
)
def test_files_keep_their_kind(field: str, content: Any, kind: Kind, media_type: str) -> None:
    incoming = read(message(**{field: content}))
    assert incoming.kind is kind
    assert incoming.attachment is not None
    assert incoming.attachment.media_type == media_type


def test_an_edit_carries_the_new_words() -> None:
    edited = message(text="8.1, not 18", edit_date=1_772_600_060)["message"]
    incoming = read({"update_id": 1, "edited_message": edited})
    assert (incoming.kind, incoming.text, incoming.message_id) == (Kind.EDITED, "8.1, not 18", "42")
    assert incoming.sent_at == datetime(2026, 3, 4, 4, 54, 20, tzinfo=UTC)


def test_a_tap_says_what_and_under_which_message() -> None:
    under = {"message_id": 9, "chat": WARD, "date": 0, "message_thread_id": 3}
    query = {"id": "77", "from": ALICE, "data": "e:1:a", "message": under}
    under["is_topic_message"] = True
    incoming = read({"update_id": 1, "callback_query": query})
    assert incoming.kind is Kind.TAP
    assert (incoming.tap_id, incoming.data, incoming.message_id) == ("77", "e:1:a", "9")
    assert (incoming.address, incoming.thread, incoming.private) == ("-1001", "3", False)
    assert incoming.sent_at == NOW


def test_a_thread_counts_only_as_a_topic() -> None:
    assert read(message(WARD, text="ok", message_thread_id=3)).thread is None
    topic = message(WARD, text="ok", message_thread_id=3, is_topic_message=True)
    assert read(topic).thread == "3"


def test_a_moved_group_is_told_the_same_from_both_sides() -> None:
    old, new = {"id": -5, "type": "group"}, {"id": -1005, "type": "supergroup"}
    for incoming in (
        read(message(old, migrate_to_chat_id=-1005)),
        read(message(new, migrate_from_chat_id=-5)),
    ):
        assert incoming.kind is Kind.GROUP_MOVED
        assert (incoming.address, incoming.data) == ("-5", "-1005")


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("member", "kicked", Kind.BLOCKED),
        ("administrator", "left", Kind.BLOCKED),
        ("kicked", "member", Kind.UNBLOCKED),
        ("left", "administrator", Kind.UNBLOCKED),
        ("member", "administrator", Kind.UNKNOWN),
        ("kicked", "left", Kind.UNKNOWN),
    ],
)
def test_membership_changes_only_when_reach_changes(was: str, now: str, kind: Kind) -> None:
    change = {"chat": PRIVATE, "from": ALICE, "date": 1_772_600_000}
    states = {"old_chat_member": {"status": was}, "new_chat_member": {"status": now}}
    incoming = read({"update_id": 1, "my_chat_member": {**change, **states}})
    assert (incoming.kind, incoming.address) == (kind, "5001")


@pytest.mark.parametrize(
    "body",
    [
        {"update_id": 1, "message": None},
        {"update_id": 1, "poll": {}},
        {"update_id": 1, "message": {"chat": "x", "text": "hi"}},
        message(sticker={"file_id": "s"}),
        message(text=["not", "text"]),
        message(photo=[None, 3, {"file_id": 4}]),
        message(photo={"file_id": "x"}, date=10**30),
        {"update_id": 1, "callback_query": {"id": "1", "from": ALICE}},
        {"update_id": 1, "edited_message": {"chat": PRIVATE, "location": {}}},
        [],
        7,
    ],
)
def test_odd_content_is_unknown_and_never_raises(body: Any) -> None:
    assert read(body).kind is Kind.UNKNOWN


@pytest.mark.parametrize("body", ["{", "", "not json", "[" * 100_000])
def test_only_an_unreadable_body_raises(body: str) -> None:
    with pytest.raises(ValueError):
        read(body)


def test_characters_no_database_holds_are_taken_out() -> None:
    incoming = read('{"update_id":1,"message":{"chat":{"id":1},"text":"a\\u0000b\\ud800c"}}')
    assert incoming.text == "ab?c"


_FIELDS = [
    "message",
    "callback_query",
    "my_chat_member",
    "edited_message",
    "chat",
    "id",
    "from",
    "text",
    "photo",
    "voice",
    "document",
    "file_id",
    "file_size",
    "data",
    "date",
    "message_id",
    "new_chat_member",
    "old_chat_member",
    "status",
    "width",
    "height",
    "message_thread_id",
    "is_topic_message",
]
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=6)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(_ANY)
def test_no_shape_of_json_makes_it_raise(body: Any) -> None:
    read(json.dumps(body)).text.encode()
