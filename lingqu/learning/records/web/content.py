"""What the window of a unit asks: its token, once, and the files of its package.

Files are scripts of strangers. They run at a host of their own (``LINGQU_CONTENT_URL``), or, where there is none, in a ``sandbox`` with an
origin of nobody; so no cookie, storage or page of the platform is within their reach. The address itself is the key, for a day.
"""

from __future__ import annotations

import mimetypes
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from lingqu.kernel import files
from lingqu.kernel.access import public
from lingqu.kernel.errors import NotFound
from lingqu.kernel.short_way import short_way

from ..models import CourseFile
from ..services import session_keys
from .content_host import is_content_host
from .cors import allow_origins, preflight

SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads"
KNOWN = {".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml",
         ".woff2": "font/woff2", ".woff": "font/woff", ".webp": "image/webp", ".mp4": "video/mp4", ".vtt": "text/vtt"}  # fmt: skip


@short_way
@csrf_exempt
@public
def fetch(request: HttpRequest) -> HttpResponse:
    """The authorization token of a session for its first POST; an error code for every other (8.2)."""
    if request.method == "OPTIONS":
        return preflight()
    token = session_keys.fetch_token(request.GET.get("token", "")) if request.method == "POST" else None
    told = (
        {"auth-token": token}
        if token
        else {"error-code": "1", "error-text": "the token was given already, or never will be"}
    )
    answer = JsonResponse(told)
    answer["Cache-Control"] = "no-store"
    return allow_origins(answer)


@public
@require_GET
def content(request: HttpRequest, token: str, name: str) -> Any:
    """A file of the package to which a session's token leads."""
    session = session_keys.session_of_files(token)
    if session is None:
        raise NotFound()
    row = CourseFile.objects.filter(course_id=session.registration.course_id, name=name).first()
    if row is None:
        raise NotFound()
    dot = name.rfind(".")
    kind = KNOWN.get(name[dot:].lower()) if dot >= 0 else None
    answer = FileResponse(
        files.open_file(row.digest), content_type=kind or mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    answer["Content-Length"] = str(row.size)
    answer["Content-Security-Policy"] = f"{SANDBOX} allow-same-origin" if is_content_host(request) else SANDBOX
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, max-age=3600"
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name.rpartition('/')[2])}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
