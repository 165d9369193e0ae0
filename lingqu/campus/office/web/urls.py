"""Addresses of leave and substitution."""

from django.urls import path

from . import asking, covers, months, pupils, rules, staff, starts

app_name = "office"
urlpatterns = [
    path("leave/staff", starts.staff, name="staff_start"),
    path("leave/staff/<str:code>", staff.absences, name="staff"),
    path("leave/staff/<str:code>/new", staff.new, name="staff_new"),
    path("leave/staff/<str:code>/month", months.month, name="month"),
    path("leave/staff/<str:code>/month.xlsx", months.sheet, name="month_sheet"),
    path("leave/absences/<uuid:absence_id>", staff.absence, name="absence"),
    path("leave/absences/<uuid:absence_id>/end", staff.end, name="end"),
    path("leave/absences/<uuid:absence_id>/print", staff.printed, name="absence_print"),
    path("leave/covers/<uuid:cover_id>/withdraw", staff.withdraw_cover, name="cover_withdraw"),
    path("leave/covers", covers.mine, name="covers"),
    path("leave/pupils", starts.pupils, name="pupils_start"),
    path("leave/pupils/<str:code>", pupils.of_school, name="pupils"),
    path("classes/<uuid:class_id>/leave", pupils.of_class, name="class"),
    path("leave/ask", asking.ask, name="ask"),
    path("leave/rules/<str:code>/online", rules.online, name="online"),
    path("leave/rules/<str:code>", rules.rules, name="rules"),
]
