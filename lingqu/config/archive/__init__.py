"""The continuous archive: what the embedded PostgreSQL writes, streamed to another disk, with base copies to start from."""
