"""Electronic seals of organisations on PDFs, through one door: ``seals.find(code)``, ``seal.set_on(pdf)``, ``seals.look_at(pdf)``.

``LINGQU_SEALS`` says who seals: a folder of certificates (``certificates``), or a seal service (``service``). Empty: nobody; then
paper is stamped and scanned. A signature is a PAdES one (ETSI EN 319 142-1, baseline B) whoever made it.
"""

from .finding import find
from .looking import Signature, look_at
from .types import Seal, Sealed, SealRefused

__all__ = ["Seal", "SealRefused", "Sealed", "Signature", "find", "look_at"]
