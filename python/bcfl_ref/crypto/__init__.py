"""Thin wraps of well-kept cryptographic libraries: strict at the edge, without arithmetic of our own."""
