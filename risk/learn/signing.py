"""Sign what the registry holds with the clinic's own key, and check it with the public half."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def public(seed: bytes) -> str:
    """The public half of the key that ``seed`` (32 bytes) makes, 64 hexadecimal digits."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(seed: bytes, content: bytes) -> str:
    """An Ed25519 signature (RFC 8032) of ``content``, 128 hexadecimal digits."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(content).hex()


def fits(key: str, signature: str, content: bytes) -> bool:
    """Was ``content`` signed by the private half of ``key``?"""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), content
        )
    except (InvalidSignature, ValueError):
        return False
    return True
