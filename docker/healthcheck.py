"""Says by its exit status whether this container does its work: ``healthcheck.py console``."""

from __future__ import annotations

import os
import socket
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 4


def answers(port: str) -> bool:
    """Whether GET /health on this port answers 200."""
    address = f"http://127.0.0.1:{int(port)}/health"
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:
        return bool(answer.status == 200)


def runs(role: str, proc: Path = Path("/proc")) -> bool:
    """Whether some process of this container was started as ``python -m bot <role>``."""
    wanted = ["-m", "bot", role]
    for command in proc.glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it ended while we looked
        if any(words[at : at + 3] == wanted for at in range(len(words))):
            return True
    return False


def reached() -> bool:
    """Whether the database takes a connection; True where it is a file."""
    url = os.environ.get("ANKANG_DATABASE_URL", "")
    if path := os.environ.get("ANKANG_DATABASE_URL_FILE"):
        url = Path(path).read_text("utf-8").strip()
    parts = urlsplit(url)
    if not parts.hostname:
        return True
    with socket.create_connection((parts.hostname, parts.port or 5432), timeout=SECONDS):
        return True


def main(role: str) -> bool:
    """Whether the container in this role is well."""
    if role == "console":
        return answers(os.environ.get("ANKANG_PORT", "8700"))
    if role == "rasa":
        return answers(os.environ.get("ANKANG_RASA_PORT", "5055"))
    return runs(role) and reached()


if __name__ == "__main__":
    try:
        well = main(sys.argv[1] if len(sys.argv) > 1 else "console")
    except (OSError, ValueError) as error:
        sys.exit(f"{type(error).__name__}")
    sys.exit(0 if well else 1)
