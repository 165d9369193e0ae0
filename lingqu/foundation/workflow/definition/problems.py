"""What keeps a definition from running, as sentences that name the element."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .document import kind_of
from .outline import Flow, Scope, Step
from .words import name_of_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding; ``code`` is stable for programs. A definition with any does not run."""

    code: str
    element_id: str
    element: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def about(thing: Step | Flow | Scope) -> str:
    """``人工任务“审批”（Task_1）``: kind, name and id as they stand in the file."""
    if isinstance(thing, Step):
        kind = name_of_kind(thing.kind, thing.event)
    else:
        kind = name_of_kind("sequenceFlow" if isinstance(thing, Flow) else kind_of(thing.xml))
    name = " ".join(thing.name.split())
    if name:
        return _("%(kind)s“%(name)s”（%(id)s）") % {"kind": kind, "name": name, "id": thing.id}
    return _("%(kind)s（%(id)s）") % {"kind": kind, "id": thing.id}


def problem(code: str, thing: Step | Flow | Scope, sentence: str, **values: object) -> Problem:
    """``sentence`` has the placeholder ``%(what)s`` for the element, and those of ``values``."""
    what = about(thing)
    return Problem(code=code, element_id=thing.id, element=what, sentence=sentence % {"what": what, **values})
