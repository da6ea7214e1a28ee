"""Key agreement, key derivation and authenticated encryption, from a library (PRV-010, PRV-011, PRV-012).

What is ours is the edge: the lengths of everything, that a shared secret of zeros is refused, and that no message
of an error holds a key, a plaintext or anything derived from them. X25519 is RFC 7748, HKDF RFC 5869, the cipher
ChaCha20-Poly1305 of RFC 8439. This file alone imports the library.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import Code, SpecError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
PLAINTEXT_MAX = 2**12
INFO_MAX = 2**10
"""PRV-011, PRV-012: far above what the protocol needs, far below what a library refuses."""


def public_key(secret_key: bytes) -> bytes:
    """PRV-010: The public key of 32 secret bytes, clamped as RFC 7748 says. Errors: KEY_LENGTH."""
    _length(secret_key, KEY_BYTES, "secret key")
    return X25519PrivateKey.from_private_bytes(secret_key).public_key().public_bytes_raw()


def shared_secret(secret_key: bytes, peer_key: bytes) -> bytes:
    """PRV-010: The 32 bytes that both holders compute, to be derived from and never used as a key.

    Errors, in order: KEY_LENGTH for either key; AGREEMENT_ZERO when the result is zero, which a peer key of
    small order forces whatever the secret is.
    """
    _length(secret_key, KEY_BYTES, "secret key")
    _length(peer_key, KEY_BYTES, "public key")
    try:
        shared = X25519PrivateKey.from_private_bytes(secret_key).exchange(X25519PublicKey.from_public_bytes(peer_key))
    except ValueError:  # the library refuses zero by itself
        shared = bytes(KEY_BYTES)
    if shared == bytes(KEY_BYTES):
        raise SpecError(Code.AGREEMENT_ZERO, f"public key {peer_key.hex()}")
    return shared


def derive_key(secret: bytes, info: bytes) -> bytes:
    """PRV-011: 32 bytes of HKDF-SHA-256 without salt.

    Errors, in order: KEY_LENGTH for a secret that has not 16 to 64 bytes (a shared secret has 32, published vectors
    have others); MESSAGE_LENGTH for a context of more than 1024 bytes.
    """
    if not 16 <= len(secret) <= 64:
        raise SpecError(Code.KEY_LENGTH, f"a secret of {len(secret)} bytes, not 16 to 64")
    if len(info) > INFO_MAX:
        raise SpecError(Code.MESSAGE_LENGTH, f"a context of {len(info)} bytes, at most {INFO_MAX}")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """PRV-012: The ciphertext, as long as the plaintext, followed by the tag of 16 bytes.

    Errors, in order: KEY_LENGTH (key, then nonce); MESSAGE_LENGTH for more than 4096 bytes.
    """
    _length(key, KEY_BYTES, "key")
    _length(nonce, NONCE_BYTES, "nonce")
    if len(plaintext) > PLAINTEXT_MAX:
        raise SpecError(Code.MESSAGE_LENGTH, f"{len(plaintext)} bytes, at most {PLAINTEXT_MAX}")
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, associated)


def unseal(key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    """PRV-012: The plaintext, if key, nonce, ciphertext, tag and associated data belong together.

    Errors, in order: KEY_LENGTH (key, then nonce); MESSAGE_LENGTH for fewer than 16 or more than 4112 bytes;
    CIPHERTEXT_INVALID, one answer whatever does not fit, and nothing of the plaintext.
    """
    _length(key, KEY_BYTES, "key")
    _length(nonce, NONCE_BYTES, "nonce")
    if not TAG_BYTES <= len(ciphertext) <= PLAINTEXT_MAX + TAG_BYTES:
        raise SpecError(Code.MESSAGE_LENGTH, f"{len(ciphertext)} bytes")
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise SpecError(Code.CIPHERTEXT_INVALID, f"{len(ciphertext)} bytes") from None


def _length(data: bytes, wanted: int, name: str) -> None:
    if len(data) != wanted:
        raise SpecError(Code.KEY_LENGTH, f"a {name} of {len(data)} bytes, not {wanted}")
