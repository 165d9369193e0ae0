"""Set-based application of rosters: one chunk of canonical rows, inside the caller's transaction, idempotent.

A chunk is prepared without the database (digests, sealed maps), staged in temporary tables, matched against what is
known, merged, and linked to its source rows. Rows whose keyed digest is unchanged since the last delivery are neither
sealed nor sent, so an interrupted import is resumed by running it again.
"""

from .batch import Batch, Outcome, Prepared, RowFinding
from .chunk import apply_batch, apply_prepared
from .counts import finish_import, recount, refresh_statistics
from .overtaking import may_overtake
from .preparing import known_keys, known_links, prepare_batch, source_of, with_digests
from .removals import Removal, find_removals
from .run import Acquainted
from .withdrawing import Withdrawal, declare_episodes, withdraw_import

__all__ = [
    "Acquainted",
    "Batch",
    "Outcome",
    "Prepared",
    "Removal",
    "RowFinding",
    "Withdrawal",
    "apply_batch",
    "apply_prepared",
    "declare_episodes",
    "find_removals",
    "finish_import",
    "known_keys",
    "known_links",
    "may_overtake",
    "prepare_batch",
    "recount",
    "refresh_statistics",
    "source_of",
    "with_digests",
    "withdraw_import",
]
