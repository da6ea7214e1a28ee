"""`python -m bcfl_ref` is the command `bcfl`."""

from .cli import main

main()
