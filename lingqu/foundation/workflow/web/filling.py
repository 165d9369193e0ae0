"""Forms on pages: what a template needs of each field, and reading a post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ..forms.answers import Answers, Posted, hidden_of, is_empty, may_write, name_of, shown
from ..forms.schema import Field, FieldType, Form
from ..selectors.prefill import Prefilled

INPUTS = {FieldType.TEXT: "text", FieldType.NUMBER: "text"}
SUBTYPES = {"date": "date", "time": "time", "datetime": "datetime-local"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One field as it is shown: ``value`` for its control, ``text`` in words; ``source`` when the register filled it in."""

    field: Field
    value: Any = ""
    text: str = ""
    error: str = ""
    is_asked: bool = True
    is_hidden: bool = False
    source: Prefilled | None = None
    files: tuple[Any, ...] = ()

    @property
    def kind(self) -> str:
        """The type of its input element."""
        if self.field.type is FieldType.DATE:
            return SUBTYPES[self.field.subtype]
        if self.field.validation:
            return {"phone": "tel", "email": "email"}[self.field.validation]
        return "text"

    @property
    def hint(self) -> str:
        return self.field.description


def drawn_fields(
    form: Form, values: Mapping[str, Any], *, errors: Mapping[str, str] | None = None, writes: frozenset[str] | None = None,
    reads: frozenset[str] | None = None, sources: Mapping[str, Prefilled] | None = None,
    files: Mapping[str, tuple[Any, ...]] | None = None,
) -> list[Drawn]:  # fmt: skip
    """The fields in order. Those outside ``reads`` are left out, those outside ``writes`` are shown as words."""
    hidden = hidden_of(form, values)
    return [
        Drawn(
            field=one, value=_for_control(one, values.get(one.key)), text=shown(one, values.get(one.key)),
            error=(errors or {}).get(one.key, ""), is_hidden=name_of(one) in hidden,
            is_asked=one.asks and may_write(one, writes) and one.key not in (sources or {}),
            source=(sources or {}).get(one.key), files=(files or {}).get(one.key, ()),
        )
        for one in form.fields
        if not one.asks or reads is None or one.key in reads
    ]  # fmt: skip


def _for_control(one: Field, value: Any) -> Any:
    if is_empty(value):
        return [] if one.type is FieldType.TICKS else ""
    return f"{value:g}" if isinstance(value, float) else value


def posted_of(request: HttpRequest) -> Posted:
    return {key: request.POST.getlist(key) for key in request.POST}


def uploads_of(request: HttpRequest, form: Form, answers: Answers) -> tuple[list[tuple[str, Any]], dict[str, str]]:
    """Files of the shown file fields as (field key, file), and what is wrong with how many they are."""
    found: list[tuple[str, Any]] = []
    errors: dict[str, str] = {}
    for one in form.asked():
        if one.type is not FieldType.FILES or one.key in answers.hidden:
            continue
        given = request.FILES.getlist(one.key)
        most = int(one.most or 1)
        if len(given) > most:
            errors[one.key] = _("最多 %(n)d 个文件。") % {"n": most}
        elif not given and one.is_required and is_empty(answers.values.get(one.key)):
            errors[one.key] = _("请上传这份材料。")
        found += [(one.key, file) for file in given]
    return found, errors
