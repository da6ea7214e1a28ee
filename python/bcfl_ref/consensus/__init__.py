"""Consensus: beacon, seats, proposers, votes, certificates, evidence and Tendermint as a pure `step`.

Nothing here knows a clock, a network or a disk; stake and reputation arrive as weights, signatures are checked
through a scheme that is handed in, and blocks are names (roots). The driver is `bcfl_ref.node.replica`.
"""
