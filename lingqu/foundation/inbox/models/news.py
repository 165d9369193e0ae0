"""Messages (消息): short facts that modules tell a desk or a person. Nobody has a row before seeing one."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey


class News(models.Model):
    """One fact, known by the module that tells it, the module's own key, and to whom. ``address`` is a key of ``types.keys``:
    a post, a duty at a place, a person. ``about``: whom it concerns; readers who are not guardians of that child any more do
    not see it. ``bundle``: what is shown as one on the page."""

    id = models.BigAutoField(primary_key=True)
    module = models.TextField()
    key = models.TextField()
    address = models.TextField()
    text = models.TextField()
    url = models.TextField(blank=True, default="")
    bundle = models.TextField(blank=True, default="")
    about = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["module", "key", "address"], name="inbox_news_once")]
        indexes = [
            models.Index(fields=["address", "-at"], name="inbox_news_address"),
            models.Index(fields=["at"], name="inbox_news_age"),
        ]


class NewsSeen(models.Model):
    """Somebody had the fact before the eyes."""

    id = models.BigAutoField(primary_key=True)
    news = models.ForeignKey(News, on_delete=models.CASCADE, related_name="seen", db_index=False)
    person = PersonKey("registry.Person", on_merge="follow", related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["news", "person"], name="inbox_news_seen_once")]
