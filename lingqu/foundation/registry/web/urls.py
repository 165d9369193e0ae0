"""Addresses of the register."""

from __future__ import annotations

from django.urls import path

from . import (
    attributes,
    class_writes,
    classes,
    lists,
    organisation_writes,
    organisations,
    people,
    person_writes,
    suspects,
    teaching,
)

app_name = "registry"
urlpatterns = [
    path("organisations", organisations.start, name="organisations"),
    path("organisations/<str:code>", organisations.organisation, name="organisation"),
    path("organisations/<str:code>/new", organisation_writes.create, name="organisation_new"),
    path("organisations/<str:code>/edit", organisation_writes.edit, name="organisation_edit"),
    path("organisations/<str:code>/move", organisation_writes.move, name="organisation_move"),
    path("organisations/<str:code>/close", organisation_writes.close, name="organisation_close"),
    path("organisations/<str:code>/relations/new", organisation_writes.relate, name="relation_new"),
    path(
        "organisations/<str:code>/relations/<int:relation_id>/end",
        organisation_writes.end_relation,
        name="relation_end",
    ),
    path("schools/<str:code>/classes/new", class_writes.create, name="class_new"),
    path("schools/<str:code>/class-names", organisation_writes.display, name="class_names"),
    path("schools/<str:code>", organisations.school, name="school"),
    path("schools/<str:code>/classes", organisations.school, {"part": "classes"}, name="school_classes"),
    path("schools/<str:code>/staff", organisations.school, {"part": "staff"}, name="school_staff"),
    path("schools/<str:code>/students", organisations.school, {"part": "students"}, name="school_students"),
    path("schools/<str:code>/teaching", teaching.matrix, name="teaching"),
    path("classes/<uuid:class_id>", classes.class_page, name="class"),
    path("classes/<uuid:class_id>/roster", classes.print_roster, name="class_roster"),
    path("classes/<uuid:class_id>/attributes", attributes.class_ticks, name="class_attributes"),
    path("classes/<uuid:class_id>/lists", lists.class_lists, name="class_lists"),
    path("organisations/<str:code>/lists", lists.place_lists, name="place_lists"),
    path("exports", lists.exports, name="exports"),
    path("exports/<uuid:export_id>/decide", lists.decide, name="export_decide"),
    path("exports/<uuid:export_id>/file", lists.take, name="export_take"),
    path("classes/<uuid:class_id>/edit", class_writes.edit, name="class_edit"),
    path("classes/<uuid:class_id>/head", class_writes.head, name="class_head"),
    path("classes/<uuid:class_id>/close", class_writes.close, name="class_close"),
    path("suspects", suspects.suspects, name="suspects"),
    path("suspects/look", suspects.look, name="suspects_look"),
    path("suspects/<int:pair_id>", suspects.suspect, name="suspect"),
    path("class-moves", people.class_moves, name="class_moves"),
    path("people", people.people, name="people"),
    path("people/<str:number>", people.person, name="person"),
    path("people/<str:number>/reveal", people.reveal, name="person_reveal"),
    path("people/<str:number>/edit", people.edit, name="person_edit"),
    path("people/<str:number>/class", person_writes.change_class, name="person_class"),
    path("people/<str:number>/leave", person_writes.leave, name="person_leave"),
    path("people/<str:number>/return", person_writes.come_back, name="person_return"),
    path("people/<str:number>/guardians/new", person_writes.add_guardian, name="guardian_new"),
    path("people/<str:number>/guardians/<int:guardianship_id>/end", person_writes.end_guardian, name="guardian_end"),
    path("people/<str:number>/attributes", attributes.record, name="person_attribute"),
    path("people/<str:number>/deceased", person_writes.deceased, name="person_deceased"),
    path("people/<str:number>/same-as", person_writes.point_out, name="person_same"),
    path("people/<str:number>/merged/<str:merged>/undo", person_writes.unmerge, name="person_unmerge"),
]
