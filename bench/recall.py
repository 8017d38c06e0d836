"""Measure recall for one patient among many: python -m bench.recall --patients 10000 --each 100."""

from __future__ import annotations

import argparse
import base64
import importlib.metadata
import multiprocessing
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import memory
from memory import embed

_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_WORDS = """
knee hip back chest head sugar pressure tablet walk sleep breakfast stairs morning evening daughter
dizzy swollen better worse pain tired garden doctor clinic weight salt tea rice
"""
_EN = _WORDS.split()
_PHRASES = """
膝盖 头晕 血糖 血压 早上 晚上 吃药 散步 睡觉 女儿 胸口 楼梯 好转 加重 疼 累 医生 体重
"""
_ZH = _PHRASES.split()
_ASKED = ("what did I tell you about my knee", "我上周说膝盖怎么了", "how was my blood pressure?")


class _Sealed:
    """AES-GCM under one key per patient, as the bot seals."""

    def __init__(self) -> None:
        self._keys: dict[str, AESGCM] = {}

    def _key(self, patient_id: str) -> AESGCM:
        return self._keys.setdefault(patient_id, AESGCM(patient_id.encode().ljust(32, b".")))

    def seal(self, patient_id: str, text: str) -> str:
        nonce = os.urandom(12)
        return base64.b64encode(
            nonce + self._key(patient_id).encrypt(nonce, text.encode(), None)
        ).decode()

    def open(self, patient_id: str, sealed: str) -> str:
        raw = base64.b64decode(sealed)
        return self._key(patient_id).decrypt(raw[:12], raw[12:], None).decode()


class _Drawn:
    """Stands for the encoder while filling: random unit vectors cost no time."""

    dimensions = 384

    def __init__(self, name: str) -> None:
        self.name = name

    def encode(self, texts: object) -> np.ndarray:
        raise AssertionError("filling encodes nothing")


