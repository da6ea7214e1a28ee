"""Engines: who orders transactions; `embedded` runs everybody in one process, deterministically."""
