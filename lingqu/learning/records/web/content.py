"""What the window of a unit asks: its token, once, and the files of its package.

Files are scripts of strangers. They run at a host of their own (``LINGQU_CONTENT_URL``), or, where there is none, in a ``sandbox`` with an
origin of nobody; so no cookie, storage or page of the platform is within their reach. The address itself is the key, for a day.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from lingqu.kernel import files
from lingqu.kernel.access import public
from lingqu.kernel.errors import NotFound
from lingqu.kernel.short_way import short_way

from ..models import CourseFile
from ..services import session_keys
from ..types.ranges import OutOfRange, names_etag, range_of
from .content_host import is_content_host
from .cors import allow_origins, preflight

SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads"
KNOWN = {".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml",
         ".woff2": "font/woff2", ".woff": "font/woff", ".webp": "image/webp", ".mp4": "video/mp4", ".vtt": "text/vtt", ".webm": "video/webm",
         ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".wav": "audio/wav", ".pdf": "application/pdf",
         ".css": "text/css", ".html": "text/html", ".htm": "text/html", ".xml": "application/xml", ".wasm": "application/wasm",
         ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}  # fmt: skip


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
@require_safe
def content(request: HttpRequest, token: str, name: str) -> Any:
    """A file of the package to which a session's token leads; parts of it on request, so that films can be wound."""
    session = session_keys.session_of_files(token)
    if session is None:
        raise NotFound()
    row = CourseFile.objects.filter(course_id=session.registration.course_id, name=name).first()
    if row is None:
        raise NotFound()
    answer = _answer(request, row)
    answer["ETag"] = _tag(row)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Security-Policy"] = f"{SANDBOX} allow-same-origin" if is_content_host(request) else SANDBOX
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, max-age=3600"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _answer(request: HttpRequest, row: CourseFile) -> Any:
    headers = request.headers
    if names_etag(headers.get("If-None-Match", ""), _tag(row)):
        return HttpResponse(status=304)
    wanted = None
    if request.method == "GET" and headers.get("If-Range", _tag(row)) == _tag(row):
        try:
            wanted = range_of(headers.get("Range", ""), row.size)
        except OutOfRange:
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{row.size}"
            return refused
    dot = row.name.rfind(".")
    kind = KNOWN.get(row.name[dot:].lower()) if dot >= 0 else None
    kind = kind or mimetypes.guess_type(row.name)[0] or "application/octet-stream"
    if request.method == "HEAD":
        answer: Any = HttpResponse(content_type=kind)
        answer["Content-Length"] = str(row.size)
    elif wanted is None:
        answer = FileResponse(files.open_file(row.digest), content_type=kind)
        answer["Content-Length"] = str(row.size)
    else:
        answer = StreamingHttpResponse(_part(files.open_file(row.digest), *wanted), status=206, content_type=kind)
        answer["Content-Length"] = str(wanted[1] - wanted[0] + 1)
        answer["Content-Range"] = f"bytes {wanted[0]}-{wanted[1]}/{row.size}"
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(row.name.rpartition('/')[2])}"
    return answer


def _tag(row: CourseFile) -> str:
    return f'"{row.digest[:32]}"'


def _part(opened: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with opened:
        opened.seek(first)
        left = last - first + 1
        while left and (piece := opened.read(min(files.CHUNK, left))):
            left -= len(piece)
            yield piece
