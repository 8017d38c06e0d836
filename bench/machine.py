"""What the figures were measured on, and how busy it was."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
from pathlib import Path

_SHOWN = ("torch", "chromadb", "SQLAlchemy", "python-telegram-bot")


def machine() -> str:
    """Cores, memory, processor, Python and the libraries that matter, in one line."""
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _SHOWN)
    return (
        f"{_usable()} cores, {ram:.0f} GB, {_processor()}, {platform.system()} "
        f"{platform.release().partition('-')[0]}, Python {platform.python_version()}, {versions}"
    )


def load() -> float:
    """Load average of the last minute; above the number of cores, the figures suffer."""
    return os.getloadavg()[0]


def resident(process: int) -> float:
    """Megabytes of memory a process holds now."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1e3
    raise ValueError(f"process {process} shows no memory")


def seconds_of_processor(process: int) -> float:
    """Processor seconds a process has used so far, user and system."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def more_files() -> None:
    """Let this process open as many files as it may: each chat's call is a socket."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _usable() -> int:
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
