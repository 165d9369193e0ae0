"""XLSX files as an office sent them: read as a drawn grid, filled in by editing their own XML, nothing redrawn."""
