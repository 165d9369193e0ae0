"""Class sessions: a lesson on the class screen or in the computer room, who is in, PINs and cards of pupils."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import ClassKind, PinKind, ScreenState, SeatState
from .accounts import Account
from .sso import SsoSession


class ClassSession(models.Model):
    """One lesson of one class that a teacher opened. Its ``id`` is the ``group_id`` of every session that belongs to it.

    A computer room has a class code of six digits until ``code_until``: it follows from ``id`` and ``code_serial`` under
    the platform's key, and only its digest is stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=ClassKind.choices)
    class_group = models.ForeignKey("registry.ClassGroup", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="class_sessions")
    amr = ArrayField(
        models.TextField(), default=list, help_text="how the teacher had proved herself when she opened it"
    )
    lesson = models.TextField(blank=True, default="", help_text="subject or period, for showing")
    began_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    code_hash = models.UUIDField(null=True)
    code_serial = models.SmallIntegerField(default=0)
    code_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code_hash"], condition=models.Q(code_hash__isnull=False), name="identity_class_code"
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="identity_class_ends")]


class ScreenRequest(models.Model):
    """A screen that waits for a teacher's scan: bound to one browser, used once, two minutes.

    ``browser_hash`` is the digest of the secret in the screen's cookie, ``code_hash`` of what its QR code says: who
    photographs the code holds nothing that opens the screen. ``number`` stands on the screen and is asked for on the phone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    browser_hash = models.UUIDField()
    code_hash = models.UUIDField(unique=True)
    number = models.SmallIntegerField()
    state = models.TextField(choices=ScreenState.choices, default=ScreenState.WAITING)
    class_session = models.ForeignKey(ClassSession, null=True, on_delete=models.CASCADE, related_name="screens")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["browser_hash", "-made_at"], name="identity_screen_browser"),
            models.Index(fields=["expires_at"], name="identity_screen_ends"),
        ]


class RoomSeat(models.Model):
    """A pupil in a computer room's lesson: asking for a PIN, let in, in, or sent out.

    ``pending`` is the hash of the PIN that the pupil chose and the teacher has not confirmed; ``browser_hash`` says which
    computer may go in once she has.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    class_session = models.ForeignKey(ClassSession, on_delete=models.CASCADE, related_name="seats", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="room_seats")
    state = models.TextField(choices=SeatState.choices, default=SeatState.TRYING)
    wrong = models.SmallIntegerField(default=0)
    browser_hash = models.UUIDField(null=True)
    pending = models.TextField(blank=True, default="")
    sso_session = models.ForeignKey(SsoSession, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["class_session", "account"], name="identity_one_seat_a_pupil"),
        ]


class ClassPin(models.Model):
    """A pupil's own PIN for lessons in a computer room: six digits, or four of twelve pictures in grades 1 to 3."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="class_pin")
    kind = models.TextField(choices=PinKind.choices)
    secret = models.TextField(help_text="argon2 of a keyed digest: useless without the key file")
    set_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.TextField(help_text="the teacher who was there")


class ClassCard(models.Model):
    """A printed card with a QR code that stands for a pupil inside an open class code, and nowhere else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="class_cards")
    code_hash = models.UUIDField(unique=True)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField()
    revoked_at = models.DateTimeField(null=True)
