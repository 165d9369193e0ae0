"""The statements resource (1.0.3 Communication 2.1; 2.0 4.1.6.1)."""

from __future__ import annotations

from .front import resource

statements = resource("statements/read")
