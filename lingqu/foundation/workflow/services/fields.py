"""What somebody hands in with a step: only fields that the step grants, as the form allows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid
from lingqu.kernel.language import listed

MOST_BYTES = 64 << 10


def accepted(given: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    """The given fields. Raises :class:`Invalid` for a field that the step does not grant, and for too much."""
    granted = set(allowed)
    foreign = [] if "*" in granted else sorted(set(given) - granted)
    if foreign:
        raise Invalid(
            _("这一步不能填写：%(fields)s。") % {"fields": listed(foreign)}, code="field_not_granted",
            details={key: _("这一步不能填写。") for key in foreign},
        )  # fmt: skip
    try:
        made: dict[str, Any] = msgspec.json.decode(encoded := msgspec.json.encode(dict(given)))
    except (TypeError, msgspec.DecodeError) as error:
        raise Invalid(_("表单里有不能保存的内容。"), code="not_json") from error
    if len(encoded) > MOST_BYTES:
        raise Invalid(_("一次提交的表单内容太多。"), code="too_much")
    return made
