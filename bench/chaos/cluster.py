"""A PostgreSQL of one's own, in memory: it may be crashed and started as often as one likes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.chaos.databases import memory

_OWNER = "postgres"  #: the server refuses to run as root
_SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200",
    "shared_buffers": "128MB", "log_min_messages": "fatal",
}  # fmt: skip


def programs() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``, if PostgreSQL's programs are on this machine."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return versions[-1].parent if versions else None


class Cluster:
    """One server in one folder."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._port = programs, folder, _free_port()
        self._restarting: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its only database."""
        return f"postgresql+psycopg://{_OWNER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Make it and wait until it answers."""
        self._run("initdb", "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--locale=C")
        settings = "".join(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        with (self._folder / "postgresql.conf").open("a") as file:
            file.write(f"{settings}port = {self._port}\n")
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"))

    def crash(self) -> None:
        """Down at once, and up again by what its journal says; returns before it is up."""
        if self.up:
            self._restarting = subprocess.Popen(
                self._words("pg_ctl", "restart", "-w", "-m", "immediate", "-l", "log"),
                cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                user=_owner(), group=_owner(),
            )  # fmt: skip

    @property
    def up(self) -> bool:
        """No crash is going on."""
        return self._restarting is None or self._restarting.poll() is not None

    def stop(self) -> None:
        """For good."""
        if self._restarting is not None:
            self._restarting.wait(60)
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def _run(self, *words: str) -> None:
        subprocess.run(
            self._words(*words), cwd=self._folder, check=True, timeout=120,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=_owner(), group=_owner(),
        )  # fmt: skip

    def _words(self, program: str, *words: str) -> list[str]:
        return [str(self._programs / program), "-D", str(self._folder), *words]


@contextmanager
def own_cluster(programs: Path) -> Iterator[Cluster]:
    """A running server; it and its folder are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ankang-chaos-pg-", dir=memory()) as folder:
        if os.getuid() == 0:
            shutil.chown(folder, _OWNER)
        cluster = Cluster(programs, Path(folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def _owner() -> str | None:
    return _OWNER if os.getuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
