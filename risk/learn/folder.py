"""A model as a folder: written whole or not at all, and read only as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "SHA256SUMS"


class FolderError(ValueError):
    """The folder is not a model, or not as it was written."""


def write(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write ``files`` and their manifest; returns the manifest's SHA-256.

    ``folder`` appears only when it is whole; one that is there already is refused.
    """
    if folder.exists():
        raise FolderError(f"{folder} is there already; give another --out.")
    if not folder.parent.is_dir():
        raise FolderError(f"{folder} cannot be written: there is no folder {folder.parent}.")
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]
    manifest = ("\n".join(lines) + "\n").encode()
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, content in {**files, MANIFEST: manifest}.items():
            (draft / name).write_bytes(content)
            os.chmod(draft / name, 0o600)
        os.rename(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return hashlib.sha256(manifest).hexdigest()


def digest(folder: Path) -> str:
    """The SHA-256 of the manifest, after every file was compared with it.

    Raises FolderError naming the file that is missing, added or changed.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except OSError:
        raise FolderError(f"{folder} is not a model folder: it has no {MANIFEST}.") from None
    known: dict[str, str] = {}
    for line in manifest.decode("utf-8", "replace").splitlines():
        value, _, name = line.partition("  ")
        known[name] = value
    there = {path.name for path in folder.iterdir()} - {MANIFEST}
    for name in sorted(there ^ set(known)):
        what = "was added" if name in there else "is missing"
        raise FolderError(f"{folder}: {name} {what}; the model is not used.")
    for name, value in known.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != value:
            raise FolderError(f"{folder}: {name} was changed; the model is not used.")
    return hashlib.sha256(manifest).hexdigest()


def described(folder: Path) -> dict[str, Any]:
    """The content of ``model.json``, after the whole folder was checked."""
    digest(folder)
    try:
        found = json.loads((folder / "model.json").read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        raise FolderError(f"{folder} is not a model folder: model.json cannot be read.") from None
    if not isinstance(found, dict) or found.get("format") != 1:
        raise FolderError(f"{folder}: this version does not know its format.")
    return found


def as_json(value: object) -> bytes:
    """JSON for people: sorted as given, two spaces, UTF-8; not-a-number becomes null."""
    return (json.dumps(_clean(value), ensure_ascii=False, indent=2) + "\n").encode()


def _clean(value: object) -> object:
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, Mapping):
        return {str(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value
