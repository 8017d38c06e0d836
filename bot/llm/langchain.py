"""One language model behind LangChain, asked for a draft within a budget (v, as is agent.py)."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import ModelError, SettingsError
from bot.llm.faults import MAX_ANSWER, checked, faults, passing, tokens, told
from bot.llm.http import client_options
from bot.ports.lead import Led, Tool

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

MAX_ASKED = 60_000  #: characters of system and user text together
MAX_TOKENS = 900  #: what the model may write, a little more than fits into MAX_ANSWER
_QUICK = 0.25  #: of the budget: a failure that came sooner may be tried once more
_NO_TOOLS = (400, 404, 422, 501)  #: statuses of a server or model that cannot use tools
_OLLAMA = "http://127.0.0.1:11434"
# At DEBUG these write the words they carry.
_TALKATIVE = (
    "openai",
    "httpx",
    "httpcore",
    "httpx2",
    "ollama",
    "langchain",
    "langchain_core",
    "langchain_openai",
    "langchain_ollama",
    "langchain_huggingface",
    "langsmith",
    "transformers",
    "huggingface_hub",
)

__all__ = ["MAX_ANSWER", "LangChainModel", "warm"]


class LangChainModel:
    """A ChatModel behind LangChain's ``init_chat_model``.

    ``name`` is "openai:NAME" (any OpenAI-compatible server, at ``base_url``), "ollama:NAME" (at
    ``base_url`` or this machine) or "huggingface:FOLDER" (a transformers model in that folder,
    never fetched). ``timeout`` is the budget of one reply in seconds, everything included.
    Raises SettingsError when such a model cannot be asked at all.
    """

    def __init__(
        self, name: str, *, base_url: str = "", api_key: str = "", timeout: float = 20.0
    ) -> None:
        provider, _, model = name.partition(":")
        if provider not in ("openai", "ollama", "huggingface") or not model:
            raise SettingsError(
                f"ANKANG_LLM: {name!r} is none of openai:NAME, ollama:NAME, huggingface:FOLDER"
            )
        if provider == "openai" and not base_url:
            # The vendor's own address would be a silent default for patients' words.
            raise SettingsError("ANKANG_LLM_BASE_URL: openai:NAME needs the server's address")
        if provider == "huggingface" and not Path(model).is_dir():
            raise SettingsError(f"ANKANG_LLM: the folder {model} does not exist")
        self.name = f"{provider}:{Path(model).name}" if provider == "huggingface" else name
        self._provider = provider
        self._model_name = model
        self._base_url = base_url
        self._api_key = api_key
        self._timeout = timeout
        self._model: BaseChatModel | None = None
        self._no_tools = False
        self._loading = threading.Lock()
        # One thread: a local model answers one at a time, and a wait that ran out leaves the queue.
        self._thread = ThreadPoolExecutor(1, "llm") if provider == "huggingface" else None

    def load(self) -> None:
        """Import the libraries and, for a local model, read its weights: slow, blocks, once.

        Raises SettingsError when the model cannot be used.
        """
        with self._loading:
            if self._model is None:
                for logger in _TALKATIVE:
                    logging.getLogger(logger).setLevel(logging.WARNING)
                self._model = self._build()

    async def close(self) -> None:
        """Let go of the model and its thread."""
        self._model = None
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def reply(self, system: str, user: str) -> str:
        """One draft. Raises ModelError, which never holds a word of either text."""
        return checked(await self._in_time(partial(self._ask, system, user), system + user))

    async def work(self, system: str, user: str, given: str, tools: Sequence[Tool]) -> Led:
        """One draft, after looking things up. Raises ModelError, without a word of any text.

        A local model, and a server that refuses tools, get what is given and nothing more.
        """
        words = f"{user}\n\n<found>\n{given}\n</found>"
        plain = partial(self._ask, system, words)
        if self._thread is not None or self._no_tools:
            answer = await self._in_time(plain, system + words)
            return Led(text=checked(answer), tokens=tokens(answer), rounds=1)
        run = partial(self._agent, system, user, given, tools, plain)
        led: Led = await self._in_time(run, system + words, again=False)
        return led

    async def _agent(
        self,
        system: str,
        user: str,
        given: str,
        tools: Sequence[Tool],
        plain: Callable[[], Awaitable[AIMessage]],
    ) -> Led:
        from langsmith.run_helpers import tracing_context

        from bot.llm import agent

        model = self._model
        if model is None:
            raise ModelError("the language model is closed")
        lead = agent.Lead(self._again)
        used: tuple[str, ...] = ()
        try:
            with tracing_context(enabled=False):
                answer, used = await agent.work(model, system, user, given, tools, lead)
        except faults() as error:
            if lead.rounds > 1 or getattr(error, "status_code", None) not in _NO_TOOLS:
                raise
            self._no_tools = True  # as long as the process lives: it will not learn it
            answer = await plain()
            lead.tokens = tokens(answer)
        return Led(text=checked(answer), tokens=lead.tokens, rounds=lead.rounds, used=used)

    async def _in_time(
        self, ask: Callable[[], Awaitable[Any]], asked: str, *, again: bool = True
    ) -> Any:
        """What ``ask`` gives, within the budget; every fault is a ModelError."""
        if len(asked) > MAX_ASKED:
            raise ModelError("the question is too long for the language model", permanent=True)
        try:
            async with asyncio.timeout(self._timeout):
                if self._model is None:
                    await asyncio.to_thread(self.load)
                return await (self._again(ask) if again else ask())
        except TimeoutError:
            raise ModelError("the language model gave no reply in time", why="slow") from None
        except SettingsError as error:
            raise ModelError("the language model cannot be loaded") from error
        except faults() as error:
            # `from None`: a vendor's error may quote what it was asked, and tracebacks are logged.
            raise ModelError(f"the language model failed: {told(error)}") from None

    async def _again(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """A passing fault that came soon is tried once more."""
        started = asyncio.get_running_loop().time()
        try:
            return await ask()
        except faults() as error:
            elapsed = asyncio.get_running_loop().time() - started
            if not passing(error) or elapsed > self._timeout * _QUICK:
                raise
        await asyncio.sleep(min(0.2, self._timeout * _QUICK))
        return await ask()

    async def _ask(self, system: str, user: str) -> AIMessage:
        from langsmith.run_helpers import tracing_context

        model = self._model
        if model is None:
            raise ModelError("the language model is closed")
        messages = [("system", system), ("user", user)]
        # Whatever the environment says: no copy of the words to a tracing service.
        with tracing_context(enabled=False):
            if self._thread is None:
                return await model.ainvoke(messages)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, _invoke, model, messages)

    def _build(self) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        if self._provider == "huggingface":
            return self._local()
        options: dict[str, Any] = {"temperature": 0.2, "cache": False}
        if self._provider == "openai":
            import httpx

            options |= {
                "base_url": self._base_url,
                "api_key": self._api_key or "none",
                "timeout": self._timeout,
                "max_retries": 0,
                "max_tokens": MAX_TOKENS,
                "use_responses_api": False,
                "http_async_client": httpx.AsyncClient(**client_options(self._timeout)),
            }
        else:
            options |= {
                "base_url": self._base_url or _OLLAMA,
                "num_predict": MAX_TOKENS,
                "reasoning": False,
                "async_client_kwargs": client_options(self._timeout),
            }
            if self._api_key:
                options["async_client_kwargs"]["headers"]["Authorization"] = (
                    f"Bearer {self._api_key}"
                )
        model: BaseChatModel = init_chat_model(
            self._model_name, model_provider=self._provider, **options
        )
        return model

    def _local(self) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        try:
            model: Any = init_chat_model(
                self._model_name,
                model_provider="huggingface",
                cache=False,
                model_kwargs={"local_files_only": True, "use_safetensors": True},
                pipeline_kwargs={
                    "max_new_tokens": MAX_TOKENS,
                    "do_sample": False,
                    "return_full_text": False,
                    "max_time": self._timeout,  # a thread cannot be stopped from outside
                },
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise SettingsError(
                f"ANKANG_LLM: no transformers model can be loaded from {self._model_name}"
            ) from error
        if not getattr(model.tokenizer, "chat_template", None):
            raise SettingsError(f"ANKANG_LLM: {self._model_name} has no chat template")
        loaded: BaseChatModel = model
        return loaded


def _invoke(model: BaseChatModel, messages: list[tuple[str, str]]) -> AIMessage:
    """Ask a local model, in its thread; an answer that used up every token counts as cut off."""
    answer = model.invoke(messages)
    local: Any = model
    tokens = local.tokenizer(answer.text, add_special_tokens=False)["input_ids"]
    if len(tokens) >= MAX_TOKENS:
        answer.response_metadata["finish_reason"] = "length"
    return answer


def warm() -> None:
    """Import what the first question needs, seconds in which nobody else is answered."""
    for name in ("langchain_openai", "langsmith.run_helpers", "bot.llm.agent"):
        import_module(name)
    faults()
