"""岗位 of organisations: what notices and to-dos are addressed to, whoever holds them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import PostPlace
from .keys import PersonKey
from .organisations import Organisation


class Post(models.Model):
    """A post of an organisation: 校办, 教务处, 局办 … One of a kind is open at a time; it outlives its holders."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts", db_index=False)
    kind = models.TextField(help_text="code of the table post_kinds")
    phone = models.TextField(blank=True, default="", help_text="office phone of the post")
    closed_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=models.Q(closed_on=None), name="registry_one_open_post"
            )
        ]
        indexes = [models.Index(fields=["kind", "organisation"], name="registry_post_kind")]


class PostHolder(models.Model):
    """Who holds a post, as A 角 or B 角, over time."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="holders", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="held_posts", db_index=False)
    place = models.CharField(max_length=1, choices=PostPlace.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "place"], condition=models.Q(valid_to=None), name="registry_one_open_holder"
            )
        ]
        indexes = [
            models.Index(fields=["person"], name="registry_holder_person"),
            models.Index(fields=["post", "id"], name="registry_holder_post"),
        ]
