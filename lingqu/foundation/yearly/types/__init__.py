"""Words and rights of yearly work."""
