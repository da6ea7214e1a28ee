"""Privacy (`spec/privacy.md`): the parts that secure aggregation is built from.

`keys` (what two members share), `masks` (what hides an input and what removes it again), `sharing` (what lets
others stand in for a member), `rings` (where a sum lives), `graph` and `bounds` (who is whose neighbour, and how
many have to be), `cost`; `computation`, `triples` and `fixed_point` for products that nobody sees. No transaction
of this version uses any of them: transaction kinds 48 to 63 (PRV-002) and blob kinds 3 to 15 (PRV-003) stay
reserved, and plain mode (PRV-001) is the only one.
"""