def main() -> None:
    """Fill, reopen, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patients", type=int, default=10_000)
    options.add_argument("--each", type=int, default=100)
    options.add_argument("--few", type=int, default=100, help="patients of the comparison")
    options.add_argument("--folder", type=Path, help="keep the stores here and use them again")
    asked = options.parse_args()
    _say(f"machine: {_machine()}")
    encoder = embed.load()
    _encoding(encoder)
    root = asked.folder or Path(tempfile.mkdtemp(prefix="recall-"))
    try:
        middle = {}
        for patients in (asked.few, asked.patients):
            folder = root / f"{patients}x{asked.each}"
            if not folder.exists():
                # In a process of its own, so that what is measured has only opened and asked.
                filling = multiprocessing.get_context("spawn").Process(
                    target=_fill, args=(folder, patients, asked.each, encoder.name)
                )
                filling.start()
                filling.join()
            middle[patients] = _measure(folder, patients, asked.each, encoder)
        ratio = middle[asked.patients] / middle[asked.few]
        _say(f"cold p50 with the encoding, {asked.patients} : {asked.few} patients = {ratio:.2f}")
    finally:
        if asked.folder is None:
            shutil.rmtree(root)


def _fill(folder: Path, patients: int, each: int, name: str) -> None:
    memories = memory.open_embedded(folder, encoder=_Drawn(name), cipher=_Sealed())
    drawn, numbers = random.Random(7), np.random.default_rng(7)
    started = time.perf_counter()
    for first in range(0, patients, 100):
        rows = [
            _memory(f"patient-{p}", i, _text(drawn))
            for p in range(first, min(first + 100, patients))
            for i in range(each)
        ]
        vectors = numbers.standard_normal((len(rows), 384)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        memories.remember_encoded(rows, vectors)
    took = time.perf_counter() - started
    memories.close()
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    _say(
        f"filled {patients} x {each}: {patients * each / took:.0f} rows/s without encoding, "
        f"{size / 1e6:.0f} MB on disk, {_resident():.0f} MB resident while filling"
    )


def _measure(folder: Path, patients: int, each: int, encoder: memory.Encoder) -> float:
    _drop_cached(folder)
    before = _resident()
    started = time.perf_counter()
    memories = memory.open_embedded(folder, encoder=encoder, cipher=_Sealed())
    memories.recall_encoded("nobody", "x", np.zeros(384, np.float32), now=_NOW)
    opened = (time.perf_counter() - started) * 1e3
    _say(f"{patients} patients x {each}: opened, with the first call, in {opened:.0f} ms")
    chosen = random.Random(3).sample(range(patients), min(patients, 1000))
    half = len(chosen) // 2
    query = encoder.encode([_ASKED[0]])[0]

    def whole(p: int) -> None:
        memories.recall(f"patient-{p}", _ASKED[p % 3], now=_NOW)

    def ranked(p: int) -> None:
        memories.recall_encoded(f"patient-{p}", _ASKED[p % 3], query, now=_NOW)

    middle = _times("  cold, with encoding the question", whole, chosen[:half])
    _times("  cold, question already encoded", ranked, chosen[half:])
    hot = chosen[half:][-200:]
    _times("  warm, with encoding", whole, hot)
    _times("  warm, question already encoded", ranked, hot)
    _say(f"  resident {_resident():.0f} MB ({before:.0f} MB with the encoder before opening)")
    started = time.perf_counter()
    total = memories.count()
    _say(f"  counted {total} in {time.perf_counter() - started:.1f} s")
    drawn = random.Random(11)
    for patients_a_call in (32, 8):
        _write(memories, chosen[:320], each, patients_a_call, drawn)
    memories.close()
    return middle


def _write(
    memories: memory.Memories, chosen: list[int], each: int, at_once: int, drawn: random.Random
) -> None:
    """Store 320 new memories, 32 a call, of so many patients a call; then forget them again."""
    own = 32 // at_once
    rows = [
        _memory(f"patient-{p}", each + 1 + n, _text(drawn))
        for p in chosen[: 320 // own]
        for n in range(own)
    ]
    started, worked = time.perf_counter(), time.process_time()
    for first in range(0, len(rows), 32):
        memories.remember(rows[first : first + 32])
    rate = len(rows) / (time.perf_counter() - started)
    busy = len(rows) / (time.process_time() - worked)
    _say(
        f"  wrote {rate:.0f} memories/s ({busy:.0f} a processor second), "
        f"32 of {at_once} patients a call, with encoding"
    )
    for row in rows:
        memories.forget(row.patient_id, [row.id])


def _encoding(encoder: memory.Encoder) -> None:
    texts = [_text(random.Random(n)) for n in range(32)]
    for _ in range(5):
        encoder.encode(texts)
    _times("encode 1 text", lambda n: encoder.encode([texts[n % 32]]), list(range(200)))
    _times("encode 32 texts", lambda _: encoder.encode(texts), list(range(20)))


def _times(what: str, act: Callable[[int], object], over: list[int]) -> float:
    took, worked = [], []
    for one in over:
        started, busy = time.perf_counter(), time.process_time()
        act(one)
        worked.append((time.process_time() - busy) * 1e3)
        took.append((time.perf_counter() - started) * 1e3)
    p50, p95 = np.percentile(took, [50, 95])
    cpu50, cpu95 = np.percentile(worked, [50, 95])
    _say(
        f"{what}: p50 {p50:.2f} ms, p95 {p95:.2f} ms, worst {max(took):.1f} ms ({len(over)}); "
        f"processor {cpu50:.2f}/{cpu95:.2f} ms"
    )
    return float(p50)


def _memory(patient_id: str, position: int, text: str) -> memory.Memory:
    return memory.Memory(
        id=f"{patient_id}-{position:04d}-3f2a9c1e5b7d",
        patient_id=patient_id,
        text=text,
        source=f"message-{patient_id}-{position:04d}",
        recorded_at=_NOW - timedelta(hours=position),
        position=position,
    )


def _text(drawn: random.Random) -> str:
    if drawn.random() < 0.5:
        return " ".join(drawn.choices(_EN, k=drawn.randint(5, 18)))
    return "".join(drawn.choices(_ZH, k=drawn.randint(4, 12)))


def _drop_cached(folder: Path) -> None:
    """Ask the system to forget these files, so that cold means read from the disk."""
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _resident() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1e3
    return float("nan")


def _machine() -> str:
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("chromadb", "torch"))
    threads = os.environ.get("OMP_NUM_THREADS", "default")
    return (
        f"{os.cpu_count()} cores, {ram:.0f} GB, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, {versions}, OMP_NUM_THREADS {threads}"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
