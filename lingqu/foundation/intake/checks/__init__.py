"""Checks of rows in columns, not one by one; each finding names file, row, column, rule and who must mend it."""
