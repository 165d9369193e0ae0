"""Addresses of imports."""

from __future__ import annotations

from django.urls import path

from . import actions, imports, mapping, templates, uploads

app_name = "intake"
urlpatterns = [
    path("imports", imports.imports, name="imports"),
    path("imports/new", uploads.new, name="new"),
    path("imports/uploads", uploads.begin, name="uploads"),
    path("imports/uploads/<uuid:upload_id>", uploads.append, name="upload"),
    path("imports/uploads/<uuid:upload_id>/cancel", uploads.cancel, name="upload_cancel"),
    path("imports/templates", templates.templates, name="templates"),
    path("imports/templates/<str:kind>.xlsx", templates.template_file, name="template"),
    path("imports/<str:number>", imports.one, name="import"),
    path("imports/<str:number>/standing", imports.standing, name="standing"),
    path("imports/<str:number>/findings", imports.findings, name="findings"),
    path("imports/<str:number>/report.xlsx", imports.report, name="report"),
    path("imports/<str:number>/mapping", mapping.mapping, name="mapping"),
    path("imports/<str:number>/fixes", actions.fix, name="fix"),
    path("imports/<str:number>/actions", actions.act, name="act"),
]
