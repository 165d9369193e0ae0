"""Service URLs: read strictly, compared with registered places by scheme, host, port and path prefix. No patterns."""

from __future__ import annotations

from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from .types import MOST_SERVICE, Place

PORTS = {"https": 443, "http": 80}


def read_place(text: str) -> Place | None:
    """Where a URL points; None when it is no plain absolute http(s) address.

    Refused: other schemes, user names, backslashes, blanks, control signs, and steps upwards, also when they are encoded.
    """
    if not text or len(text) > MOST_SERVICE or any(sign <= " " or sign in "\\\x7f" for sign in text):
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        name = (host or "").encode("idna").decode() if host and ":" not in host else f"[{host}]" if host else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in PORTS or not name or "@" in parts.netloc or port == 0:
        return None
    path = parts.path or "/"
    if _climbs(path):
        return None
    return Place(origin=f"{parts.scheme}://{name.lower()}:{port or PORTS[parts.scheme]}", path=path)


def _climbs(path: str) -> bool:
    """Whether a server might read another path than ours out of it."""
    plain = path
    for _layer in range(3):
        if any(part in {".", ".."} for part in plain.replace("\\", "/").split("/")) or "\\" in plain:
            return True
        plain = unquote(plain)
    return False


def read_registered(text: str) -> Place | None:
    """A place as an administrator writes it: no query and no fragment."""
    return None if "?" in text or "#" in text else read_place(text.strip())


def prefixes_of(place: Place) -> list[str]:
    """Every registered path that covers the place, the longest first; ``/portal`` covers ``/portal/a``, not ``/portal2``."""
    parts = place.path.split("/")[1:]
    found = []
    for count in range(len(parts), -1, -1):
        plain = "/" + "/".join(parts[:count])
        found += [plain, plain.rstrip("/") + "/"]
    return list(dict.fromkeys(found))


def with_ticket(service: str, ticket: str) -> str:
    """The service's address with the ticket at the end of its query; a fragment stays where it was."""
    parts = urlsplit(service)
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=f"{query}{urlencode({'ticket': ticket})}"))
