"""How far a rotation of keys has come."""

from __future__ import annotations

from django.db import models


class KeyState(models.Model):
    """Which index key the database holds, by fingerprint (empty: none); ``target`` while it changes to another."""

    name = models.TextField(primary_key=True)
    fingerprint = models.TextField(blank=True, default="")
    target = models.TextField(blank=True, default="")

    class Meta:
        db_table = "kernel_key_state"


class KeyStep(models.Model):
    """One place (``registry_person.sealed``) on its way under one key. ``position`` is the last row's id; empty: none."""

    id = models.BigAutoField(primary_key=True)
    task = models.TextField(help_text="seal:<head> or index:<fingerprint>")
    place = models.TextField()
    position = models.TextField(blank=True, default="")
    changed = models.BigIntegerField(default=0)
    done = models.BooleanField(default=False)

    class Meta:
        db_table = "kernel_key_step"
        constraints = [models.UniqueConstraint(fields=["task", "place"], name="kernel_key_step_once")]
