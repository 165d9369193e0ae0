"""Addresses of calendar and timetable."""

from __future__ import annotations

from django.urls import path

from . import bells, calendars, changes, drafts, feeds, imports, mine, starts, timetables

app_name = "timetable"
urlpatterns = [
    path("calendar", calendars.start, name="calendar_start"),
    path("calendar/<str:code>", calendars.calendar, name="calendar"),
    path("calendar/<str:code>/print", calendars.print_calendar, name="calendar_print"),
    path("timetable", mine.mine, name="mine"),
    path("timetable/print", mine.print_mine, name="mine_print"),
    path("timetable/feeds", feeds.feeds, name="feeds"),
    path("timetable/feed/<str:token>.ics", feeds.feed, name="feed"),
    path("timetables", starts.school, name="start"),
    path("substitutions", starts.changes, name="changes_start"),
    path("classes/<uuid:class_id>/week", mine.class_week, name="class"),
    path("classes/<uuid:class_id>/week/print", mine.print_class, name="class_print"),
    path("calendar/<str:code>/bells", bells.bells, name="bells"),
    path("timetables/<str:code>", timetables.school, name="school"),
    path("timetables/<str:code>/print", timetables.print_school, name="school_print"),
    path("timetables/<str:code>/import", imports.new_import, name="import"),
    path("timetables/<str:code>/imports/<uuid:import_id>", imports.report, name="import_report"),
    path("timetables/<str:code>/versions", drafts.versions, name="versions"),
    path("timetables/<str:code>/versions/<uuid:version_id>", drafts.draft, name="draft"),
    path("timetables/<str:code>/versions/<uuid:version_id>/clashes", drafts.clashes, name="clashes"),
    path("substitutions/<str:code>", changes.day_list, name="changes"),
    path("substitutions/<str:code>/<int:lesson_id>", changes.arrange, name="arrange"),
]
