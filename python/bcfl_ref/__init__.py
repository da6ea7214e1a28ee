"""The executable reference of blockchain-enabled federated learning: see `spec/` and `docs/architecture.md`."""
