"""The only file that imports langchain: one language model, asked once, within a budget."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import ModelError, SettingsError
from bot.llm.http import client_options

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

MAX_ASKED = 60_000  #: characters of system and user text together
MAX_ANSWER = 3_500  #: characters; a chat message holds 4,096
MAX_TOKENS = 900  #: what the model may write, a little more than fits into MAX_ANSWER
_QUICK = 0.25  #: of the budget: a failure that came sooner may be tried once more
_OLLAMA = "http://127.0.0.1:11434"
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
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
        if len(system) + len(user) > MAX_ASKED:
            raise ModelError("the question is too long for the language model", permanent=True)
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._timeout):
                if self._model is None:
                    await asyncio.to_thread(self.load)
                try:
                    answer = await self._ask(system, user)
                except _faults() as error:
                    elapsed = asyncio.get_running_loop().time() - started
                    if not _passing(error) or elapsed > self._timeout * _QUICK:
                        raise
                    await asyncio.sleep(min(0.2, self._timeout * _QUICK))
                    answer = await self._ask(system, user)
        except TimeoutError:
            raise ModelError("the language model gave no reply in time") from None
        except SettingsError as error:
            raise ModelError("the language model cannot be loaded") from error
        except _faults() as error:
            # `from None`: a vendor's error may quote what it was asked, and tracebacks are logged.
            raise ModelError(f"the language model failed: {_told(error)}") from None
        return _checked(answer)

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
    for name in ("langchain.chat_models", "langchain_openai", "langsmith.run_helpers"):
        import_module(name)
    _faults()


def _faults() -> tuple[type[Exception], ...]:
    """What LangChain and its vendors raise; broken bodies surface as plain Python errors."""
    import httpx
    import ollama
    import openai
    from langchain_core.exceptions import LangChainException

    return (
        LangChainException,
        openai.OpenAIError,
        ollama.ResponseError,
        httpx.HTTPError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RuntimeError,
    )


def _passing(error: Exception) -> bool:
    """It may be gone in a moment: the server broke off, or said so itself."""
    import httpx
    import openai

    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status > 0:
        return status >= 500
    if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException)):
        return False
    return isinstance(error, (openai.APIConnectionError, httpx.TransportError, ConnectionError))


def _told(error: Exception) -> str:
    """The kind of failure, without what it says."""
    status = getattr(error, "status_code", None)
    return f"status {status}" if isinstance(status, int) and status > 0 else type(error).__name__


def _checked(answer: AIMessage) -> str:
    """The text of a whole answer. Half an answer may end before its "not", so it counts as none."""
    ended = answer.response_metadata
    if "length" in (ended.get("finish_reason"), ended.get("done_reason")):
        raise ModelError("the language model's reply was cut off")
    text = _THOUGHTS.sub("", answer.text)
    text = "".join(c for c in text if c == "\n" or c.isprintable()).strip()
    if not text:
        raise ModelError("the language model's reply was empty")
    if len(text) > MAX_ANSWER:
        raise ModelError("the language model's reply was too long")
    if text.startswith("<think"):
        raise ModelError("the language model did not finish thinking")
    return text
