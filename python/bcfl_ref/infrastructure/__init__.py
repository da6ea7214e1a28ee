"""Infrastructure: identities, transactions, blocks, blobs and availability (`spec/infrastructure.md`)."""
