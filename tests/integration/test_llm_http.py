"""The language model over real HTTP: good answers, and every way of not getting one."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest
from scripted_llm import (
    Reply,
    ScriptedLLM,
    broken,
    dripping,
    dropped,
    empty,
    long,
    redirected,
    refused,
    says,
    slow,
)

from bot.domain.errors import ModelError, SettingsError
from bot.llm.langchain import MAX_ANSWER, LangChainModel

CANARY = "kingfisher-7731"


@pytest.fixture
async def llm():
    async with ScriptedLLM() as server:
        yield server


def ask_openai(llm: ScriptedLLM, timeout: float = 5.0) -> LangChainModel:
    return LangChainModel("openai:scripted", base_url=llm.base_url, api_key="k", timeout=timeout)


def ask_ollama(llm: ScriptedLLM, timeout: float = 5.0) -> LangChainModel:
    return LangChainModel("ollama:scripted", base_url=llm.origin, timeout=timeout)


both = pytest.mark.parametrize("ask", [ask_openai, ask_ollama])


@both
async def test_a_draft_comes_back_as_it_was_written(llm, ask):
    llm.script = [says("您昨天说膝盖疼。\n今天好些了吗？")]
    assert await ask(llm).reply("the rules", "我膝盖疼") == "您昨天说膝盖疼。\n今天好些了吗？"
    [asked] = llm.asked
    assert [(m["role"], m["content"]) for m in asked.messages] == [
        ("system", "the rules"),
        ("user", "我膝盖疼"),
    ]


@both
async def test_the_key_travels_as_a_bearer_token(llm, ask):
    model = LangChainModel(
        ask(llm).name, base_url=llm.base_url if ask is ask_openai else llm.origin, api_key="s3cret"
    )
    await model.reply("", "hello")
    assert llm.asked[0].headers["authorization"] == "Bearer s3cret"


@both
@pytest.mark.parametrize(
    "fault",
    [
        broken(),
        empty(),
        dropped(),
        refused(401),
        refused(404),
        refused(429),
        refused(500),
        Reply(raw=b""),
        Reply(raw=b"[]"),
        Reply(raw=b"null"),
        Reply(raw=b'"hi"'),
        Reply(raw=b'{"choices": []}'),
        Reply(raw=b'{"choices": [{"message": null}]}'),
        Reply(raw=b"<html>hello</html>", headers={"Content-Type": "text/html"}),
        Reply(raw=b"\xff\xfe\x00", headers={"Content-Encoding": "gzip"}),
        long(MAX_ANSWER + 5),
        long(3_000_000),
        says("You may take", finish="length"),
        says("<think>they want to know"),
    ],
    ids=lambda fault: f"{fault.status}-{(fault.raw or fault.text.encode())[:12]!r}-{fault.finish}",
)
async def test_every_bad_answer_is_one_error_without_the_words(llm, ask, fault):
    llm.script = [fault, fault]
    with pytest.raises(ModelError) as raised:
        await ask(llm).reply(f"rules {CANARY}", f"my password is {CANARY}")
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None  # its vendor error may quote the request


@both
@pytest.mark.parametrize("fault", [slow(30), dripping(0.05)], ids=["silent", "dripping"])
async def test_the_budget_holds_whether_the_server_is_silent_or_never_done(llm, ask, fault):
    model = ask(llm, timeout=0.5)
    await asyncio.to_thread(model.load)
    llm.otherwise = fault
    started = time.monotonic()
    with pytest.raises(ModelError, match="in time"):
        await model.reply("", "hello")
    assert time.monotonic() - started < 2
    assert len(llm.asked) == 1


@both
@pytest.mark.parametrize("fault", [refused(503), dropped()], ids=["busy", "dropped"])
async def test_a_passing_fault_is_tried_once_more_and_only_once(llm, ask, fault):
    llm.script = [fault, says("There we are.")]
    assert await ask(llm).reply("", "hello") == "There we are."
    llm.script = [fault, fault, says("too late")]
    with pytest.raises(ModelError):
        await ask(llm).reply("", "hello")
    assert len(llm.asked) == 4


@both
async def test_a_refusal_is_not_tried_again(llm, ask):
    llm.script = [refused(401), says("never asked")]
    with pytest.raises(ModelError, match="401"):
        await ask(llm).reply("", "hello")
    assert len(llm.asked) == 1


@both
async def test_nobody_listening_is_an_error_within_the_budget(llm, ask):
    model = ask(llm)
    await llm.stop()
    with pytest.raises(ModelError):
        await model.reply("", "hello")


@both
async def test_a_redirect_does_not_carry_the_words_elsewhere(llm, ask):
    async with ScriptedLLM() as stranger:
        llm.otherwise = redirected(stranger.origin + "/steal")
        with pytest.raises(ModelError):
            await ask(llm).reply("", f"my password is {CANARY}")
        assert stranger.asked == []


async def test_thoughts_before_the_answer_are_left_out(llm):
    llm.script = [says("<think>\nis it safe?\n</think>\n\nAsk your nurse, please.")]
    assert await ask_openai(llm).reply("", "hello") == "Ask your nurse, please."


async def test_a_question_without_end_is_never_sent(llm):
    with pytest.raises(ModelError) as raised:
        await ask_openai(llm).reply("", "ha" * 40_000)
    assert raised.value.permanent
    assert llm.asked == []


async def test_no_stream_and_no_tool_is_asked_for(llm):
    await ask_openai(llm).reply("", "hello")
    body = llm.asked[0].body
    assert b'"stream":false' in body
    assert b'"tools"' not in body


async def test_tracing_stays_off_whatever_the_environment_says(llm, monkeypatch):
    from langsmith.utils import get_env_var

    async with ScriptedLLM() as tracer:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "k")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", tracer.origin)
        get_env_var.cache_clear()
        try:
            await ask_openai(llm).reply("", f"my password is {CANARY}")
            await asyncio.sleep(0.6)
        finally:
            get_env_var.cache_clear()
        assert tracer.asked == []


@both
async def test_no_log_holds_a_word_even_at_debug(llm, ask, caplog):
    model = ask(llm)
    model.load()
    caplog.set_level(logging.DEBUG)
    llm.script = [says(f"so it is {CANARY}"), refused(500, CANARY.encode()), refused(500), broken()]
    await model.reply(CANARY, CANARY)
    for _ in range(2):
        with pytest.raises(ModelError):
            await model.reply(CANARY, CANARY)
    assert llm.script == []
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    "name", ["", "gpt", "openai:", "openai:x", "huggingface:/no/such/folder", "anthropic:claude"]
)
def test_a_setting_that_cannot_work_says_which_one(name):
    with pytest.raises(SettingsError, match="ANKANG_LLM"):
        LangChainModel(name)
