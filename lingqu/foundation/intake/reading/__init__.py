"""Files in: any roster file becomes canonical frames and findings. No database here."""

from .delivery import Delivery, Known, ReadFile, read_delivery
from .tables import Unusable

__all__ = ["Delivery", "Known", "ReadFile", "Unusable", "read_delivery"]
