"""Keep and open a trained tagger: a manifest, and one file of weights for each language.

(v: torch, safetensors) What lies there is data: safetensors hold numbers only, and each file is
refused unless its SHA-256 is the one in the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save_file

from memory.tagger import encoders
from memory.tagger.net import TaggerNet
from memory.tagger.pieces import WIDTH

FOLDER = Path(__file__).with_name("weights")
_MANIFEST = "manifest.json"
_HEAD, _ENCODER = "head.", "encoder."
_CODES, _SCALE = ".codes", ".scale"


class TaggerRefused(ValueError):
    """The weights of the tagger are missing, broken, or not those of the manifest."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One language's tagger: ``encoder`` holds what teaching made of the one in ``folder``."""

    net: TaggerNet
    names: Sequence[str]
    folder: Path
    encoder: Mapping[str, torch.Tensor]


def save(
    folder: Path,
    language: str,
    net: TaggerNet,
    encoder: Mapping[str, torch.Tensor],
    names: Sequence[str],
    version: str,
) -> None:
    """Write one language's weights and its lines of the manifest: the head in float16, the layers
    of the encoder in int8 with a scale for each row, as they are run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{language}.safetensors"
    tensors = {_HEAD + name: value.detach().half() for name, value in net.state_dict().items()}
    for name, value in encoder.items():
        if value.dim() == 2 and ".layer." in name:
            scale = (value.abs().amax(1) / 127).clamp(min=1e-12)
            codes = torch.round(value / scale[:, None]).to(torch.int8)
            tensors[_ENCODER + name + _CODES], tensors[_ENCODER + name + _SCALE] = codes, scale
        elif value.is_floating_point():
            tensors[_ENCODER + name] = value.detach().half()
    save_file({name: value.contiguous() for name, value in tensors.items()}, path)
    file = folder / _MANIFEST
    manifest = _manifest(folder) if file.exists() else {}
    manifest[language] = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "encoder_sha256": encoders.digest(language),
        "names": list(names),
        "width": WIDTH,
        "version": version,
    }
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True)
    file.write_text(text + "\n", "utf-8")


def open_(language: str, folder: Path = FOLDER) -> Opened:
    """What was taught of one language. Raises TaggerRefused or ModelRefused."""
    try:
        about = _manifest(folder)[language]
        path = folder / about["file"]
        content = path.read_bytes()
        names, width = list(about["names"]), int(about["width"])
        base = encoders.folder_of(language)
        is_base = encoders.digest(language) == about["encoder_sha256"]
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise TaggerRefused(f"the tagger has no weights for {language} in {folder}") from error
    if hashlib.sha256(content).hexdigest() != about["sha256"]:
        raise TaggerRefused(f"{path} is not the file that its manifest describes: train it anew")
    if width != WIDTH or not is_base:
        raise TaggerRefused(f"the tagger's {language} was taught with another encoder: train anew")
    held = load(content)
    head = {n.removeprefix(_HEAD): v.float() for n, v in held.items() if n.startswith(_HEAD)}
    encoder: dict[str, torch.Tensor] = {}
    for name, value in held.items():
        if name.startswith(_ENCODER):
            plain = name.removeprefix(_ENCODER)
            if name.endswith(_CODES):
                scale = held[name.removesuffix(_CODES) + _SCALE]
                encoder[plain.removesuffix(_CODES)] = value.float() * scale[:, None]
            elif not name.endswith(_SCALE):
                encoder[plain] = value.float()
    states = head["enter.weight"].shape[1] - width - head["name.weight"].shape[1]
    net = TaggerNet(states, width, len(names))
    net.load_state_dict(head)
    return Opened(net=net.eval(), names=names, folder=base, encoder=encoder)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise TaggerRefused(f"{folder / _MANIFEST} cannot be read") from error
