"""Every address of the platform, module by module."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path

from lingqu.config import health, health_parts  # noqa: F401  the latter fills the operator's page

MODULE_URLS = [
    "lingqu.kernel.urls",
    "lingqu.ui.urls",
    "lingqu.foundation.registry.web.urls",
    "lingqu.foundation.timetable.web.urls",
    "lingqu.foundation.identity.web.urls",
    "lingqu.foundation.upstream.web.urls",
    "lingqu.foundation.oidc.web.urls",
    "lingqu.foundation.cas.web.urls",
    "lingqu.foundation.saml.web.urls",
    "lingqu.foundation.lti.web.urls",
    "lingqu.foundation.applications.web.urls",
    "lingqu.foundation.yearly.web.urls",
    "lingqu.foundation.inbox.web.urls",
    "lingqu.foundation.collection.web.urls",
    "lingqu.foundation.workflow.web.urls",
    "lingqu.foundation.intake.web.urls",
    "lingqu.foundation.quality.web.urls",
    "lingqu.foundation.reconciliation.web.urls",
    "lingqu.foundation.statistics.web.urls",
    "lingqu.learning.records.web.urls",
    "lingqu.campus.office.web.urls",
    "lingqu.governance.service_hall.web.urls",
    "lingqu.portal.urls",
]


def _present(module: str) -> bool:
    parent = module.rpartition(".")[0]
    return find_spec(parent) is not None and find_spec(module) is not None


urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    *(path("", include(import_module(module))) for module in MODULE_URLS if _present(module)),
]

handler400 = "lingqu.kernel.answers.bad_request"
handler403 = "lingqu.kernel.answers.forbidden"
handler404 = "lingqu.kernel.answers.not_found"
handler500 = "lingqu.kernel.answers.server_error"
