from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, engines
from django.template.loader import get_template
from django.test import RequestFactory, override_settings
from jinja2 import DictLoader, UndefinedError

from lingqu.kernel.actor import Actor
from lingqu.ui import jinja, static

PAGE = "<h1>{{ title }}</h1>{% block list %}<p>{{ title }}{{ csrf_input() }}</p>{% endblock %}"


@pytest.fixture
def request_of(rf: RequestFactory):
    def make(**headers: str):
        request = rf.get("/x", headers=headers)
        request.actor = Actor.anonymous()
        return request

    return make


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    made = jinja.build_environment(auto_reload=True)
    made.loader = DictLoader({"page.html": PAGE})
    monkeypatch.setattr(jinja, "_environment", lambda: made)
    return made


def test_templates_come_from_our_folders_only() -> None:
    for folder in jinja.template_folders():
        assert Path("lingqu") in Path(*folder.parts[folder.parts.index("lingqu") :]).parents
    with pytest.raises(TemplateDoesNotExist):
        engines["lingqu"].get_template("django/forms/widgets/input.html")
    assert get_template("ui/base.html")


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        engines["lingqu"].from_string("{{ nothing }}").render({})


def test_named_placeholders_in_texts() -> None:
    assert engines["lingqu"].from_string('{{ _("共 %(n)s 项", n="<3>") }}').render({}) == "共 &lt;3&gt; 项"


def test_htmx_gets_the_block_and_others_the_page(environment, request_of) -> None:
    whole = jinja.render_page(request_of(), "page.html", {"title": "T"}, block="list").content.decode()
    part = jinja.render_page(request_of(HX_Request="true"), "page.html", {"title": "T"}, block="list")
    assert whole.startswith("<h1>T</h1><p>T<input")
    assert part.content.decode().startswith("<p>T<input")
    assert part["Vary"] == "HX-Request"


def test_history_restore_gets_the_page(environment, request_of) -> None:
    request = request_of(HX_Request="true", HX_History_Restore_Request="true")
    assert jinja.render_page(request, "page.html", {"title": "T"}).content.startswith(b"<h1>")


def test_block_with_a_status(environment, request_of) -> None:
    assert jinja.render_block(request_of(), "page.html", "list", {"title": "T"}, 422).status_code == 422


@override_settings(STATIC_URL="/static/")
def test_static_without_a_build_uses_plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "_manifest", dict)
    assert static.static("ui/css/lingqu.css").startswith("/static/ui/css/lingqu.css?v=")
    assert static.static("lingqu.js") == ""
    assert static.static("ui/none.svg") == ""


def test_static_with_a_build_uses_hashed_names(monkeypatch: pytest.MonkeyPatch) -> None:
    built = {source: f"dist/{name[:4]}-12345678" for name, source in static.BUILT.items()}
    monkeypatch.setattr(static, "_manifest", lambda: built)
    assert static.static("lingqu.js") == "/static/dist/ling-12345678"


def check_error_page(request: HttpRequest, status: int, is_fragment: bool) -> None:
    error = {"code": "x", "message": "<没有>", "details": {"name": "改这里"}, "request_id": "id-1"}
    context = {"error": error, "status": status, "is_fragment": is_fragment}
    made = get_template("ui/error.html").render(context, request)
    assert "&lt;没有&gt;" in made
    assert "id-1" in made
    assert ("<html" in made) is not is_fragment
    assert ("改这里" in made) is (status in {409, 422})


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 429])
@pytest.mark.parametrize("is_fragment", [False, True])
def test_error_page_of_every_status(request_of, status: int, is_fragment: bool) -> None:
    check_error_page(request_of(), status, is_fragment)


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("is_fragment", [False, True])
def test_a_failure_is_told_without_the_database(request_of, status: int, is_fragment: bool) -> None:
    cache.clear()
    check_error_page(request_of(), status, is_fragment)
