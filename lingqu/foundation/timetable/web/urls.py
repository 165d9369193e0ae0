"""Addresses of calendar and timetable."""

from __future__ import annotations

from django.urls import path

from . import bells, calendars, changes, drafts, feeds, imports, mine, starts, timetables

app_name = "timetable"
urlpatterns = [
    path("calendar", calendars.start, name="calendar_start"),
    path("organisations/<str:code>/calendar", calendars.calendar, name="calendar"),
    path("organisations/<str:code>/calendar/print", calendars.print_calendar, name="calendar_print"),
    path("timetable", mine.mine, name="mine"),
    path("timetable/print", mine.print_mine, name="mine_print"),
    path("timetable/feeds", feeds.feeds, name="feeds"),
    path("timetable/feed/<str:token>.ics", feeds.feed, name="feed"),
    path("timetable/school", starts.school, name="start"),
    path("timetable/changes", starts.changes, name="changes_start"),
    path("classes/<uuid:class_id>/week", mine.class_week, name="class"),
    path("classes/<uuid:class_id>/week/print", mine.print_class, name="class_print"),
    path("schools/<str:code>/bells", bells.bells, name="bells"),
    path("schools/<str:code>/timetable", timetables.school, name="school"),
    path("schools/<str:code>/timetable/print", timetables.print_school, name="school_print"),
    path("schools/<str:code>/timetable/import", imports.new_import, name="import"),
    path("schools/<str:code>/timetable/imports/<uuid:import_id>", imports.report, name="import_report"),
    path("schools/<str:code>/timetable/versions", drafts.versions, name="versions"),
    path("schools/<str:code>/timetable/versions/<uuid:version_id>", drafts.draft, name="draft"),
    path("schools/<str:code>/timetable/versions/<uuid:version_id>/clashes", drafts.clashes, name="clashes"),
    path("schools/<str:code>/changes", changes.day_list, name="changes"),
    path("schools/<str:code>/changes/<int:lesson_id>", changes.arrange, name="arrange"),
]
