"""Makes houses quickly: python -m bench.nursery reads a line, forks a house, writes its number.

A house that starts from nothing compiles its rules and loads its libraries, five seconds that are
the same each time. Here they are loaded once; the fork runs the very command a newcomer types.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Until the input ends: fork, say the process's number, wait for its death, say so."""
    import chromadb
    import torch
    import transformers

    import bot.__main__ as command_line
    import bot.channels.telegram
    import bot.console.app
    import bot.process
    import prompts
    import risk
    import safety

    loaded = (chromadb, torch, transformers, bot.channels.telegram, bot.console.app, bot.process)
    prompts.check()
    safety.check()
    risk.check()
    print(f"ready, {len(loaded)} libraries", flush=True)
    answers = os.dup(1)
    os.dup2(2, 1)  # a house says hello on its standard output; the answers are not for it
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            os.close(answers)
            command_line.run()
            os._exit(0)
        os.write(answers, f"{child}\n".encode())
        os.waitpid(child, 0)
        os.write(answers, b"ended\n")


if __name__ == "__main__":
    main()
