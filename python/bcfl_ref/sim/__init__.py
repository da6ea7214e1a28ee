"""The deterministic world: real replicas and rules, simulated network, clock, disk and keys, injected faults.

One seed is one history. Checkers are objects of their own that only watch.
"""
