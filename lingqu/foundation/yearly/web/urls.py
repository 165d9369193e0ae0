"""Addresses of yearly work."""

from django.urls import path

from . import placement, rollover

app_name = "yearly"
urlpatterns = [
    path("yearly/placements", placement.placements, name="placements"),
    path("yearly/placements/new", placement.new, name="placement_new"),
    path("yearly/placements/moves", placement.moves, name="placement_moves"),
    path("yearly/placements/<uuid:placement_id>", placement.placement, name="placement"),
    path("yearly/placements/<uuid:placement_id>/draw", placement.projector, name="placement_projector"),
    path("yearly/placements/<uuid:placement_id>/sheet", placement.sheet, name="placement_sheet"),
    path("yearly/placements/<uuid:placement_id>/sealed.json", placement.file, name="placement_file"),
    path("yearly/placements/<uuid:placement_id>/actions", placement.act, name="placement_act"),
    path("yearly/rollover", rollover.rollover, name="rollover"),
    path("yearly/rollover/standing", rollover.standing, name="rollover_standing"),
    path("yearly/rollover/actions", rollover.act, name="rollover_act"),
    path("yearly/rollover/changes.xlsx", rollover.export, name="rollover_export"),
    path("yearly/rollover/pupils/<str:kind>", rollover.pupils, name="rollover_pupils"),
    path("yearly/rollover/schools/<str:code>", rollover.school, name="rollover_school"),
    path("yearly/rollover/schools/<str:code>/decide", rollover.decide, name="rollover_decide"),
    path("yearly/rollover/schools/<str:code>/rules", rollover.rules, name="rollover_rules"),
]
