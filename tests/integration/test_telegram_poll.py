"""How updates come in by long poll: kept before Telegram may forget them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from telegram_server import TelegramServer

from bot.channels.telegram import Telegram
from bot.channels.telegram_poll import poll
from bot.domain.errors import ChannelError, StoreError
from bot.domain.message import Button, Kind, Outgoing, Update

ALICE = 5001


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        server.person(ALICE)
        yield server
        assert server.violations == []


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[Telegram]:
    telegram = make(server)
    await telegram.start()
    yield telegram
    await telegram.close()


def make(server: TelegramServer) -> Telegram:
    return Telegram(
        server.token,
        base_url=server.base_url,
        long_poll=timedelta(seconds=1),
        patience=(0.02, 0.1),
    )


class Inbox:
    """Keeps updates as the store does: each once; ``failing`` times it cannot."""

    def __init__(self, failing: int = 0) -> None:
        self.rows: dict[str, Update] = {}
        self.failing = failing
        self.tries = 0

    async def keep(self, updates: Sequence[Update]) -> None:
        self.tries += 1
        if self.failing:
            self.failing -= 1
            raise StoreError
        for update in updates:
            self.rows.setdefault(update.external_id, update)

    def texts(self) -> list[str]:
        return [json.loads(u.body)["message"]["text"] for u in self.rows.values()]


class Polling:
    """``async with``: the poll runs; it has ended properly on leaving."""

    def __init__(self, telegram: Telegram, inbox: Inbox, **more: object) -> None:
        self.stop = asyncio.Event()
        self.telegram, self.inbox, self.more = telegram, inbox, more

    async def __aenter__(self) -> "Polling":
        running = self.telegram.poll(self.inbox.keep, stop=self.stop, **self.more)  # type: ignore[arg-type]
        self.task = asyncio.create_task(running)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, 1)


async def test_an_update_is_kept_raw_with_all_it_needs(
    server: TelegramServer, telegram: Telegram
) -> None:
    inbox = Inbox()
    async with Polling(telegram, inbox):
        server.say(ALICE, "血压 128/79")
        await server.until(lambda: inbox.rows)
    [update] = inbox.rows.values()
    assert (update.channel, update.bot) == ("telegram", "123456")
    assert update.external_id == str(json.loads(update.body)["update_id"])
    assert update.received_at.tzinfo is not None
    assert telegram.parse(update).text == "血压 128/79"


async def test_the_offset_moves_only_after_keep_has_committed(
    server: TelegramServer, telegram: Telegram
) -> None:
    inbox = Inbox(failing=3)
    server.say(ALICE, "one")
    server.say(ALICE, "two")
    async with Polling(telegram, inbox):
        await server.until(lambda: len(inbox.rows) == 2)
        before = server.made("getUpdates")[: inbox.tries]
        assert all("offset" not in call.params for call in before)
        await server.until(lambda: not server.updates)
    assert inbox.tries == 4
    assert inbox.texts() == ["one", "two"]


async def test_what_was_not_kept_comes_again_to_the_next_process(server: TelegramServer) -> None:
    server.say(ALICE, "do not lose me")
    for inbox in (Inbox(failing=10**6), Inbox()):
        telegram = make(server)
        await telegram.start()
        async with Polling(telegram, inbox):
            await server.until(lambda inbox=inbox: inbox.tries)
        await telegram.close()
    assert inbox.texts() == ["do not lose me"]


async def test_a_quiet_poll_waits_instead_of_asking_again(
    server: TelegramServer, telegram: Telegram
) -> None:
    async with Polling(telegram, Inbox()):
        await asyncio.sleep(0.5)
    assert len(server.made("getUpdates")) == 1


async def test_after_a_quiet_spell_no_stale_offset_is_sent(
    server: TelegramServer, telegram: Telegram
) -> None:
    inbox = Inbox()
    async with Polling(telegram, inbox):
        server.say(ALICE, "before the holidays")
        await server.until(lambda: [c for c in server.made("getUpdates") if c.result == []])
        server.raw({"update_id": 5, "message": {"text": "after, numbered anew"}})
        await server.until(lambda: len(inbox.rows) == 2)


@pytest.mark.parametrize(
    "odd",
    [
        {"message": {"chat": 7, "text": ["?"]}},
        {"something_of_next_year": {"deep": [1, 2]}},
        '{"update_id": 900002, "message": {"text": "cut o',
        '{"update_id": 900002, "message": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"update_id": 900002, "message": {"text": "\\u0000\\ud800"}}',
    ],
    ids=["odd", "new", "broken", "deep", "surrogate"],
)
async def test_an_update_nobody_can_parse_does_not_block_those_behind_it(
    server: TelegramServer, telegram: Telegram, odd: str
) -> None:
    inbox = Inbox()
    server.say(ALICE, "before")
    number = server.raw(odd)
    server.say(ALICE, "behind")
    async with Polling(telegram, inbox):
        await server.until(lambda: len(inbox.rows) == 3)
        await server.until(lambda: not server.updates)
    assert str(number) in inbox.rows
    behind = list(inbox.rows.values())[-1]
    assert telegram.parse(behind).text == "behind"
    inbox.rows[str(number)].body.encode()


async def test_errors_are_waited_out(server: TelegramServer, telegram: Telegram) -> None:
    server.fault("getUpdates", status=502, body=b"<html>", times=2)
    server.fault("getUpdates", drop=True)
    server.fault("getUpdates", status=200, body=b"{}")
    server.fault("getUpdates", status=401, description="Unauthorized")
    server.fault("getUpdates", status=429, parameters={"retry_after": 1})
    inbox = Inbox()
    server.say(ALICE, "still here")
    async with Polling(telegram, inbox):
        await server.until(lambda: inbox.rows)
    waited = server.made("getUpdates")
    assert waited[6].at - waited[5].at >= 1


async def test_an_outage_of_telegram_is_outlived(
    server: TelegramServer, telegram: Telegram
) -> None:
    inbox = Inbox()
    async with Polling(telegram, inbox):
        await server.until(lambda: server.made("getUpdates"))
        server.stop()
        await asyncio.sleep(0.2)
        server.start()
        server.say(ALICE, "back again")
        await server.until(lambda: inbox.rows)


async def test_a_webhook_in_the_way_is_waited_for_and_not_died_of(
    server: TelegramServer, telegram: Telegram
) -> None:
    await telegram.set_webhook("http://127.0.0.1:9/telegram", "a-secret-of-16-chars")
    inbox = Inbox()
    server.say(ALICE, "patience")
    async with Polling(telegram, inbox):
        await server.until(lambda: len(server.made("getUpdates")) >= 3)
        assert {call.status for call in server.made("getUpdates")[:3]} == {409}
        await telegram.delete_webhook()
        await server.until(lambda: inbox.rows)


async def test_two_pollers_of_one_bot_lose_nothing(server: TelegramServer) -> None:
    one, two = make(server), make(server)
    await one.start()
    await two.start()
    inbox = Inbox()
    async with Polling(one, inbox), Polling(two, inbox):
        for number in range(10):
            server.say(ALICE, str(number))
            await asyncio.sleep(0.02)
        await server.until(lambda: len(inbox.rows) == 10)
        await server.until(lambda: any(c.status == 409 for c in server.made("getUpdates")))
    assert inbox.texts() == [str(number) for number in range(10)]
    await one.close()
    await two.close()


async def test_who_has_not_the_lead_does_not_poll(
    server: TelegramServer, telegram: Telegram
) -> None:
    lead = False

    async def may_poll() -> bool:
        return lead

    async with Polling(telegram, Inbox(), may_poll=may_poll):
        await asyncio.sleep(0.2)
        assert server.made("getUpdates") == []
        lead = True
        await server.until(lambda: server.made("getUpdates"))


async def test_a_tap_is_kept_and_answered_at_once(
    server: TelegramServer, telegram: Telegram
) -> None:
    buttons = ((Button(label="Taken", data="d:1:t"),),)
    await telegram.send(Outgoing(address=str(ALICE), text="Taken?", buttons=buttons))
    inbox = Inbox()
    async with Polling(telegram, inbox):
        tap = server.tap(server.messages(ALICE)[0], "d:1:t")
        await server.until(lambda: tap in server.answered)
    [update] = inbox.rows.values()
    incoming = telegram.parse(update)
    assert (incoming.kind, incoming.data, incoming.tap_id) == (Kind.TAP, "d:1:t", tap)


async def test_a_double_tap_is_two_updates_that_say_the_same(
    server: TelegramServer, telegram: Telegram
) -> None:
    buttons = ((Button(label="Taken", data="d:1:t"),),)
    await telegram.send(Outgoing(address=str(ALICE), text="Taken?", buttons=buttons))
    inbox = Inbox()
    async with Polling(telegram, inbox):
        taps = [server.tap(server.messages(ALICE)[0], "d:1:t") for _ in range(2)]
        await server.until(lambda: set(taps) <= set(server.answered))
        first, second = (telegram.parse(u) for u in inbox.rows.values())
        assert (first.address, first.message_id, first.data) == (
            second.address,
            second.message_id,
            second.data,
        )
        # A redelivered tap, answered before: Telegram says no, and nothing comes of it.
        telegram.answer_taps(list(inbox.rows.values()))
        await server.until(lambda: len(server.made("answerCallbackQuery")) == 4)
    assert [call.status for call in server.made("answerCallbackQuery")[2:]] == [400, 400]


async def test_a_tap_that_cannot_be_kept_is_not_answered(
    server: TelegramServer, telegram: Telegram
) -> None:
    buttons = ((Button(label="Taken", data="d:1:t"),),)
    await telegram.send(Outgoing(address=str(ALICE), text="Taken?", buttons=buttons))
    inbox = Inbox(failing=10**6)
    async with Polling(telegram, inbox):
        server.tap(server.messages(ALICE)[0], "d:1:t")
        await server.until(lambda: inbox.tries >= 2)
    assert server.made("answerCallbackQuery") == []


async def test_what_people_do_arrives_as_its_kind(
    server: TelegramServer, telegram: Telegram
) -> None:
    inbox = Inbox()
    server.group(-77)
    said = server.say(ALICE, "/start c0de")
    server.edit(said, "/start code")
    server.photo(ALICE, b"jpeg", "my foot")
    server.voice(ALICE, b"OggS")
    server.document(ALICE, b"%PDF")
    server.blocked(ALICE)
    server.joined(ALICE)
    server.migrate(-77)
    async with Polling(telegram, inbox):
        await server.until(lambda: len(inbox.rows) == 9)
    kinds = [telegram.parse(update).kind for update in inbox.rows.values()]
    assert kinds == [
        Kind.COMMAND,
        Kind.EDITED,
        Kind.PHOTO,
        Kind.VOICE,
        Kind.FILE,
        Kind.BLOCKED,
        Kind.UNBLOCKED,
        Kind.GROUP_MOVED,
        Kind.GROUP_MOVED,
    ]


async def test_a_burst_of_a_thousand_messages_is_kept_in_order(
    server: TelegramServer, telegram: Telegram
) -> None:
    for number in range(1000):
        server.say(ALICE, str(number))
    inbox = Inbox()
    async with Polling(telegram, inbox):
        await server.until(lambda: len(inbox.rows) == 1000)
    assert inbox.texts() == [str(number) for number in range(1000)]
    assert inbox.tries == 10


async def test_stop_ends_a_long_poll_at_once(server: TelegramServer) -> None:
    telegram = Telegram(server.token, base_url=server.base_url)
    await telegram.start()
    async with Polling(telegram, Inbox()):
        await server.until(lambda: server.made("getUpdates"))
        assert server.made("getUpdates")[0].params["timeout"] == "25"
    await telegram.close()


async def test_only_what_is_read_is_asked_for(server: TelegramServer, telegram: Telegram) -> None:
    async with Polling(telegram, Inbox()):
        await server.until(lambda: server.made("getUpdates"))
    assert server.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]


async def test_that_telegram_was_heard_is_noted_after_an_answer_and_not_after_a_failure() -> None:
    stop, noted, answers = asyncio.Event(), [], ["down", "down", "empty", "down", "empty"]

    async def fetch(offset: int | None, limit: int) -> bytes:
        if not answers:
            stop.set()
            await asyncio.sleep(60)
        if answers.pop(0) == "down":
            raise ChannelError("no network")
        return b'{"ok": true, "result": []}'

    async def heard() -> None:
        noted.append(len(answers))

    await poll(
        fetch, Inbox().keep, bot="42", stop=stop, may_poll=None, seen=lambda updates: None,
        heard=heard, patience=(0.001, 0.002),
    )  # fmt: skip
    assert noted == [2, 0]
