"""The clinic's models: versions, hashes, one signature over all of it, and who may answer."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from risk.learn import folder
from risk.learn.folder import FolderError
from risk.learn.signing import fits, public, sign

#: candidate → shadow → active → retired. At most one of a name is active, and one is shadow.
STATES = ("candidate", "shadow", "active", "retired")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One version of a model, and how it stands."""

    name: str
    version: str
    sha256: str  #: of the folder's manifest
    state: str
    added_at: str
    moved_at: str
    by: str

    @property
    def place(self) -> str:
        """Its folder, below the registry's."""
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What ``registry.json`` says. ``serial`` rises with every change."""

    home: Path
    serial: int = 0
    entries: tuple[Entry, ...] = field(default_factory=tuple)

    def of(self, name: str) -> tuple[Entry, ...]:
        """All versions of a name, the oldest first."""
        return tuple(one for one in self.entries if one.name == name)

    def standing(self, name: str, state: str) -> Entry | None:
        """The version of ``name`` that stands so; None: there is none."""
        return next((one for one in self.of(name) if one.state == state), None)

    def get(self, name: str, version: str) -> Entry:
        """FolderError where there is no such version; "" is the newest."""
        found = [one for one in self.of(name) if not version or one.version == version]
        if not found:
            known = ", ".join(f"{one.name} {one.version}" for one in self.entries) or "none"
            raise FolderError(f"There is no model {name} {version}. There are: {known}.")
        return found[-1]

    def folder(self, entry: Entry) -> Path:
        """The model's folder, after its hash was compared. FolderError if it was changed."""
        path = self.home / entry.place
        if folder.digest(path) != entry.sha256:
            raise FolderError(f"{path} is not what was registered; the model is not used.")
        return path


def opened(home: Path, seed: bytes) -> Registry:
    """The registry in ``home``; empty where there is none yet.

    ``seed`` makes the clinic's key (32 bytes). FolderError where the signature does not fit.
    """
    path = home / "registry.json"
    if not path.exists():
        return Registry(home=home)
    try:
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        signature, content = said["signature"], _content(said["serial"], said["entries"])
        entries = tuple(Entry(**one) for one in said["entries"])
    except (OSError, json.JSONDecodeError, KeyError, TypeError):
        raise FolderError(f"{path} cannot be read; no model is used.") from None
    if not fits(public(seed), signature, content):
        raise FolderError(f"{path} was not signed with this clinic's key; no model is used.")
    return Registry(home=home, serial=said["serial"], entries=entries)


def add(registry: Registry, seed: bytes, source: Path, *, by: str, now: datetime) -> Registry:
    """Copy a model folder in as a candidate."""
    said = folder.described(source)
    name, version = str(said["name"]), str(said["version"])
    if not name.replace("_", "").replace("-", "").isalnum():
        raise FolderError(f"The name {name!r} must be letters, digits, - and _.")
    if not version.replace(".", "").isalnum():
        raise FolderError(f"The version {version!r} must be letters, digits and points.")
    if any(one.version == version for one in registry.of(name)):
        raise FolderError(f"{name} {version} is registered already.")
    target = registry.home / name / version
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        shutil.copytree(source, draft / version)
        digest = folder.digest(draft / version)
        os.rename(draft / version, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    at = now.isoformat()
    entry = Entry(
        name=name, version=version, sha256=digest, state="candidate", added_at=at, moved_at=at,
        by=by,
    )  # fmt: skip
    return _save(registry, seed, (*registry.entries, entry))


def move(
    registry: Registry, seed: bytes, entry: Entry, state: str, *, by: str, now: datetime
) -> Registry:
    """Let ``entry`` stand as ``state``; whoever stood so before makes way."""
    if state not in STATES:
        raise ValueError(state)
    at = now.isoformat()
    makes_way = {"active": "retired", "shadow": "candidate"}.get(state)
    entries = []
    for one in registry.entries:
        if one == entry:
            one = replace(one, state=state, moved_at=at, by=by)
        elif makes_way and one.name == entry.name and one.state == state:
            one = replace(one, state=makes_way, moved_at=at, by=by)
        entries.append(one)
    return _save(registry, seed, entries)


def _save(registry: Registry, seed: bytes, entries: Sequence[Entry]) -> Registry:
    new = replace(registry, serial=registry.serial + 1, entries=tuple(entries))
    plain = [asdict(one) for one in new.entries]
    said = {
        "serial": new.serial,
        "entries": plain,
        "public_key": public(seed),
        "signature": sign(seed, _content(new.serial, plain)),
    }
    registry.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(prefix=".registry.", dir=registry.home)
    with os.fdopen(handle, "wb") as out:
        out.write(folder.as_json(said))
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, registry.home / "registry.json")
    return new


def _content(serial: int, entries: Sequence[Any]) -> bytes:
    """What is signed: the same bytes for the same registry."""
    said = {"serial": serial, "entries": list(entries)}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
