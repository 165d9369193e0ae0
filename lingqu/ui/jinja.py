"""The template backend: Jinja2 over the modules' own template folders, strict, escaped, with gettext.

Templates are found only below ``lingqu/*/*/templates`` and ``lingqu/{portal,ui,kernel}/templates``, so a dependency's
template can never be shown by accident. Components of the kit need no import: ``{{ ui.tag(_("在读"), "green") }}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.backends.base import BaseEngine
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context
from jinja2 import TemplateSyntaxError as JinjaSyntaxError
from markupsafe import Markup

from lingqu.kernel.access import actor_of
from lingqu.kernel.clock import now
from lingqu.kernel.language import labelled, listed

from . import figures, forms, icons, looks
from .parts import mark_parts
from .static import static

PACKAGE = Path(__file__).resolve().parents[1]


def template_folders() -> list[Path]:
    """Folders that may hold templates, modules first."""
    shared = (PACKAGE / name / "templates" for name in ("portal", "ui", "kernel"))
    return [*sorted(PACKAGE.glob("*/*/templates")), *shared]


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


@pass_context
def csrf_input(context: Any) -> Markup:
    """The hidden field of every form that writes."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(context["request"]))


class Kit:
    """``ui.<name>`` is the macro ``name`` of ``ui/kit/<name>.html``: one component, one file."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._found: dict[str, Callable[..., Markup]] = {}

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._found.get(name)
        if found is None:
            found = getattr(self._environment.get_template(f"ui/kit/{name}.html").module, name)
            if not self._environment.auto_reload:
                self._found[name] = found
        return found


def build_environment(*, auto_reload: bool = False) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in template_folders()]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=auto_reload,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    environment.globals.update(
        url=url, static=static, csrf_input=csrf_input, icon=icons.icon, now=now, language=translation.get_language,
        ui=Kit(environment), share=figures.share, segments=figures.segments, long_day=figures.long_day,
        tone_of=looks.tone, widget_of=forms.widget_of, summary_of=forms.summary_of,
    )  # fmt: skip
    environment.filters.update(
        short_day=figures.short_day, day=figures.day, iso_day=figures.iso_day, moment=figures.moment, clock_time=figures.clock_time,
        number=figures.number, masked=figures.masked, initial=looks.initial, last_initial=looks.last_initial,
        listed=listed, labelled=labelled,
    )  # fmt: skip
    return environment


class Template:
    """What Django's ``render`` calls."""

    def __init__(self, template: Any) -> None:
        self.template = template
        self.origin = None

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        return mark_parts(str(self.template.render(page_context(context or {}, request))))


def page_context(context: Mapping[str, Any], request: HttpRequest | None) -> dict[str, Any]:
    """The caller's values plus what every page has: request, actor, shell, messages."""
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
        options = params.pop("OPTIONS", None) or {}
        super().__init__(params)
        self.environment = build_environment(auto_reload=bool(options.get("auto_reload")))

    def from_string(self, template_code: str) -> Template:
        return Template(self.environment.from_string(template_code))

    def get_template(self, template_name: str) -> Template:
        try:
            return Template(self.environment.get_template(template_name))
        except TemplateNotFound as error:
            raise TemplateDoesNotExist(template_name, backend=self) from error
        except JinjaSyntaxError as error:
            raise TemplateSyntaxError(f"{error.filename}:{error.lineno}: {error.message}") from error


def _environment() -> Environment:
    found: Environment = engines["lingqu"].environment  # type: ignore[attr-defined]
    return found


def render_block(
    request: HttpRequest, template: str, block: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """One block of a template as an answer to htmx. It knows ``context`` and what stands inside the block."""
    found = _environment().get_template(template)
    view = found.new_context(page_context(context, request))
    return HttpResponse(mark_parts("".join(found.blocks[block](view))), status=status)


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, block: str = "content", status: int = 200
) -> HttpResponse:
    """The whole page, or for htmx only its ``block``: one template for both."""
    if wants_fragment(request):
        response = render_block(request, template, block, context, status)
    else:
        page = mark_parts(_environment().get_template(template).render(page_context(context, request)))
        response = HttpResponse(page, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page only (a history restore wants the whole)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
