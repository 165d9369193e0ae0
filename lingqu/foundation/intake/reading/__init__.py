"""Files in: any roster file becomes canonical frames and findings. No database here."""

from .delivering import count_rows_of, read_delivery, rows_of_file
from .limits import Unusable

__all__ = ["Unusable", "count_rows_of", "read_delivery", "rows_of_file"]
