"""Words and rights of reconciliation."""
