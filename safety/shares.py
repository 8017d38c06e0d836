"""A share and how sure it is."""

from __future__ import annotations

import math

_Z = 1.959964  # two-sided 95 %


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The Wilson score interval at 95 % of ``hits`` in ``of``, as shares; (0, 1) of nothing."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
