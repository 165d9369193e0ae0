"""Every component says its inputs, has a place in the gallery, and renders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client, override_settings

from lingqu.ui import samples
from lingqu.ui.icons import NAMES

TEMPLATES = Path(samples.__file__).parent / "templates" / "ui"
COMPONENTS = sorted(path.stem for path in (TEMPLATES / "kit").glob("*.html"))
PACKAGE = Path(samples.__file__).resolve().parents[1]


@pytest.mark.parametrize("name", COMPONENTS)
def test_first_line_names_the_inputs(name: str) -> None:
    first = (TEMPLATES / "kit" / f"{name}.html").read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"\{# (call )?" + name + r"\(.*\) — .+ #\}$", first)


def test_every_component_is_in_the_gallery() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    assert [name for name in COMPONENTS if f"ui.{name}(" not in shown] == []


@pytest.mark.parametrize("part", samples.PARTS)
@override_settings(UI_GALLERY=True)
def test_gallery_renders(part: str) -> None:
    answer = Client().get("/ui/gallery" if part == "kit" else f"/ui/gallery/{part}")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text


def test_a_running_platform_has_no_gallery() -> None:
    assert Client().get("/ui/gallery").status_code == 404


def test_icons_of_templates_exist() -> None:
    used = set()
    for path in PACKAGE.rglob("templates/**/*.html"):
        used |= set(re.findall(r'\bicon\("([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert used - NAMES == set()


def _render(source: str, **context: object) -> str:
    return str(engines["lingqu"].from_string(source).render(context)).strip()  # type: ignore[attr-defined]


def test_values_are_escaped() -> None:
    assert _render("{{ ui.tag(name) }}", name="<b>") == '<span class="lq-tag">&lt;b&gt;</span>'


def test_exact_markup_of_a_tag() -> None:
    assert _render('{{ ui.tag("在读", "green") }}') == '<span class="lq-tag lq-tag-green">在读</span>'


def test_bar_is_drawn_with_attributes() -> None:
    assert 'width="86.0%"' in _render("{{ ui.bar(86) }}")


def test_pager_keeps_the_filters_and_leaves_empty_ones_out() -> None:
    made = _render(
        '{{ ui.pager(page, {"q": "何 清", "kind": ""}, "人") }}',
        page=samples.Page(items=(), next="abc", previous=None, total=37, total_is_exact=True),
    )
    assert 'href="?cursor=abc&amp;q=%E4%BD%95%20%E6%B8%85"' in made
    assert "共 37 人" in made
    assert "上一页" not in made


def test_password_never_comes_back() -> None:
    assert "hunter2" not in _render('{{ ui.field("password", "密码", "hunter2", kind="password") }}')


def test_field_with_error_is_described_by_it() -> None:
    made = _render('{{ ui.field("phone", "手机", "1", error="应为 11 位", hint="本人") }}')
    assert 'aria-invalid="true" aria-describedby="e-phone h-phone"' in made
