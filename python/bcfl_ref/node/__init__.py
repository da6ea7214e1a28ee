"""Everything that touches the world: the ledger log, the blob store, private keys, journals and the index."""
