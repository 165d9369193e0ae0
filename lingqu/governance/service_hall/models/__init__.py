from .beyond import BeyondTransfer
from .papers import Paper, PaperRequest, PaperSerial
from .rules import GuideNote, PlaceRule
from .seats import SeatPlan
from .transfers import Transfer

__all__ = [
    "BeyondTransfer",
    "GuideNote",
    "Paper",
    "PaperRequest",
    "PaperSerial",
    "PlaceRule",
    "SeatPlan",
    "Transfer",
]
