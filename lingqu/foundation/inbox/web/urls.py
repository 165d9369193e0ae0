"""Addresses of the inbox."""

from django.urls import path

from . import groups, reading, receipts, reminders, sending

app_name = "inbox"
urlpatterns = [
    path("inbox", reading.inbox, name="inbox"),
    path("inbox/bell", reading.bell, name="bell"),
    path("notices", sending.notices, name="notices"),
    path("notices/new", sending.new, name="new"),
    path("notices/groups", groups.groups, name="groups"),
    path("notices/groups/new", groups.new, name="group_new"),
    path("notices/groups/<uuid:robot_id>/test", groups.test, name="group_test"),
    path("notices/groups/<uuid:robot_id>/switch", groups.switch, name="group_switch"),
    path("notices/groups/<uuid:robot_id>/remove", groups.remove, name="group_remove"),
    path("notices/<uuid:notice_id>", reading.notice, name="notice"),
    path("notices/<uuid:notice_id>/confirm", reading.confirm, name="confirm"),
    path("notices/<uuid:notice_id>/pass-on", reading.pass_on, name="pass_on"),
    path("notices/<uuid:notice_id>/draft", sending.draft, name="draft"),
    path("notices/<uuid:notice_id>/edit", sending.edit, name="edit"),
    path("notices/<uuid:notice_id>/publish", sending.publish, name="publish"),
    path("notices/<uuid:notice_id>/discard", sending.discard, name="discard"),
    path("notices/<uuid:notice_id>/withdraw", sending.withdraw, name="withdraw"),
    path("notices/<uuid:notice_id>/again", sending.again, name="again"),
    path("notices/<uuid:notice_id>/correct", sending.correct, name="correct"),
    path("notices/<uuid:notice_id>/files", sending.add_file, name="file_add"),
    path("notices/<uuid:notice_id>/receipts", receipts.board, name="receipts"),
    path("notices/<uuid:notice_id>/remind", reminders.remind, name="remind"),
    path("notices/quiet-hours/<str:code>", reminders.quiet_hours, name="quiet_hours"),
    path("notices/<uuid:notice_id>/receipts/record", receipts.record, name="record"),
    path("notices/<uuid:notice_id>/receipts/print", receipts.printed, name="receipts_print"),
    path("notices/files/<uuid:file_id>", reading.file, name="file"),
    path("notices/files/<uuid:file_id>/remove", sending.remove_file, name="file_remove"),
]
