from __future__ import annotations

import pytest
from django.test import Client

from lingqu.ui import looks


def test_large_type_is_kept_in_a_cookie_and_taken_back(client: Client) -> None:
    answer = client.post("/ui/type", {"next": "/a?b=1"})
    assert (answer.status_code, answer["Location"], answer.cookies["lq_type"].value) == (302, "/a?b=1", "large")
    assert client.post("/ui/type", {"next": "/"}).cookies["lq_type"].value == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_choices_lead_back_here_only(client: Client, target: str) -> None:
    assert client.post("/ui/type", {"next": target})["Location"] == "/"


def test_language_is_kept(client: Client) -> None:
    assert client.post("/ui/language", {"language": "en"}).cookies["django_language"].value == "en"
    assert "django_language" not in client.post("/ui/language", {"language": "xx"}).cookies


def test_choices_demand_a_post(client: Client) -> None:
    assert client.get("/ui/type").status_code == 405


def test_avatar_characters() -> None:
    assert (looks.initial("周禾"), looks.last_initial("周禾"), looks.initial(" anna "), looks.initial("")) == (
        "周", "禾", "A", "·",
    )  # fmt: skip
    assert {looks.tone(name) for name in ("何清", "王若琳", "苏明", "江一帆", "林若溪", "陆子昂")} <= set(range(6))
    assert looks.tone("周禾") == looks.tone("周禾")
