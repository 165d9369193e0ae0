"""What the records add to the shell."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.registry import api as registry
from lingqu.kernel import lags, navigation, retention, rotation
from lingqu.kernel.actor import Actor

from . import guide
from .models import Registration
from .selectors import own
from .types import rights

navigation.group("learning", _("学习"), order=40)
navigation.add(_("在线课程"), "records:courses", group="learning", icon="book", order=5)
navigation.add(_("我的学习记录"), "records:own", group="learning", icon="book", order=10)
navigation.add(_("语句转发"), "records:forwards", group="learning", icon="send", order=95, rights=(rights.KEEP,))
navigation.add(
    _("学习语句"), "records:statements_seen", group="learning", icon="search", order=90, rights=(rights.VIEW,)
)

for _table, _keep, _by in (
    ("records_tenant", "for ever: one row an application and organisation", ""),
    ("records_credential", "for ever: a handful of rows", ""),
    ("records_refusal", "30 days", "records.purge_refusals"),
    ("records_actor", "until the person is erased", ""),
    ("records_face", "with its actor", ""),
    ("records_term", "for ever: one row an activity or verb", ""),
    ("records_statement", "the recent months; older ones lie in files", "records.keep_months"),
    ("records_mark", "with the statements of its month", "records.keep_months"),
    ("records_latemark", "with the statements of its month", "records.keep_months"),
    ("records_statementid", "for ever: what was said once is said", ""),
    ("records_month", "for ever: one row a month", ""),
    ("records_part", "one row a file of an old month", ""),
    ("records_voiding", "for ever: one row a voided statement", ""),
    ("records_reference", "for ever: one row a statement about a statement", ""),
    ("records_document", "as long as the application keeps it, or until the person is erased", ""),
    ("records_course", "for ever: one row a course that was brought in", ""),
    ("records_coursefile", "with its course", ""),
    ("records_registration", "until the person is erased: who learnt which course", ""),
    ("records_unitstate", "with its registration", ""),
    ("records_session", "two years after its launch", "records.purge_sessions"),
    ("records_forward", "a handful of rows", ""),
    ("records_deadletter", "until it was taken, or its forward ends", ""),
    ("records_volume", "for ever: one row a tenant and day", ""),
    ("records_attachment", "with its statements", ""),
):
    retention.declare(_table, keep=_keep, by=_by)

applications.GUIDES[guide.PROTOCOL] = guide.guide
applications.SETTINGS.fill(guide.PROTOCOL, guide.card, order=50)

rotation.declare_sealed("records_face", "sealed")
rotation.declare_sealed("records_forward", "sealed")
lags.declare(
    "forwards", lags.Queue("SELECT failing_since AS at FROM records_forward WHERE is_on AND failing_since IS NOT NULL")
)
rotation.declare_index("records_actor", "digest")
rotation.declare_index("records_face", "digest")


def held(_actor: Actor, about: registry.About) -> Mapping[str, registry.Part]:
    """The statements about somebody, over all applications."""
    page, _more = own.list_own(own.list_sources(about.person_ids), own.Asked(), limit=own.MOST_EXPORTED)
    rows = Registration.objects.filter(about.named(account=""))
    return {
        "learning_records": [*own.statements_of(page)],
        "courses": registry.part_of(rows, "course__title", "started_at", "done_at"),
    }


registry.hand_out("records", held, "records_actor", "records_registration")
