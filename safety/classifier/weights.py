"""Keep and open a trained classifier: a manifest, and one file of weights for each language.

(v: torch, safetensors, transformers) What lies there is data: safetensors hold numbers only, and
each file is refused unless its SHA-256 is the one in the manifest.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file, save_file

from safety.classifier import coded
from safety.classifier.heard import Floats
from safety.classifier.net import (
    EncoderRefused,
    Heads,
    SentenceNet,
    TextByText,
    Tokens,
    TokensOf,
    is_folder,
    source_of,
)
from safety.classifier.wide import Wide
from safety.verdict import Language

FOLDER = Path(__file__).with_name("weights")
_WORDS = "embeddings.word_embeddings.weight"
#: The encoder that comes with the weights of a language, beside them.
BESIDE: dict[Language, str] = {"zh": "zh_encoder"}
_MANIFEST, _FILE = "manifest.json", "model.safetensors"
#: A quicker encoder must see in these what the exact one sees.
_PROBES: dict[Language, tuple[str, ...]] = {
    "en": ("my chest hurts and i cant breathe", "good morning, i slept well after my walk", "ok"),
    "zh": ("胸口疼得喘不上气", "早上好，散步回来睡得不错", "好的"),
}


class WeightsRefused(ValueError):
    """The weights of the classifier are missing, broken, or not those of the manifest."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """One language's model, ready to predict."""

    net: Any
    cut: Any  #: texts → tensors
    wide: Wide
    flags: tuple[str, ...]
    urgent: Floats  #: (9,) of the calibrated mixture: eight log shares and a constant
    soon: Floats


class Runner(Protocol):
    """Runs an encoder from its file of weights; ``memory.bert`` is one."""

    def readable(self, folder: Path) -> bool:
        """Whether it can run the encoder in ``folder``."""
        ...

    def weights(self, folder: Path, names: Sequence[str]) -> dict[str, Any]:
        """Some weights by name, to be changed."""
        ...

    def opened(
        self, folder: Path, probes: Sequence[Any], changed: Mapping[str, Any] | None = None
    ) -> tuple[Any, Any | None]:
        """(exact, quicker or None), each from ids (1, n) to states (1, n, width)."""
        ...

    def cut(self, folder: Path, text: str, most: int) -> tuple[Sequence[int], Any]:
        """Token ids of a text, at most ``most``, and where they stand."""
        ...

    def alone(self, net: Any) -> Any:
        """The same network, run without Python between its steps."""
        ...


def open_model(
    language: Language, folder: Path = FOLDER, runner: Runner | None = None
) -> tuple[Model, str]:
    """The model of one language and the version. Raises WeightsRefused, EncoderRefused."""
    manifest = _manifest(folder)
    try:
        about = manifest[language]
        path = folder / about["file"]
        content = path.read_bytes()
    except (KeyError, TypeError, OSError) as error:
        raise WeightsRefused(f"the classifier has no weights for {language} in {folder}") from error
    if hashlib.sha256(content).hexdigest() != about["sha256"]:
        raise WeightsRefused(f"{path} is not the file that its manifest describes: train it anew")
    held = {name: value.float() for name, value in load_file(path).items()}
    wide = Wide(
        language=language,
        idf=held.pop("wide.idf").numpy(),
        coefficients=held.pop("wide.coefficients").numpy(),
        intercept=held.pop("wide.intercept").numpy(),
    )
    urgent, soon = (held.pop(f"calibration.{name}").numpy() for name in ("urgent", "soon"))
    flags = tuple(about["flags"])
    source = _source(folder, about)
    cut: Any = None
    net: Any = None
    if runner is not None and runner.readable(Path(source)):
        cut = TokensOf(partial(runner.cut, Path(source)))
        probes = [cut([text])["input_ids"] for text in _PROBES[language]]
        net = _run_by(runner, Path(source), held, about["adapter_scale"], probes)
    else:
        cut = Tokens(source)
        net = sentence_net(source, len(flags))
        _merge(net.encoder, held, about["adapter_scale"])
        net.load_state_dict(held, strict=False)
        net.eval()
    model = Model(net=net, cut=cut, wide=wide, flags=flags, urgent=urgent, soon=soon)
    return model, str(manifest["version"])


