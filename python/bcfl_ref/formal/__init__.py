"""The formal models of `spec/tla`: run by TLC, compared with prose and code, turned into vectors, fed with runs.

TLC and a Java runtime come from two packages of the `test` extra; nothing else in the project needs them.
"""
