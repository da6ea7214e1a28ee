"""The bugs of types and encoding. A name says what the mistake is; `caught_by` is the case written against it."""

from __future__ import annotations

from mutation import Bug

_ENCODING = "bcfl_ref.encoding"

BUGS = (
    Bug(
        "decodes-loosely",
        "a decoder that does not compare with the canonical bytes",
        _ENCODING,
        "    if again != data:\n",
        "    if False:\n",
        "types-decode-layout-offset-gap",
    ),
    Bug(
        "domain-without-genesis",
        "the domain does not depend on the genesis",
        _ENCODING,
        "hash_tree_root(DomainData(genesis_root, protocol_version))[:28]",
        "hash_tree_root(DomainData(bytes(32), protocol_version))[:28]",
        "types-domain-version",
    ),
    Bug(
        "domain-takes-the-last-bytes",
        "the last 28 bytes of the root, not the first",
        _ENCODING,
        "(DomainData(genesis_root, protocol_version))[:28]",
        "(DomainData(genesis_root, protocol_version))[-28:]",
        "types-domain-prevote",
    ),
    Bug(
        "signs-the-root-without-domain",
        "the domain does not enter the signing root",
        _ENCODING,
        "return hash_tree_root(SigningData(hash_tree_root(value), domain))",
        "return hash_tree_root(value)",
        "types-signing-root-prevote",
    ),
    Bug(
        "big-endian-length-in-proofs",
        "the number of chunks is mixed in as a big-endian word",
        _ENCODING,
        'branch.append(len(blob.chunks).to_bytes(32, "little"))',
        'branch.append(len(blob.chunks).to_bytes(32, "big"))',
        "types-prove-3-2",
    ),
    Bug(
        "blob-length-off",
        "a blob that ends inside an element is accepted",
        _ENCODING,
        "width is None or len(data) % width or",
        "width is None or",
        "types-blob-length-5",
    ),
    Bug(
        "proof-index-beyond-the-tree",
        "an index of 2^22 or more is not refused as such",
        _ENCODING,
        "    if proof.index >= CHUNKS_MAX:",
        "    if False:",
        "types-verify-chunk-index-large",
    ),
    Bug(
        "proof-without-digest",
        "the chunk itself is not compared with the digest that the proof carries",
        _ENCODING,
        "if hash_bytes(chunk) != proof.digest or len(proof.branch)",
        "if len(proof.branch)",
        "types-verify-chunk-flip",
    ),
    Bug(
        "layout-names-unordered",
        "tensors may stand in any order, so that one model has several layouts",
        _ENCODING,
        "if tensor.name <= previous or",
        "if",
        "types-layout-order",
    ),
    Bug(
        "sign-and-magnitude",
        "negative words are the sign bit and the magnitude",
        _ENCODING,
        "return word - (1 << 64) if word >> 63 else word",
        "return -(word & (1 << 63) - 1) if word >> 63 else word",
        "types-word-18446744073709551615",
    ),
)
