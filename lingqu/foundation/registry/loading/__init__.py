"""Set-based application of rosters: one chunk of canonical rows, inside the caller's transaction, idempotent.

A chunk is staged in temporary tables, matched against what is known, merged, and linked to its source rows. Rows whose
keyed digest is unchanged since the last delivery cost one index look-up and are neither sealed nor written again, so an
interrupted import is resumed by running it again.
"""

from .batch import Batch, Outcome, RowFinding, apply_batch, recount

__all__ = ["Batch", "Outcome", "RowFinding", "apply_batch", "recount"]
