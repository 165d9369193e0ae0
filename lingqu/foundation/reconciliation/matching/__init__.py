"""Set-based comparison: staging a file, one group per child, one bucket per group, cases and figures."""
