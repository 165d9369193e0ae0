"""Addresses of yearly work."""

from django.urls import path

from . import rollover

app_name = "yearly"
urlpatterns = [
    path("yearly/rollover", rollover.rollover, name="rollover"),
    path("yearly/rollover/standing", rollover.standing, name="rollover_standing"),
    path("yearly/rollover/actions", rollover.act, name="rollover_act"),
    path("yearly/rollover/changes.xlsx", rollover.export, name="rollover_export"),
    path("yearly/rollover/pupils/<str:kind>", rollover.pupils, name="rollover_pupils"),
    path("yearly/rollover/schools/<str:code>", rollover.school, name="rollover_school"),
    path("yearly/rollover/schools/<str:code>/decide", rollover.decide, name="rollover_decide"),
    path("yearly/rollover/schools/<str:code>/rules", rollover.rules, name="rollover_rules"),
]
