"""The confirmation sheet as PDF: Typst with embedded Chinese fonts, QR code as vectors."""

from .pdf import Printed, as_pdf

__all__ = ["Printed", "as_pdf"]
