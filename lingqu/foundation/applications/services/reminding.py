"""Filings that end soon: the office that keeps the application, and its vendor, are told once, 60 days before."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.language import writing_to

from ..models import ApplicationFiling
from ..selectors.reminders import NOTICE
from ..types.words import AppState

MOST = 500


def remind_of_ends() -> int:
    """Returns how many filings were told about. A date that is renewed is told about anew."""
    ending = (
        ApplicationFiling.objects.filter(application__state=AppState.LIVE, reminded_on=None)
        .annotate(ends_on=Least("record_until", "protection_until"))
        .filter(ends_on__lte=today() + NOTICE)
        .select_related("application__organisation", "application__vendor")
        .order_by("application_id")[:MOST]
    )
    rows = list(ending)
    contacts = registry.contacts_of([row.application.organisation for row in rows])
    for row in rows:
        _remind(row, contacts[row.application.organisation_id])
    return len(rows)


@transaction.atomic
def _remind(row: ApplicationFiling, contact: registry.Contact) -> None:
    application = row.application
    ends_on = min(day for day in (row.record_until, row.protection_until) if day is not None)
    with writing_to():
        body = _("“%(name)s”的备案或等保测评 %(day)s 到期，请在此之前续办。") % {
            "name": application.name, "day": ends_on.isoformat(),
        }  # fmt: skip
        subject = _("应用备案快到期")
    to = [contact]
    if application.vendor:
        phone = crypto.unseal_fields(application.vendor.contact).get("phone", "")
        to.append(
            registry.Contact(organisation=application.vendor.name, name=application.vendor.contact_name, phone=phone)
        )
    sent = [
        registry.write_to(
            one, subject=subject, body=body, kind="applications.filing", subject_kind="application",
            subject_id=application.id,
        )
        for one in to
    ]  # fmt: skip
    ApplicationFiling.objects.filter(application=application).update(reminded_on=today())
    audit.record(
        Actor.system("applications"), "applications.filing_reminded", subject_kind="application",
        subject_id=application.id, path=str(application.organisation.path), data={"messages": sum(map(bool, sent))},
    )  # fmt: skip
