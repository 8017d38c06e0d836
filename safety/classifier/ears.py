"""Listen with both halves, piece by piece, and say what the worst piece is.

(v: torch)
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from safety.classifier.corpus import NO_FLAG
from safety.classifier.heard import Floats, Heard
from safety.classifier.pieces import language_of, pieces
from safety.classifier.weights import FOLDER, Model, Runner, open_model
from safety.verdict import Language

_BATCH = 32
#: Below both, by letters alone, the deep half is not asked: a third of everyday messages, and none
#: of the emergencies held back from training.
_NOTHING_P0, _NOTHING_P1 = 0.04, 0.15
_NOTHING = Heard(urgent=0.0, soon=0.0, flag=NO_FLAG, flag_share=0.0)


class Ears:
    """Both languages' models. ``hear`` may be called from several threads; they take turns."""

    def __init__(self, folder: Path = FOLDER, *, runner: Runner | None = None) -> None:
        """Raises WeightsRefused or EncoderRefused with one clear sentence.

        ``runner`` runs the encoders that it can read, in transformers' stead.
        """
        self._models: dict[Language, Model] = {}
        self.version = ""
        for language in ("en", "zh"):
            self._models[language], self.version = open_model(language, folder, runner)
        self._lock = threading.Lock()

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        """One for each text, of the language its letters are in; empty texts are nothing."""
        found: list[Heard] = [_NOTHING] * len(texts)
        for language, model in self._models.items():
            todo = [
                (number, *piece)
                for number, text in enumerate(texts)
                if language_of(text) == language
                for piece in pieces(text, language)
            ]
            for begin in range(0, len(todo), _BATCH):
                some = todo[begin : begin + _BATCH]
                with self._lock:
                    said = _predict(model, [folded for *_, folded in some])
                for (number, start, end, _), (urgent, soon, flag, share) in zip(
                    some, said, strict=True
                ):
                    if urgent >= found[number].urgent:
                        found[number] = Heard(
                            urgent=urgent,
                            soon=max(soon, found[number].soon),
                            flag=flag,
                            flag_share=share,
                            start=start,
                            end=end,
                            version=self.version,
                        )
        return found


def _predict(model: Model, folded: Sequence[str]) -> list[tuple[float, float, str, float]]:
    """(P0, P0 or P1, likeliest flag, its share) of each folded piece."""
    letters = model.wide(folded)
    found = [(float(r[0]), float(r[0] + r[1]), NO_FLAG, 0.0) for r in np.exp(letters)]
    which = [
        n for n, (p0, either, *_) in enumerate(found) if p0 >= _NOTHING_P0 or either >= _NOTHING_P1
    ]
    if not which:
        return found
    deep, flags = run(model.net, model.cut, [folded[n] for n in which])
    both = np.concatenate([deep, letters[which]], axis=1)
    urgent, soon = (_share(both, by) for by in (model.urgent, model.soon))
    for n, u, s, row in zip(which, urgent, soon, flags, strict=True):
        at = int(row.argmax())
        found[n] = (float(u), float(max(u, s)), model.flags[at], float(row[at]))
    return found


def run(net: Any, cut: Any, folded: Sequence[str]) -> tuple[Floats, Floats]:
    """The deep half: log shares of the tiers (n, 4), shares of the flags (n, flags)."""
    with torch.inference_mode():
        said = net(**cut(folded))
        return (
            torch.log_softmax(said["tier"], 1).numpy(),
            torch.softmax(said["flag"], 1).numpy(),
        )


def _share(both: Floats, by: Floats) -> Floats:
    """A calibrated probability from eight log shares."""
    return np.asarray(1 / (1 + np.exp(-np.clip(both.clip(-12, 0) @ by[:-1] + by[-1], -30, 30))))


def calibrated(both: Floats, true: Floats) -> Floats:
    """Weights (9,) that turn log shares into the share of ``true`` (logistic; Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=1000).fit(both.clip(-12, 0), true)
    found = np.append(model.coef_[0], model.intercept_[0])
    if not math.isfinite(float(found.sum())):
        raise ValueError("calibration did not converge")
    return found.astype(np.float32)
