"""Keep and open what was learnt: plain arrays, a file a language, each with its hash."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from knowledge.model import KnowledgeError, Language, Vectors

FOLDER = Path(__file__).with_name("weights")
_MANIFEST = "manifest.json"
#: what a file holds, and of which type
_ARRAYS = {
    "rarity": np.float16,  # (buckets,)
    "grams": np.int8,  # (buckets, width)
    "grams_scale": np.float32,  # (width,)
    "meaning": np.float16,  # (dimensions or 0, width)
    "out": np.float16,  # (articles + 1, width), "no article" last
    "bias": np.float32,  # (articles + 1,)
}


def save(
    folder: Path,
    language: Language,
    arrays: Mapping[str, Vectors],
    articles: Sequence[str],
    about: Mapping[str, Any],
) -> None:
    """Write one language's arrays and its lines of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {name: np.asarray(arrays[name], dtype=kind) for name, kind in _ARRAYS.items()}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **held)
    (folder / f"{language}.npz").write_bytes(content.getvalue())
    manifest = _manifest(folder) if (folder / _MANIFEST).exists() else {}
    manifest[language] = {
        **about,
        "sha256": hashlib.sha256(content.getvalue()).hexdigest(),
        "articles": list(articles),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _MANIFEST).write_text(text + "\n", "utf-8")


def read(folder: Path, language: Language) -> tuple[dict[str, Vectors], dict[str, Any]]:
    """The arrays and the manifest's lines. Raises KnowledgeError where they differ."""
    file = folder / f"{language}.npz"
    about = _manifest(folder).get(language)
    if not isinstance(about, dict):
        raise KnowledgeError(f"{folder / _MANIFEST} says nothing of {language}")
    try:
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != about["sha256"]:
            raise KnowledgeError(f"{file} is not what its manifest describes: train it anew")
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            arrays = {name: held[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        if isinstance(error, KnowledgeError):
            raise
        raise KnowledgeError(f"{file} cannot be read: {error}") from error
    if len(arrays["out"]) != len(about["articles"]) + 1:
        raise KnowledgeError(f"{file} and its manifest name different articles: train it anew")
    return arrays, about


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"{folder / _MANIFEST} cannot be read: {error}") from error
