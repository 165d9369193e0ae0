"""阳光分班 as a calculation: inputs and a seed in, classes out, the same on every machine. Knows no database.

The README of this module says it in words; ``drawing`` does it, ``sealing`` writes and checks the sealed file.
"""

from .drawing import Impossible, draw, place_late, spreads
from .sealing import BadFile, digest_of, sealed_file, verify
from .values import Bond, Inputs, Placed, Pupil

__all__ = [
    "BadFile", "Bond", "Impossible", "Inputs", "Placed", "Pupil", "digest_of", "draw", "place_late", "sealed_file", "spreads",
    "verify",
]  # fmt: skip
