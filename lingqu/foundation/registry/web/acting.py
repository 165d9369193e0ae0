"""One way to answer every short form of the register: a drawer that says what is wrong, or the page it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lingqu.kernel.errors import Conflict, Invalid

Write = Callable[[dict[str, Any]], object]


def act(
    request: HttpRequest, form: forms.Form, *, write: Write, title: str, back: str, done: str, sub: str = "",
    button: str = "", tone: str = "primary", suggestions: Any = (), aside: Any = (),
) -> HttpResponse:  # fmt: skip
    """GET shows the form, POST calls ``write`` with what was cleaned. Refusals stand at their fields, 422.

    ``suggestions``: (value, label) pairs offered to the field ``place``; ``aside``: sentences above the form.
    """
    if request.method == "POST" and form.is_valid():
        try:
            write(form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        "form": form, "title": title, "sub": sub, "back": back, "button": button, "tone": tone,
        "suggestions": suggestions, "aside": aside,
    }  # fmt: skip
    return render(request, "registry/form.html", context, status=422 if form.is_bound else 200)


def _tell(form: forms.Form, refusal: Invalid | Conflict) -> None:
    known = {name: str(text) for name, text in refusal.details.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, text)
    if not known:
        form.add_error(None, refusal.message)
