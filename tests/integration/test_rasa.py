"""The house as a Rasa action server, called as Rasa calls it: over HTTP, with a tracker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import zlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.channels import rasa_server
from bot.domain.errors import SettingsError, StoreError
from bot.domain.message import Button
from bot.ports.rasa import RasaActions, RasaReply, RiskStep

DOMAIN = yaml.safe_load(Path("docker/rasa/domain.yml").read_text("utf-8"))
TOKEN = "correct-horse-battery-staple"
CANARY = "kingfisher-7731"
YES_NO = (Button(label="Yes", data="r:yes"), Button(label="No", data="r:no"))
QUESTIONS = {
    "age": RasaReply(text="How old are you, in years?"),
    "smoker": RasaReply(text="Do you smoke?", buttons=YES_NO),
}


class House:
    """The use cases as a small machine that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def actions(self) -> RasaActions:
        return RasaActions(
            turn=self.turn,
            tap=self.tap,
            observe=self.observe,
            risk_begin=self.risk_begin,
            risk_answer=self.risk_answer,
            escalate=self.escalate,
        )

    async def turn(self, sender: str, text: str, message: str) -> list[RasaReply]:
        self.told.append(("turn", sender, text, message))
        if CANARY in text:
            raise StoreError(f"no row for {text}")
        return [RasaReply(text="您好！"), RasaReply(text="May I ask more?", buttons=YES_NO)]

    async def tap(self, sender: str, data: str, message: str) -> list[RasaReply]:
        self.told.append(("tap", sender, data, message))
        return [RasaReply(text="Thank you.")]

    async def observe(self, sender: str, text: str, message: str) -> str:
        self.told.append(("observe", sender, text, message))
        return "I noted 132/84 mmHg."

    async def escalate(self, sender: str, text: str, message: str) -> str:
        self.told.append(("escalate", sender, text, message))
        return "I passed it on to your nurse."

    async def risk_begin(self, sender: str, text: str, message: str) -> RiskStep:
        self.told.append(("risk_begin", sender, text, message))
        return RiskStep(form={"have": {}, "ask": "age"}, replies=[QUESTIONS["age"]])

    async def risk_answer(
        self, sender: str, form: Mapping[str, Any], text: str, message: str
    ) -> RiskStep:
        self.told.append(("risk_answer", sender, text, message))
        if text == "my chest hurts":
            return RiskStep(replies=[RasaReply(text="Call 112 now.")], finished=True, urgent=True)
        if form["ask"] == "age" and not text.isdigit():
            again = RasaReply(text="A number from 30 to 79, please.")
            return RiskStep(form=form, replies=[again])
        have = {**form["have"], form["ask"]: text}
        if "smoker" not in have:
            return RiskStep(form={"have": have, "ask": "smoker"}, replies=[QUESTIONS["smoker"]])
        return RiskStep(replies=[RasaReply(text=f"With {have}: 4 in 100.")], finished=True)


class Rasa:
    """As much of Rasa's side as a custom action sees: slots, events, the loop and its form."""

    def __init__(self, http: httpx.AsyncClient, sender: str = "alice") -> None:
        self.http = http
        self.sender = sender
        self.slots: dict[str, Any] = dict.fromkeys([*DOMAIN["slots"], "requested_slot"])
        self.events: list[dict[str, Any]] = []
        self.active_loop: dict[str, Any] = {}
        self.latest: dict[str, Any] = {}
        self.said: list[dict[str, Any]] = []
        self.count = 0

    def user(self, text: str, intent: str = "ankang_message", **entities: str) -> None:
        self.count += 1
        self.latest = {
            "intent": {"name": intent, "confidence": 0.98},
            "text": text,
            "message_id": f"m{self.count}",
            "metadata": {},
            "intent_ranking": [],
            "entities": [
                {"entity": name, "value": v, "start": 0, "end": 1} for name, v in entities.items()
            ],
        }
        self.events += [
            {"event": "action", "timestamp": 1.0, "name": "action_listen"},
            {
                "event": "user",
                "timestamp": 1700000000.5 + self.count,
                "text": text,
                "parse_data": self.latest,
                "input_channel": "rest",
                "message_id": f"m{self.count}",
                "metadata": {},
            },
        ]

    def call(self, action: str) -> dict[str, Any]:
        return {
            "version": "3.21.1",
            "next_action": action,
            "sender_id": self.sender,
            "domain": DOMAIN,
            "tracker": {
                "sender_id": self.sender,
                "slots": self.slots,
                "latest_message": self.latest,
                "latest_event_time": 1700000000.5,
                "followup_action": None,
                "paused": False,
                "events": self.events,
                "latest_input_channel": "rest",
                "active_loop": self.active_loop,
                "latest_action": {"action_name": "action_listen"},
                "latest_action_name": "action_listen",
            },
        }

    async def run(self, action: str) -> list[dict[str, Any]]:
        answer = await self.http.post("/webhook", json=self.call(action))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert set(body) == {"events", "responses"}
        self.said += body["responses"]
        for event in body["events"]:
            assert event["event"] == "slot"
            assert event["name"] in self.slots, "Rasa refuses slots its domain does not know"
            self.slots[event["name"]] = event["value"]
            self.events.append(event)
        return body["events"]

    async def form(self) -> None:
        """One round of Rasa's FormAction: extract, validate, ask for what is requested."""
        name = "ankang_risk_form"
        if self.active_loop:
            self.events.append({"event": "action", "timestamp": 2.0, "name": name})
            slot = {
                "event": "slot",
                "timestamp": 2.1,
                "name": self.slots["requested_slot"],
                "value": self.latest["text"],
            }
            self.events.append(slot)
            self.slots[slot["name"]] = slot["value"]
        changed = await self.run(f"validate_{name}")
        self.active_loop = {"name": name, "is_interrupted": False, "rejected": False}
        asked = [e["value"] for e in changed if e["name"] == "requested_slot"]
        if asked and asked[-1] is None:
            self.active_loop = {}
            return
        wanted = (
            asked[-1]
            if asked
            else next(
                (s for s in DOMAIN["forms"][name]["required_slots"] if self.slots[s] is None), None
            )
        )
        assert wanted is not None
        self.slots["requested_slot"] = wanted
        await self.run(f"action_ask_{wanted}")

    @property
    def texts(self) -> list[str]:
        said, self.said = [r["text"] for r in self.said], []
        return said


