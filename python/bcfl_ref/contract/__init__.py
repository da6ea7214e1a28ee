"""Contract: the life of a task, from publication to completion or abort (`spec/contract.md`)."""
