"""Who may let an SMS through: a module above knows budgets and approved templates. Called before anything is queued."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.functional import Promise

from ..errors import Unavailable
from .letters import Template


class NotAdmitted(Unavailable):
    """A gate refuses the message: its words are for whoever wanted to send it."""

    code = "sms_not_admitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An SMS that somebody wants to send. ``charge_to`` is the organisation that pays; None: nobody in particular."""

    kind: str
    params: Mapping[str, str]
    charge_to: UUID | None
    needs_template: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of SMS with the names of its variables, for those who have templates approved."""

    code: str
    title: Promise | str
    params: tuple[str, ...] = field(default=())


Gate = Callable[[Planned], Template | None]
"""Returns the template to use, None where none is needed; raises a domain error to refuse."""
GATES: dict[str, Gate] = {}
KINDS: dict[str, Kind] = {}
LastLook = Callable[[UUID], bool]
LAST_LOOKS: dict[str, LastLook] = {}
"""By kind of message: asked with its id in the transaction that hands it over; whether it is still to leave."""


def declare_kind(code: str, title: Promise | str, *params: str) -> None:
    """Each module names the SMS it sends. What is not declared needs a template without variables."""
    KINDS[code] = Kind(code=code, title=title, params=params)


def admit(planned: Planned) -> Template | None:
    """Ask every gate; the first template found is used."""
    found = [gate(planned) for gate in GATES.values()]
    return next((template for template in found if template is not None), None)
