"""An encoder without weights and keys without a database, for tests of memory."""

from __future__ import annotations

import base64
import os
import re
from hashlib import blake2b

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from memory.model import Vectors


class Keys:
    """AES-GCM with a key per patient, as in the bot."""

    def _aes(self, patient_id: str) -> AESGCM:
        return AESGCM(blake2b(patient_id.encode(), digest_size=32).digest())

    def seal(self, patient_id: str, text: str) -> str:
        nonce = os.urandom(12)
        sealed = self._aes(patient_id).encrypt(nonce, text.encode(), patient_id.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, patient_id: str, sealed: str) -> str:
        raw = base64.b64decode(sealed)
        return self._aes(patient_id).decrypt(raw[:12], raw[12:], patient_id.encode()).decode()


class Hashed:
    """A small real encoder: words hashed into 64 places. Enough meaning for tests, no weights."""

    name = "hashed-64"
    dimensions = 64
    reads_chinese = False

    def encode(self, texts: list[str]) -> Vectors:
        made = np.full((len(texts), 64), 1e-3, dtype=np.float32)
        for row, text in zip(made, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[blake2b(word.encode()).digest()[0] % 64] += 1
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)
