"""What the kit's form components need to know of a Django form's field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, ChoiceWidget, RadioSelect, Select, Textarea
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Widget:
    """``kind``: ``select``, ``radio``, ``checks``, ``checkbox``, ``textarea`` or an input type. ``choices`` are
    (value, label) pairs, ``chosen`` the values that are on."""

    kind: str
    value: str
    choices: tuple[tuple[str, str], ...]
    chosen: frozenset[str]
    autocomplete: str
    accept: str
    is_multiple: bool


def _kind(widget: Any) -> str:
    for kind, classes in (
        ("checks", CheckboxSelectMultiple), ("radio", RadioSelect), ("select", Select), ("textarea", Textarea),
        ("checkbox", CheckboxInput),
    ):  # fmt: skip
        if isinstance(widget, classes):
            return kind
    return getattr(widget, "input_type", "text") or "text"


def widget_of(field: BoundField) -> Widget:
    """How the component ``bound_field`` draws this field. Passwords never come back to the page."""
    widget, kind = field.field.widget, _kind(field.field.widget)
    value = field.value()
    chosen = value if isinstance(value, list | tuple) else [value]
    choices = widget.choices if isinstance(widget, ChoiceWidget) else ()
    return Widget(
        kind=kind,
        value="" if value is None or kind in {"password", "file"} else str(widget.format_value(value) or ""),
        choices=tuple((str(key), str(label)) for key, label in choices),
        chosen=frozenset(str(one) for one in chosen if one not in (None, "") and one is not False),
        autocomplete=str(widget.attrs.get("autocomplete", "")),
        accept=str(widget.attrs.get("accept", "")),
        is_multiple=bool(getattr(widget, "allow_multiple_selected", False)),
    )


def summary_of(form: BaseForm) -> tuple[tuple[str, str, SafeString | str], ...]:
    """``(field id, label, sentence)`` for each error of a form; the id is empty for errors of the whole form."""
    found: list[tuple[str, str, str]] = []
    for name, errors in form.errors.items():
        label = str(form[name].label) if name in form.fields else ""
        target = f"f-{form[name].html_name}" if name in form.fields else ""
        found += [(target, label, str(error)) for error in errors]
    return tuple(found)
