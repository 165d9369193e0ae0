"""Attributes of a person now or as they were, and the fields that a page may show of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from lingqu.kernel.clock import ZONE
from lingqu.kernel.crypto import unseal_fields

from ..models import Person, PersonHistory
from ..types.cards import FieldValue
from ..types.masking import masked, masked_date
from .labels import field_definitions, label

PLAIN = ("name", "sex", "birth_date", "ethnicity", "nationality", "id_type", "email")
SHOWN: dict[str, tuple[str, ...]] = {
    "student": ("name", "id_number", "birth_date", "register_number", "ethnicity", "phone", "address", "email"),
    "staff": (
        "name",
        "id_number",
        "birth_date",
        "ethnicity",
        "education_level",
        "degree",
        "phone",
        "email",
        "address",
    ),
    "guardian": ("name", "id_number", "phone", "address", "email"),
}
CODED = {"ethnicity": "ethnic_groups", "education_level": "education_level", "degree": "degree"}
"""Fields that hold a code, and its table."""
OWNERS = {"national_pupil": _("国家学籍"), "national_staff": _("国家教师"), "province": _("省"), "local": _("本地")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """``plain`` values by field (dates as ISO text), ``sealed`` the clear sensitive ones: never show them unasked."""

    plain: Mapping[str, Any]
    sealed: Mapping[str, str]


def current_attributes(person: Person) -> Attributes:
    plain = {name: _text(getattr(person, name)) for name in PLAIN}
    return Attributes(plain={**plain, **person.attributes}, sealed=unseal_fields(person.sealed))


def attributes_as_of(person: Person, history: Iterable[PersonHistory], day: date) -> Attributes:
    """What the attributes were at the end of ``day``: later changes are undone one by one; ``history`` newest first."""
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZONE)
    now = current_attributes(person)
    plain, sealed = dict(now.plain), dict(now.sealed)
    for row in history:
        if row.person_id != person.id or row.recorded_at < end:
            continue
        plain.update(row.before)
        if row.sealed_before is not None:
            sealed = unseal_fields(row.sealed_before)
    return Attributes(plain=plain, sealed=sealed)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def shown_fields(
    attributes: Attributes, entity: str, *, register_number: str = "", is_revealed: bool = False
) -> tuple[FieldValue, ...]:
    """The identity block of a page: masked unless revealed; absent values are shown as absent."""
    known = field_definitions(entity)
    values = {**attributes.plain, **attributes.sealed, "register_number": register_number}
    made = []
    for field in SHOWN[entity]:
        title, owner, sensitivity = known.get(field, (field, "local", "plain"))
        value = str(values.get(field) or "")
        is_sensitive = sensitivity == "sensitive"
        is_masked = is_sensitive and not is_revealed and bool(value)
        made.append(
            FieldValue(
                field=field, label=title, is_sensitive=is_sensitive,
                is_masked=is_masked, shown=_shown(field, value, is_masked=is_masked), owner=owner,
                owner_label=str(OWNERS.get(owner, owner)),
            )
        )  # fmt: skip
    return tuple(made)


def _shown(field: str, value: str, *, is_masked: bool) -> str:
    if field == "birth_date" and is_masked:
        return masked_date(date.fromisoformat(value))
    if is_masked:
        return masked(field, value)
    table = CODED.get(field)
    return label(table, value) if table else value
