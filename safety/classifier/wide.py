"""The wide half: a linear model on groups of letters: no meaning, and no word forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from safety.classifier.corpus import TIERS
from safety.classifier.heard import Floats
from safety.classifier.pieces import BUCKETS, letter_groups
from safety.verdict import Language


@dataclass(frozen=True, kw_only=True)
class Wide:
    """Weights by bucket; ``coefficients`` are (3, buckets): P0, P1 and P2 against P3."""

    language: Language
    idf: Floats
    coefficients: Floats
    intercept: Floats

    def __call__(self, folded: Sequence[str]) -> Floats:
        """Log shares of the tiers, (n, 4)."""
        rows = np.stack([np.append(self._one(text), 0.0) for text in folded])
        rows -= rows.max(1, keepdims=True)
        return np.asarray(rows - np.log(np.exp(rows).sum(1, keepdims=True)))

    def _one(self, text: str) -> Floats:
        groups = letter_groups(text, self.language)
        if not groups:
            return self.intercept.copy()
        at = np.fromiter(groups.keys(), dtype=np.int64)
        weights = np.fromiter(groups.values(), dtype=np.float32) * self.idf[at]
        weights /= np.linalg.norm(weights)
        return np.asarray(self.coefficients[:, at] @ weights + self.intercept)


def fit(texts: Sequence[str], tiers: Sequence[int], language: Language, *, seed: int) -> Wide:
    """Learn from folded texts (multinomial logistic regression, L2)."""
    from sklearn.linear_model import LogisticRegression

    matrix, idf = _matrix(texts, language)
    model = LogisticRegression(C=10.0, max_iter=300, random_state=seed).fit(matrix, list(tiers))
    if list(model.classes_) != list(range(len(TIERS))):
        raise ValueError("training needs messages of every tier, P0 to P3")
    return Wide(
        language=language,
        idf=idf,
        coefficients=(model.coef_[:-1] - model.coef_[-1]).astype(np.float32),
        intercept=(model.intercept_[:-1] - model.intercept_[-1]).astype(np.float32),
    )


def _matrix(texts: Sequence[str], language: Language) -> tuple[Any, Floats]:
    """Unit rows of dampened counts times rarity, (n, buckets) sparse, and the rarities."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        groups = letter_groups(text, language)
        columns += groups.keys()
        values += groups.values()
        ends.append(len(columns))
    met = np.bincount(columns, minlength=BUCKETS)
    idf = (np.log((1 + len(texts)) / (1 + met)) + 1).astype(np.float32)
    found = csr_matrix((np.asarray(values) * idf[columns], columns, ends), (len(texts), BUCKETS))
    return normalize(found), idf
