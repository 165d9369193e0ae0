"""The template backend: Jinja2 over the modules' own template folders, strict, escaped, with gettext.

Templates are found only below ``lingqu/*/*/templates`` and ``lingqu/{portal,ui,kernel}/templates``, so a dependency's
template can never be shown by accident.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.backends.base import BaseEngine
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context
from jinja2 import TemplateSyntaxError as JinjaSyntaxError
from markupsafe import Markup

from lingqu.kernel.access import actor_of
from lingqu.kernel.clock import ZONE, now

from . import icons, looks
from .static import static

PACKAGE = Path(__file__).resolve().parents[1]


def template_folders() -> list[Path]:
    """Folders that may hold templates, modules first."""
    return [*sorted(PACKAGE.glob("*/*/templates")), *(PACKAGE / name / "templates" for name in ("portal", "ui", "kernel"))]


def _local(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(ZONE)


def short_day(value: date | datetime | None) -> str:
    """``11-22`` in lists."""
    if value is None:
        return ""
    return f"{_local(value) if isinstance(value, datetime) else value:%m-%d}"


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    return f"{_local(value) if isinstance(value, datetime) else value:%Y-%m-%d}"


def moment(value: datetime | None) -> str:
    """``2026-11-22 08:40`` in records."""
    return f"{_local(value):%Y-%m-%d %H:%M}" if value else ""


def number(value: float | None) -> str:
    """Exact, with thousands separators; an absent figure is a dash."""
    if value is None:
        return "—"
    return f"{value:,}" if isinstance(value, int) or value != int(value) else f"{int(value):,}"


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


@pass_context
def csrf_input(context: Any) -> Markup:
    """The hidden field of every form that writes."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(context["request"]))


def build_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in template_folders()]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=settings.DEBUG,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    environment.globals.update(
        url=url, static=static, csrf_input=csrf_input, icon=icons.icon, now=now, language=translation.get_language
    )
    environment.filters.update(short_day=short_day, day=day, moment=moment, number=number, initial=looks.initial)
    return environment


class Template:
    """What Django's ``render`` calls."""

    def __init__(self, template: Any) -> None:
        self.template = template
        self.origin = None

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        return str(self.template.render(page_context(context or {}, request)))


def page_context(context: dict[str, Any], request: HttpRequest | None) -> dict[str, Any]:
    """The caller's values plus what every page has: request, actor, shell."""
    if request is None:
        return {"request": None, "shell": None, "messages": (), **context}
    return {
        "request": request,
        "actor": actor_of(request),
        "shell": looks.Shell(request),
        "messages": get_messages(request) if hasattr(request, "_messages") else (),
        **context,
    }


class LingquTemplates(BaseEngine):
    app_dirname = "templates"

    def __init__(self, params: dict[str, Any]) -> None:
        params = params.copy()
        params.pop("OPTIONS", None)
        super().__init__(params)
        self.environment = build_environment()

    def from_string(self, template_code: str) -> Template:
        return Template(self.environment.from_string(template_code))

    def get_template(self, template_name: str) -> Template:
        try:
            return Template(self.environment.get_template(template_name))
        except TemplateNotFound as error:
            raise TemplateDoesNotExist(error.name, backend=self) from error
        except JinjaSyntaxError as error:
            raise TemplateSyntaxError(f"{error.filename}:{error.lineno}: {error.message}") from error


def render_block(request: HttpRequest, template: str, block: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """One block of a template as an answer to htmx; the whole page has the same block, so there is one template for both."""
    engine = engines["lingqu"]
    found = engine.environment.get_template(template)  # type: ignore[attr-defined]
    view = found.new_context(page_context(context, request))
    return HttpResponse("".join(found.blocks[block](view)), status=status)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page only (a history restore wants the whole)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
