"""What goes out to Telegram, over real HTTP, and what each refusal becomes."""

import logging
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from telegram_server import TelegramServer

from bot.channels.telegram import Telegram
from bot.domain.errors import (
    ChannelError,
    ChatMoved,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SettingsError,
    ThreadGone,
    Unreachable,
)
from bot.domain.message import Attachment, Button, Outgoing

ALICE, WARD = 5001, -1001234
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
CHOICES = ((Button(label="Taken", data="d:8f3k:t"), Button(label="Later", data="d:8f3k:l")),)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        server.person(ALICE)
        server.group(WARD, forum=True)
        yield server
        assert server.violations == []


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[Telegram]:
    telegram = Telegram(
        server.token, base_url=server.base_url, answer_within=timedelta(seconds=0.5)
    )
    await telegram.start()
    yield telegram
    await telegram.close()


def to_alice(text: str = "Good morning", **more: Any) -> Outgoing:
    return Outgoing(address=str(ALICE), text=text, **more)


async def test_start_learns_who_the_bot_is(telegram: Telegram) -> None:
    assert (telegram.bot, telegram.username) == ("123456", "ankang_test_bot")


async def test_a_wrong_token_stops_the_start(server: TelegramServer) -> None:
    telegram = Telegram("123456:wrong", base_url=server.base_url)
    with pytest.raises(SettingsError) as raised:
        await telegram.start()
    assert "wrong" not in repr(raised.value)
    await telegram.close()


async def test_a_message_arrives_with_its_buttons(
    server: TelegramServer, telegram: Telegram
) -> None:
    receipt = await telegram.send(to_alice("*5* < 7 _mmol_", buttons=CHOICES, protect=True))
    [message] = server.messages(ALICE)
    assert message["text"] == "*5* < 7 _mmol_"
    assert receipt.message_id == str(message["message_id"])
    assert message["has_protected_content"] is True
    [row] = message["reply_markup"]["inline_keyboard"]
    assert [button["callback_data"] for button in row] == ["d:8f3k:t", "d:8f3k:l"]
    [call] = server.made("sendMessage")
    assert "parse_mode" not in call.params


async def test_a_quiet_message_is_sent_silently(server: TelegramServer, telegram: Telegram) -> None:
    await telegram.send(to_alice(silent=True))
    assert server.made("sendMessage")[0].params["disable_notification"] == "true"


async def test_a_picture_carries_its_words_as_caption(
    server: TelegramServer, telegram: Telegram
) -> None:
    await telegram.send(to_alice("Your week", picture=PNG))
    [message] = server.messages(ALICE)
    assert message["caption"] == "Your week"
    assert len(message["photo"]) == 2


async def test_a_caption_too_long_follows_its_picture(
    server: TelegramServer, telegram: Telegram
) -> None:
    receipt = await telegram.send(to_alice("word " * 300, picture=PNG, buttons=CHOICES))
    picture, words = server.messages(ALICE)
    assert "caption" not in picture and "reply_markup" not in picture
    assert "reply_markup" in words
    assert receipt.message_id == str(words["message_id"])


async def test_a_long_text_goes_out_in_pieces_with_buttons_under_the_last(
    server: TelegramServer, telegram: Telegram
) -> None:
    text = "\n\n".join(f"{n}. " + "饭后散步十分钟。" * 200 for n in range(4))
    receipt = await telegram.send(to_alice(text, buttons=CHOICES))
    messages = server.messages(ALICE)
    assert "\n\n".join(m["text"] for m in messages) == text
    assert len(messages) == 2
    assert ["reply_markup" in m for m in messages] == [False, True]
    assert receipt.message_id == str(messages[-1]["message_id"])


