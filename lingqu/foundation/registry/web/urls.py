"""Addresses of the register."""

from __future__ import annotations

from django.urls import path

from . import classes, organisations, people, teaching

app_name = "registry"
urlpatterns = [
    path("organisations", organisations.start, name="organisations"),
    path("organisations/<str:code>", organisations.organisation, name="organisation"),
    path("schools/<str:code>", organisations.school, name="school"),
    path("schools/<str:code>/classes", organisations.school, {"part": "classes"}, name="school_classes"),
    path("schools/<str:code>/staff", organisations.school, {"part": "staff"}, name="school_staff"),
    path("schools/<str:code>/students", organisations.school, {"part": "students"}, name="school_students"),
    path("schools/<str:code>/teaching", teaching.matrix, name="teaching"),
    path("classes/<uuid:class_id>", classes.class_page, name="class"),
    path("classes/<uuid:class_id>/roster", classes.print_roster, name="class_roster"),
    path("people", people.people, name="people"),
    path("people/<str:number>", people.person, name="person"),
    path("people/<str:number>/reveal", people.reveal, name="person_reveal"),
    path("people/<str:number>/edit", people.edit, name="person_edit"),
]
