"""Runs the server by itself: ``python -m tests.scripted_llm --port 8082 --wait 600`` hangs."""

from __future__ import annotations

import argparse
import asyncio

from .replies import slow
from .server import ScriptedLLM


async def _serve(port: int, wait: float, text: str) -> None:
    async with ScriptedLLM(otherwise=slow(wait, text), port=port) as llm:
        print(llm.base_url, flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(description="A scripted language model for development.")
    options.add_argument("--port", type=int, default=8082)
    options.add_argument("--wait", type=float, default=0.0, help="seconds before each answer")
    options.add_argument("--text", default="Please ask your nurse about this.")
    chosen = options.parse_args()
    try:
        asyncio.run(_serve(chosen.port, chosen.wait, chosen.text))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
