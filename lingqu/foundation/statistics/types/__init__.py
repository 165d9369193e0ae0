"""Words and rights of statistics."""
