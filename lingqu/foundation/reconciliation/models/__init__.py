"""Tables of reconciliation. 学籍 and 就读 are read from the register and never written here."""

from .cases import Case, Evidence, Reminder, Ticket
from .files import FileEntry, ListedChild, NationalFile
from .runs import Run, Tally

__all__ = ["Case", "Evidence", "FileEntry", "ListedChild", "NationalFile", "Reminder", "Run", "Tally", "Ticket"]
