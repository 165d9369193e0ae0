"""休学 that ends: a to-do for the school two weeks before, until the child is back or the day is changed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel.clock import today
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import day

from .. import register

AHEAD = timedelta(days=14)
MOST = 5000
MODULE = "service_hall"


@transaction.atomic
def remind_of_returns() -> int:
    """Put one to-do a child whose 休学 ends within two weeks; doing it again changes nothing. Returns how many there are."""
    rows = register.enrolments().filter(attendance="absent", valid_to=None, expected_on__lte=today() + AHEAD)
    found = list(rows.filter(person__deceased_on=None).select_related("person", "school").order_by("id")[:MOST])
    with writing_to():
        for row in found:
            words = {"name": row.person.name, "day": day(row.expected_on)}
            inbox.put_todo(
                module=MODULE, key=f"return:{row.id}:{row.expected_on}", address=f"duty:register_officer@{row.school.label}",
                title=_("%(name)s 休学到 %(day)s 期满，请联系家长办复学或延长") % words,
                url=reverse("registry:person", args=[row.person.number]),
            )  # fmt: skip
    return len(found)
