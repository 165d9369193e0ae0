"""Addresses of statistics."""

from django.urls import path

from . import conditions, rounds, sheets, snapshots

app_name = "statistics"
urlpatterns = [
    path("statistics", snapshots.snapshots, name="snapshots"),
    path("statistics/take", snapshots.take, name="take"),
    path("statistics/snapshots/<uuid:snapshot_id>", snapshots.snapshot, name="snapshot"),
    path("statistics/snapshots/<uuid:snapshot_id>/tables.xlsx", snapshots.workbook, name="workbook"),
    path("statistics/snapshots/<uuid:snapshot_id>/rows", snapshots.rows, name="rows"),
    path("statistics/rounds", rounds.rounds, name="rounds"),
    path("statistics/rounds/open", rounds.open_one, name="round_open"),
    path("statistics/rounds/<uuid:round_id>", rounds.board, name="round"),
    path("statistics/rounds/<uuid:round_id>/close", rounds.close, name="round_close"),
    path("statistics/rounds/<uuid:round_id>/remind", rounds.remind, name="round_remind"),
    path("statistics/rounds/<uuid:round_id>/phones", rounds.contacts, name="round_phones"),
    path("statistics/rounds/<uuid:round_id>/schools/<str:code>", sheets.sheet, name="sheet"),
    path("statistics/rounds/<uuid:round_id>/schools/<str:code>/submit", sheets.submit, name="sheet_submit"),
    path("statistics/rounds/<uuid:round_id>/schools/<str:code>/classes", sheets.check, name="sheet_classes"),
    path("statistics/sheets/<uuid:sheet_id>/actions", sheets.act, name="sheet_act"),
    path("statistics/sheets/<uuid:sheet_id>/sheet.pdf", sheets.pdf, name="sheet_pdf"),
    path("statistics/sheets/<uuid:sheet_id>/scan", sheets.scan, name="sheet_scan"),
    path("statistics/schools/<str:code>/conditions", conditions.conditions, name="conditions"),
    path("verify/sheets", sheets.verify, name="verify"),
]