async def test_a_lost_later_piece_leaves_the_outcome_unknown(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.fault("sendMessage", delay=0.0)
    server.fault("sendMessage", status=429, parameters={"retry_after": 3})
    with pytest.raises(OutcomeUnknown):
        await telegram.send(to_alice("word " * 1000))
    assert len(server.messages(ALICE)) == 1


async def test_an_edit_changes_words_and_takes_buttons_away(
    server: TelegramServer, telegram: Telegram
) -> None:
    receipt = await telegram.send(to_alice("Taken?", buttons=CHOICES))
    again = await telegram.send(to_alice("Taken at 08:03", edit=receipt.message_id))
    [message] = server.messages(ALICE)
    assert again == receipt
    assert message["text"] == "Taken at 08:03"
    assert "reply_markup" not in message


async def test_an_edit_that_changes_nothing_is_a_success(
    server: TelegramServer, telegram: Telegram
) -> None:
    receipt = await telegram.send(to_alice("Taken?", buttons=CHOICES))
    edit = to_alice("Taken?", buttons=CHOICES, edit=receipt.message_id)
    assert await telegram.send(edit) == receipt
    assert server.made("editMessageText")[0].status == 400


async def test_an_edit_of_a_picture_changes_its_caption(
    server: TelegramServer, telegram: Telegram
) -> None:
    receipt = await telegram.send(to_alice("Your week", picture=PNG))
    await telegram.send(to_alice("Your week, seen", edit=receipt.message_id))
    assert server.messages(ALICE)[0]["caption"] == "Your week, seen"


async def test_an_edit_of_a_deleted_message_is_refused(telegram: Telegram) -> None:
    with pytest.raises(Refused):
        await telegram.send(to_alice(edit="31337"))


async def test_a_person_who_blocked_the_bot_is_unreachable(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.blocked(ALICE)
    with pytest.raises(Unreachable) as raised:
        await telegram.send(to_alice())
    assert raised.value.permanent
    server.joined(ALICE)
    await telegram.send(to_alice())


async def test_a_chat_that_never_was_is_unreachable(telegram: Telegram) -> None:
    with pytest.raises(Unreachable):
        await telegram.send(Outgoing(address="99", text="hello"))


async def test_a_group_that_moved_gives_its_new_address(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.group(-77)
    new = server.migrate(-77)
    with pytest.raises(ChatMoved) as raised:
        await telegram.send(Outgoing(address="-77", text="card"))
    assert raised.value.new_address == str(new)
    await telegram.send(Outgoing(address=raised.value.new_address, text="card"))
    assert len(server.messages(new)) == 1


async def test_a_topic_is_made_written_to_and_missed_when_deleted(
    server: TelegramServer, telegram: Telegram
) -> None:
    thread = await telegram.create_topic(str(WARD), "患者 A.L. " * 30)
    card = Outgoing(address=str(WARD), text="card", thread=thread)
    await telegram.send(card)
    assert server.messages(WARD)[0]["message_thread_id"] == int(thread)
    server.delete_topic(WARD, int(thread))
    with pytest.raises(ThreadGone) as raised:
        await telegram.send(card)
    assert not raised.value.permanent


async def test_the_general_topic_is_written_to_without_a_thread(
    server: TelegramServer, telegram: Telegram
) -> None:
    await telegram.send(Outgoing(address=str(WARD), text="card", thread="1"))
    assert "message_thread_id" not in server.made("sendMessage")[0].params


async def test_a_rate_limit_says_how_long_and_is_taken_for_the_whole_bot(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.fault("sendMessage", status=429, parameters={"retry_after": 7})
    with pytest.raises(RateLimited) as raised:
        await telegram.send(to_alice())
    assert raised.value.wait == timedelta(seconds=7)
    assert raised.value.whole_bot
    assert server.messages(ALICE) == []


async def test_a_rate_limit_after_many_cards_is_taken_for_the_group(
    server: TelegramServer, telegram: Telegram
) -> None:
    from telegram_server.limits import Limits

    server.limits = Limits()
    card = Outgoing(address=str(WARD), text="card")
    with pytest.raises(RateLimited) as raised:
        for _ in range(21):
            await telegram.send(card)
    assert len(server.messages(WARD)) == 20
    assert not raised.value.whole_bot
    await telegram.send(to_alice())


async def test_a_refused_button_is_permanent_and_its_words_are_not_told(
    server: TelegramServer, telegram: Telegram
) -> None:
    with pytest.raises(Refused) as raised:
        await telegram.send(to_alice(buttons=((Button(label="x", data="d" * 65),),)))
    assert raised.value.permanent
    server.violations.clear()  # the 65 bytes, seen by the check as well
    server.fault("sendMessage", status=400, description="Bad Request: button 'chest pain' is bad")
    with pytest.raises(Refused) as raised:
        await telegram.send(to_alice())
    assert "chest pain" not in str(raised.value)


async def test_a_socket_dropped_after_the_effect_leaves_the_outcome_unknown(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.fault("sendMessage", drop=True, after=True)
    with pytest.raises(OutcomeUnknown) as raised:
        await telegram.send(to_alice())
    assert not raised.value.permanent
    assert len(server.messages(ALICE)) == 1


async def test_an_answer_too_late_leaves_the_outcome_unknown(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.fault("sendMessage", delay=0.8)
    with pytest.raises(OutcomeUnknown):
        await telegram.send(to_alice())
    await server.until(lambda: server.messages(ALICE))


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_server_error_leaves_the_outcome_unknown(
    server: TelegramServer, telegram: Telegram, status: int
) -> None:
    server.fault("sendMessage", status=status, body=b"<html>Bad Gateway</html>")
    with pytest.raises(OutcomeUnknown):
        await telegram.send(to_alice())


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}"])
async def test_a_garbled_answer_leaves_the_outcome_unknown(
    server: TelegramServer, telegram: Telegram, body: bytes
) -> None:
    server.fault("sendMessage", status=200, body=body)
    with pytest.raises(OutcomeUnknown):
        await telegram.send(to_alice())
    assert len(server.messages(ALICE)) == 1


async def test_nobody_listening_means_certainly_not_sent(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.stop()
    with pytest.raises(ChannelError) as raised:
        await telegram.send(to_alice())
    assert type(raised.value) is ChannelError
    assert not raised.value.permanent
    server.start()
    await telegram.send(to_alice())
    assert len(server.messages(ALICE)) == 1


async def test_a_token_withdrawn_later_does_not_condemn_the_message(
    server: TelegramServer, telegram: Telegram
) -> None:
    server.fault("sendMessage", status=401, description="Unauthorized")
    with pytest.raises(ChannelError) as raised:
        await telegram.send(to_alice())
    assert not raised.value.permanent


async def test_a_picture_too_large_is_refused(server: TelegramServer, telegram: Telegram) -> None:
    with pytest.raises(Refused):
        await telegram.send(to_alice(picture=b"0" * (10 * 2**20 + 1)))
    assert server.made("sendPhoto") == []


async def test_an_address_that_is_no_number_is_refused(telegram: Telegram) -> None:
    with pytest.raises(Refused):
        await telegram.send(Outgoing(address="alice", text="hello"))


async def test_a_file_is_fetched(server: TelegramServer, telegram: Telegram) -> None:
    voice = server.voice(ALICE, b"OggS" * 100)["voice"]
    attachment = Attachment(reference=voice["file_id"], media_type="audio/ogg")
    assert await telegram.fetch(attachment) == b"OggS" * 100


async def test_a_file_too_large_or_gone_is_refused(
    server: TelegramServer, telegram: Telegram
) -> None:
    big = Attachment(reference="any", media_type="video/mp4", size=20 * 2**20 + 1)
    with pytest.raises(Refused):
        await telegram.fetch(big)
    assert server.made("getFile") == []
    kept = server.keep_file(b"0" * (20 * 2**20 + 1), "videos/big.mp4")
    for reference in (kept["file_id"], "gone"):
        with pytest.raises(Refused):
            await telegram.fetch(Attachment(reference=reference, media_type="video/mp4"))


async def test_a_fetch_cut_off_can_be_tried_again(
    server: TelegramServer, telegram: Telegram
) -> None:
    document = server.document(ALICE, b"%PDF")["document"]
    server.fault("getFile", drop=True)
    attachment = Attachment(reference=document["file_id"], media_type="application/pdf")
    with pytest.raises(ChannelError) as raised:
        await telegram.fetch(attachment)
    assert type(raised.value) is ChannelError
    assert await telegram.fetch(attachment) == b"%PDF"


async def test_typing_never_fails(server: TelegramServer, telegram: Telegram) -> None:
    await telegram.typing(str(ALICE))
    assert server.made("sendChatAction")[0].params["action"] == "typing"
    await telegram.typing("99")
    await telegram.typing("nobody")


async def test_each_language_has_its_menu(server: TelegramServer, telegram: Telegram) -> None:
    await telegram.set_commands({"": [("help", "What I can do")], "zh": [("help", "我能做什么")]})
    menus = {lang: menu[0]["description"] for (_, lang), menu in server.commands.items()}
    assert menus == {"": "What I can do", "zh": "我能做什么"}


async def test_a_late_answer_to_a_tap_is_harmless(
    server: TelegramServer, telegram: Telegram
) -> None:
    receipt = await telegram.send(to_alice(buttons=CHOICES))
    [message] = server.messages(ALICE)
    tap = server.tap(message, "d:8f3k:t")
    server.methods.tap_lifetime = 0.0
    await telegram.answer_tap(tap, "Noted")
    assert server.made("answerCallbackQuery")[0].status == 400
    assert receipt.message_id == str(message["message_id"])


async def test_neither_token_nor_words_ever_reach_the_log(
    server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = server.token.partition(":")[2]
    telegram = Telegram(
        server.token, base_url=server.base_url, answer_within=timedelta(seconds=0.5)
    )
    await telegram.start()
    await telegram.send(to_alice("canary-4711"))
    server.fault("sendMessage", status=200, body=b"canary-4711")
    server.fault("sendMessage", status=502, body=b"canary-4711")
    server.fault("sendMessage", drop=True)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            await telegram.send(to_alice("canary-4711"))
    await telegram.fetch(
        Attachment(reference=server.keep_file(b"1", "a/b")["file_id"], media_type="a/b")
    )
    await telegram.answer_tap("1", "canary-4711")
    await telegram.close()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = Telegram(server.token, base_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(ChannelError) as raised:
            await dead.start()
        await dead.close()
    assert caplog.records, "something must have been logged for this test to mean anything"
    assert secret not in caplog.text and secret not in repr(raised.value.__cause__)
    assert "canary-4711" not in caplog.text
