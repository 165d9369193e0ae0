"""What the session of a class screen may open.

The screen hangs in front of forty pupils and carries the teacher's account: it must show nothing of hers. So a view says
with :func:`allowed` that it belongs there (the lesson itself, the way into an application); everywhere else the screen is
a visitor, and what asks for an account leads back to the lesson.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

View = Callable[..., HttpResponse]


def allowed(view: View) -> View:
    """The view answers the session of a class screen. It gets the account without any right."""
    view.lingqu_on_screen = True  # type: ignore[attr-defined]
    return view


def is_allowed(view: View) -> bool:
    return bool(getattr(view, "lingqu_on_screen", False))
