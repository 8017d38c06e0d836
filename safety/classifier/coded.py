"""Weights in 4 bits: blocks of 32 numbers along a row share one scale (v: torch, safetensors).

The scheme is Q4_0 of llama.cpp: what an encoder published that way holds is kept to the last bit.
"""

from __future__ import annotations

from pathlib import Path

import torch

BLOCK = 32
CODES, SCALE = ".codes", ".scale"


def code(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """float (rows, cols) → codes uint8 (rows, cols / 2), scale float16 (rows, cols / BLOCK).

    Raises ValueError where ``cols`` is no multiple of BLOCK.
    """
    rows, cols = matrix.shape
    if cols % BLOCK:
        raise ValueError(f"rows of {cols} numbers do not fall into blocks of {BLOCK}")
    blocks = matrix.float().reshape(rows, cols // BLOCK, BLOCK)
    far = blocks.abs().argmax(-1, keepdim=True)  # the farthest from zero becomes -8 exactly
    scale = (blocks.gather(-1, far)[..., 0] / -8).half()
    by = torch.where(scale == 0, 1, scale.float())[..., None]
    whole = (torch.round(blocks / by) + 8).clamp(0, 15).to(torch.uint8)
    half = BLOCK // 2
    codes = whole[..., :half] | (whole[..., half:] << 4)
    return codes.reshape(rows, cols // 2), scale


def expanded(codes: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The matrix again, float32 (rows, cols)."""
    rows, blocks = scale.shape
    held = codes.reshape(rows, blocks, BLOCK // 2)
    whole = torch.cat([held & 15, held >> 4], -1).float() - 8
    return (whole * scale.float()[..., None]).reshape(rows, blocks * BLOCK)


def is_coded(file: Path) -> bool:
    """Whether a file of weights (safetensors) holds any in 4 bits; False where there is none."""
    from safetensors import safe_open

    if not file.is_file():
        return False
    with safe_open(file, "pt") as held:
        return any(name.endswith(CODES) for name in held.keys())  # noqa: SIM118 - not a mapping


def read(file: Path) -> dict[str, torch.Tensor]:
    """Every weight of a file in float32, whichever way it is kept."""
    from safetensors.torch import load_file

    held = load_file(file)
    found = {n: v.float() for n, v in held.items() if not n.endswith((CODES, SCALE))}
    for name in held:
        if name.endswith(CODES):
            plain = name.removesuffix(CODES)
            found[plain] = expanded(held[name], held[plain + SCALE])
    return found