@contextlib.asynccontextmanager
async def serving(house: House, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """The real server on a real port, stopped afterwards."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = rasa_server.server(house.actions(), host="127.0.0.1", port=port, token=token)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as http:
            yield http
    finally:
        server.should_exit = True
        await task
        listening.close()


@pytest.fixture
async def house() -> House:
    return House()


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(house, TOKEN) as client:
        yield client


@pytest.fixture
def rasa(http: httpx.AsyncClient) -> Rasa:
    return Rasa(http)


async def test_a_message_gets_the_words_of_the_house_in_rasas_own_format(house, rasa):
    rasa.user("我头有点晕")
    assert await rasa.run("action_ankang_turn") == []
    assert house.told == [("turn", "alice", "我头有点晕", "m1")]
    first, second = rasa.said
    assert first == {
        "text": "您好！",
        "buttons": [],
        "elements": [],
        "custom": {},
        "template": None,
        "response": None,
        "image": None,
        "attachment": None,
    }
    tap = '/ankang_tap{"ankang_data": "r:yes"}'
    assert second["buttons"][0] == {"title": "Yes", "payload": tap}


async def test_a_pressed_button_arrives_as_a_tap(house, rasa):
    rasa.user('/ankang_tap{"ankang_data": "r:yes"}', "ankang_tap", ankang_data="r:yes")
    await rasa.run("action_ankang_turn")
    assert house.told == [("tap", "alice", "r:yes", "m1")]
    assert rasa.texts == ["Thank you."]


async def test_a_repeated_call_carries_the_same_message_id_even_without_rasas_own(house, rasa):
    rasa.user("hello")
    del rasa.latest["message_id"], rasa.events[-1]["message_id"]
    await rasa.run("action_ankang_turn")
    await rasa.run("action_ankang_turn")
    rasa.user("hello")
    del rasa.latest["message_id"], rasa.events[-1]["message_id"]
    await rasa.run("action_ankang_turn")
    first, second, third = [told[3] for told in house.told]
    assert first == second != third


async def test_a_reading_is_kept_and_read_back(house, rasa):
    rasa.user("132/84")
    await rasa.run("action_ankang_log_observation")
    assert house.told == [("observe", "alice", "132/84", "m1")]
    assert rasa.texts == ["I noted 132/84 mmHg."]


async def test_an_escalation_reaches_the_house(house, rasa):
    rasa.user("I want a person")
    await rasa.run("action_ankang_escalate")
    assert house.told == [("escalate", "alice", "I want a person", "m1")]
    assert rasa.texts == ["I passed it on to your nurse."]


async def test_the_risk_form_asks_one_question_at_a_time_and_says_the_result(house, rasa):
    rasa.user("What is my risk of a heart attack?", "ankang_ask_risk")
    await rasa.form()
    assert rasa.texts == ["How old are you, in years?"]
    rasa.user("quite old")
    await rasa.form()
    assert rasa.texts == ["A number from 30 to 79, please."]
    rasa.user("64")
    await rasa.form()
    assert rasa.said[0]["buttons"][1]["title"] == "No"
    assert rasa.texts == ["Do you smoke?"]
    rasa.user('/ankang_tap{"ankang_data": "r:no"}', "ankang_tap", ankang_data="r:no")
    await rasa.form()
    assert rasa.active_loop == {}
    assert rasa.texts == []
    await rasa.run("action_ankang_risk_result")
    assert rasa.texts == ["With {'age': '64', 'smoker': 'r:no'}: 4 in 100."]
    assert rasa.slots["ankang_risk_state"] is None
    assert [told[0] for told in house.told] == ["risk_begin"] + ["risk_answer"] * 3


async def test_an_emergency_in_the_form_is_answered_at_once_and_only_once(rasa):
    rasa.user("my heart risk?", "ankang_ask_risk")
    await rasa.form()
    rasa.said.clear()
    rasa.user("my chest hurts")
    await rasa.form()
    assert rasa.texts == ["Call 112 now."]
    assert rasa.active_loop == {}
    await rasa.run("action_ankang_risk_result")
    assert rasa.texts == []


async def test_a_form_left_half_way_does_not_leak_into_the_next_one(house, rasa):
    rasa.user("my heart risk?", "ankang_ask_risk")
    await rasa.form()
    rasa.user("64")
    await rasa.form()
    rasa.active_loop = {}
    rasa.said.clear()
    rasa.user("my heart risk?", "ankang_ask_risk")
    await rasa.form()
    assert rasa.texts == ["How old are you, in years?"]


@pytest.mark.parametrize("state", ["x", 7, [], {"form": "no"}, {"words": []}])
async def test_a_state_nobody_wrote_begins_the_form_anew(house, rasa, state):
    rasa.active_loop = {"name": "ankang_risk_form"}
    rasa.slots["ankang_risk_state"] = state
    rasa.slots["requested_slot"] = "ankang_risk_answer"
    rasa.user("64")
    await rasa.form()
    assert rasa.texts == ["How old are you, in years?"]


async def test_an_error_answers_nothing_of_what_was_asked_and_logs_no_word(rasa, http, caplog):
    caplog.set_level(logging.DEBUG)
    rasa.user(f"my password is {CANARY}")
    answer = await http.post("/webhook", json=rasa.call("action_ankang_turn"))
    assert answer.status_code == 500
    assert answer.json() == {"error": "The action failed."}
    ours = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore", "asyncio"))]
    assert any("action_ankang_turn failed: StoreError" in r.getMessage() for r in ours)
    assert CANARY not in caplog.text


async def test_an_unknown_action_is_404_and_a_missing_domain_449_as_rasa_expects(rasa, http):
    rasa.user("hello")
    answer = await http.post("/webhook", json=rasa.call("action_other"))
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_other"
    call = {**rasa.call("action_ankang_turn"), "domain": None, "domain_digest": "never seen"}
    assert (await http.post("/webhook", json=call)).status_code == 449


async def test_a_deflated_call_is_understood_and_an_endless_one_is_not(rasa, http):
    rasa.user("hello")
    headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
    packed = zlib.compress(json.dumps(rasa.call("action_ankang_turn")).encode())
    assert (await http.post("/webhook", content=packed, headers=headers)).status_code == 200
    bomb = zlib.compress(b" " * 50_000_000)
    assert (await http.post("/webhook", content=bomb, headers=headers)).status_code == 413
    huge = b" " * (rasa_server.MAX_BYTES + 1)
    headers = {"Content-Type": "application/json"}
    assert (await http.post("/webhook", content=huge, headers=headers)).status_code == 413


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_call_is_refused(http, body):
    headers = {"Content-Type": "application/json"}
    answer = await http.post("/webhook", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid body request"})


@pytest.mark.parametrize("path", ["/webhook", "/actions"])
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe9"])
async def test_without_the_right_token_nothing_is_done(house, http, rasa, path, header):
    rasa.user("hello")
    method = "POST" if path == "/webhook" else "GET"
    answer = await http.request(
        method,
        path,
        json=rasa.call("action_ankang_turn"),
        headers=[("Authorization", header.encode("latin-1"))],
    )
    assert answer.status_code == 401
    assert house.told == []


async def test_health_needs_no_token_and_tells_nothing(http):
    answer = await http.get("/health", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_web_page_cannot_call_it(house):
    async with serving(house) as http:
        asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = await http.options("/webhook", headers=asks)
        assert not [name for name in answer.headers if name.startswith("access-control")]
        simple = {"Content-Type": "text/plain", "Origin": "https://evil.example"}
        assert (await http.post("/webhook", content=b"{}", headers=simple)).status_code == 415
        rebound = {"Host": "evil.example", "Content-Type": "application/json"}
        assert (await http.post("/webhook", content=b"{}", headers=rebound)).status_code == 400
        named = {"Host": "[::1]:5055"}
        assert (await http.get("/health", headers=named)).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "rasa.clinic.example", ""])
def test_it_refuses_to_be_reachable_without_a_token(host):
    with pytest.raises(SettingsError, match="ANKANG_RASA_TOKEN"):
        rasa_server.server(House().actions(), host=host, port=5055)


def test_a_short_token_is_refused():
    with pytest.raises(SettingsError, match="16 characters"):
        rasa_server.server(House().actions(), host="0.0.0.0", port=5055, token="secret")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_it_starts_without_a_token(host):
    assert rasa_server.server(House().actions(), host=host, port=5055).config.host == host