def _source(folder: Path, about: Mapping[str, Any]) -> str:
    """Where the encoder of one language lies. Raises EncoderRefused where its bytes are others."""
    name = str(about["encoder"])
    if name not in BESIDE.values():
        return source_of(name if name != "bundled" else "")
    try:
        held = hashlib.sha256((folder / name / _FILE).read_bytes()).hexdigest()
    except OSError as error:
        raise EncoderRefused(f"{folder / name} holds no {_FILE}") from error
    if held != about["encoder_sha256"]:
        raise EncoderRefused(f"{folder / name / _FILE} is not the one of the manifest")
    return str(folder / name)


def _run_by(
    runner: Runner, source: Path, held: dict[str, torch.Tensor], scale: float, probes: Sequence[Any]
) -> TextByText:
    """The net on the encoder in ``source`` with its adapters, in 8 bits where that is faithful.

    Only one encoder is held. With the exact one beside it, asked again wherever the quicker heard
    anything, not one figure in a hundred was another, for 42 MB (docs/adr/0036).
    """
    changed, lean = _adapted(held, scale), coded.is_coded(source / _FILE)
    base = coded.read(source / _FILE) if lean else runner.weights(source, list(changed))
    if lean:
        base.pop(_WORDS)  # looked up where they lie
    adapted = {name: base[name] + change for name, change in changed.items() if name in base}
    # A pooler, which nothing reads, is not kept in 4 bits.
    exact, quick = runner.opened(source, probes, {**base, **adapted})
    flags, width = held["heads.flag.weight"].shape
    heads = Heads(width, flags)
    heads.load_state_dict(
        {name.removeprefix("heads."): v for name, v in held.items() if name.startswith("heads.")}
    )
    return TextByText(runner.alone(heads), quick or exact)


def sentence_net(source: str, flags: int) -> SentenceNet:
    """A fresh net on the encoder in ``source``."""
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if coded.is_coded(Path(source) / _FILE):
        about = AutoConfig.from_pretrained(source, local_files_only=True)
        encoder = AutoModel.from_config(about)  # type: ignore[no-untyped-call]
        encoder.load_state_dict(coded.read(Path(source) / _FILE), strict=False)
    else:
        encoder = AutoModel.from_pretrained(source, local_files_only=is_folder(source))
    return SentenceNet(encoder, encoder.config.hidden_size, flags)


def _merge(encoder: Any, held: dict[str, torch.Tensor], scale: float) -> None:
    """Add each low-rank adapter to the weight it adapts (LoRA, Hu et al. 2021), and forget it."""
    with torch.no_grad():
        for name, change in _adapted(held, scale).items():
            weight = encoder.get_parameter(name)
            weight += change


def _adapted(held: dict[str, torch.Tensor], scale: float) -> dict[str, torch.Tensor]:
    """Name of each adapted weight → what its adapter adds; the adapters leave ``held``."""
    names = [name.removesuffix(".down") for name in held if name.endswith(".down")]
    return {
        f"{name}.weight": scale * (held.pop(f"{name}.up") @ held.pop(f"{name}.down"))
        for name in names
    }


def save(
    folder: Path,
    language: Language,
    tensors: Mapping[str, torch.Tensor],
    about: Mapping[str, Any],
    version: str,
) -> None:
    """Write one language's weights as float16 and its lines of the manifest, and beside them the
    encoder that comes with them."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = BESIDE.get(language)
    if beside and about["encoder"] == beside:
        if not (folder / beside).is_dir():
            shutil.copytree(FOLDER / beside, folder / beside)
        held = (folder / beside / _FILE).read_bytes()
        about = {**about, "encoder_sha256": hashlib.sha256(held).hexdigest()}
    path = folder / f"{language}.safetensors"
    save_file({name: value.half().contiguous() for name, value in tensors.items()}, path)
    manifest = _manifest(folder) if (folder / _MANIFEST).exists() else {}
    manifest["version"] = version
    manifest[language] = {
        **about,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _MANIFEST).write_text(text + "\n", "utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise WeightsRefused(f"{folder / _MANIFEST} cannot be read") from error
