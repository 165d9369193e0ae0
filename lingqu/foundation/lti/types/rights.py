"""Right codes of LTI, held on a class or at the place of a school."""

from __future__ import annotations

OPEN = "lti.links.open"
"""See the resources of a class and go into them."""
EDIT = "lti.links.edit"
"""Put resources of applications into a class and take them out."""
