"""Privacy (`spec/privacy.md`): what secure aggregation is made of, and what parties compute among themselves.

`keys` (what two members share), `masks` (what hides an input and what removes it again), `sharing` (what lets
others stand in for a member), `rings` (where a sum lives), `graph` and `bounds` (who is whose neighbour, and how
many have to be), `cost`, `noise` and `budget`: the transactions of secure rounds use these. `computation`,
`triples` and `fixed_point` (products that nobody sees) and `alignment` (whose rows two owners share) are for
parties; no transaction uses them.
Plain mode (PRV-001) needs none of it.
"""
