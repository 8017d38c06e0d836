"""Runs the Telegram server by itself: ``python -m tests.telegram_server --port 8081``."""

from __future__ import annotations

import argparse
import time

from .server import TelegramServer


def main() -> None:
    """Serve until interrupted, with one open private chat (5001) to write to."""
    options = argparse.ArgumentParser(description="A Telegram Bot API server for development.")
    options.add_argument("--port", type=int, default=8081)
    options.add_argument("--token", default="123456:test-token")
    options.add_argument("--limits", action="store_true", help="enforce Telegram's rate limits")
    chosen = options.parse_args()
    with TelegramServer(chosen.token, port=chosen.port, limits=chosen.limits) as server:
        server.person(5001)
        print(f"{server.base_url}  token {server.token}", flush=True)  # noqa: T201
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
