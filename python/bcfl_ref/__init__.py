"""The executable reference of blockchain-enabled federated learning (BeFL): see `spec/` and `docs/architecture.md`."""
