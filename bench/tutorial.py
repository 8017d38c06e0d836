"""A chatbot as tutorials make them, to know what a machine can do: it is no part of the house.

python-telegram-bot polls, Chroma finds what the chat said before, the house's own encoder encodes;
there is no screen, no encryption and no durable row. What it does in a burst is the yardstick.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.house import ROOT, TOKEN, chat_of
from bench.progress import bar
from bench.words import message
from tests.telegram_server import TelegramServer

if TYPE_CHECKING:
    from telegram import Update

CHATS = 300


def answers_a_second() -> float:
    """300 chats write at once; how many of them it answers in a second."""
    with bar("a tutorial bot", 1) as step, TelegramServer(TOKEN) as server:
        server.say(chat_of(0), "hello")
        with _running(server.base_url):
            _until_sent(server, 1)
            already = len(_sent(server))
            with server.lock:  # all of it waits before the bot can fetch any
                for number in range(CHATS):
                    server.say(chat_of(number), message(number, number // 2))
            began = time.monotonic()
            _until_sent(server, already + CHATS)
            took = time.monotonic() - began
        step()
    return CHATS / took


@contextmanager
def _running(url: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="ankang-tutorial-") as folder:
        settings = {"TUTORIAL_URL": url, "TUTORIAL_FOLDER": folder}
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.tutorial"],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _sent(server: TelegramServer) -> list[str]:
    return [call.method for call in server.calls if call.method == "sendMessage"]


def _until_sent(server: TelegramServer, number: int) -> None:
    end = time.monotonic() + 180
    while len(_sent(server)) < number:
        if time.monotonic() > end:
            raise TimeoutError("the tutorial bot does not answer")
        time.sleep(0.02)


def main() -> None:
    """The bot itself, until it is ended."""
    import chromadb
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    from memory.embed import load

    encoder = load("")
    client = chromadb.PersistentClient(os.environ["TUTORIAL_FOLDER"])
    notes = client.create_collection("notes")

    async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is None or update.message.text is None:
            return
        text, chat = update.message.text, str(update.message.chat_id)
        vectors = encoder.encode([text])
        found = notes.query(query_embeddings=vectors, n_results=3, where={"chat": chat})
        notes.add(str(update.update_id), vectors, [{"chat": chat}], [text])
        before = "; ".join((found["documents"] or [[]])[0])
        await update.message.reply_text(f"You said before: {before}" if before else "Noted.")

    bot = Application.builder().token(TOKEN).base_url(f"{os.environ['TUTORIAL_URL']}/bot").build()
    bot.add_handler(MessageHandler(filters.TEXT, answer))
    bot.run_polling()


if __name__ == "__main__":
    main()
