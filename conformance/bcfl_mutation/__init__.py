"""How strong are the vectors? Change the reference in every small way, and see whether a case notices.

The vectors are the only tests. `python -m bcfl_mutation` (or `make mutation`) changes one thing in one normative
function at a time, answers with it the cases that reach the function, and counts the changes that no case notices.
Needs the package `bcfl_ref` beside this folder and an operating system with fork.
"""
