"""The reference implementation as a testee; needs the package `bcfl_ref`."""

from bcfl_ref.operations.testee import main

if __name__ == "__main__":
    raise SystemExit(main([]))
