"""Keep and open a trained tagger: a manifest, and one file of weights for each language.

(v: torch, safetensors) What lies there is data: safetensors hold numbers only, and each file is
refused unless its SHA-256 is the one in the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load, save_file

from memory.tagger.net import TaggerNet

FOLDER = Path(__file__).with_name("weights")
_MANIFEST = "manifest.json"


class TaggerRefused(ValueError):
    """The weights of the tagger are missing, broken, or not those of the manifest."""


def save(
    folder: Path, language: str, net: TaggerNet, names: Sequence[str], width: int, version: str
) -> None:
    """Write one language's network as float16 and its lines of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{language}.safetensors"
    save_file({k: v.detach().half().contiguous() for k, v in net.state_dict().items()}, path)
    file = folder / _MANIFEST
    manifest = _manifest(folder) if file.exists() else {}
    manifest[language] = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "names": list(names),
        "width": width,
        "version": version,
    }
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True)
    file.write_text(text + "\n", "utf-8")


def open_net(language: str, folder: Path = FOLDER) -> tuple[TaggerNet, list[str], int]:
    """(network ready to read, names it knows, width of given vectors). Raises TaggerRefused."""
    try:
        about = _manifest(folder)[language]
        path = folder / about["file"]
        content = path.read_bytes()
        names, width = list(about["names"]), int(about["width"])
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise TaggerRefused(f"the tagger has no weights for {language} in {folder}") from error
    if hashlib.sha256(content).hexdigest() != about["sha256"]:
        raise TaggerRefused(f"{path} is not the file that its manifest describes: train it anew")
    net = TaggerNet(width, len(names))
    net.load_state_dict({name: value.float() for name, value in load(content).items()})
    return net.eval(), names, width


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise TaggerRefused(f"{folder / _MANIFEST} cannot be read") from error
