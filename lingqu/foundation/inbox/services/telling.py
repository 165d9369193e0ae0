"""Messages: one call tells a short fact, and repeating it under the same key renews it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, live
from lingqu.kernel.errors import NotFound

from ..models import News, NewsSeen
from ..selectors.news import KEPT_FOR, unseen_of
from ..types.keys import Reader, topic_of

LONGEST = 200
ADDRESSES = ("post", "duty", "person")
CHUNK = 5000


@transaction.atomic
def tell(
    *, module: str, key: str, to: Iterable[str], text: str, url: str = "", bundle: str = "", about: UUID | None = None
) -> int:  # fmt: skip
    """Tell desks or people a fact; returns to how many addresses.

    ``to``: keys of ``types.keys``: ``post:<uuid>``, ``duty:<kind>@<label>``, ``person:<uuid>``. ``module`` and ``key`` name
    it: told again, it has the new words and is new to everybody. ``url`` is a path on this platform. Facts with the same
    ``bundle`` are shown as one. ``about`` is the person it concerns; nothing is told about or to somebody who has died, and
    a guardian sees it only as long as the register says so. For trusted code: the caller has decided who may know.
    """
    if (url and not url.startswith("/")) or url.startswith("//"):
        raise ValueError("a message leads to a path of this platform")
    addresses = sorted(set(to))
    if wrong := [one for one in addresses if one.partition(":")[0] not in ADDRESSES]:
        raise ValueError(f"nobody has the address {wrong[0]!r}")
    if about is not None and not registry.may_message(about):
        return 0
    addresses = [one for one in addresses if not _is_silent(one)]
    for address in addresses:
        made, is_fresh = News.objects.update_or_create(
            module=module, key=key, address=address,
            defaults={"text": text[:LONGEST], "url": url, "bundle": bundle, "about_id": about, "at": clock.now()},
        )  # fmt: skip
        if not is_fresh:
            made.seen.all().delete()
    if addresses:
        live.tell_each(map(topic_of, addresses))
    return len(addresses)


def tell_account(account_id: UUID | None, *, module: str, key: str, text: str, url: str = "", bundle: str = "") -> int:
    """The same for whoever an account belongs to; accounts of bare duties have no inbox."""
    if account_id is None:
        return 0
    try:
        person_id = identity.get_account(account_id).person_id
    except NotFound:
        return 0
    to = [f"person:{person_id}"] if person_id else []
    return tell(module=module, key=key, to=to, text=text, url=url, bundle=bundle)


def _is_silent(address: str) -> bool:
    kind, _colon, one = address.partition(":")
    return kind == "person" and not registry.may_message(UUID(one))


@transaction.atomic
def mark_seen(reader: Reader) -> set[int]:
    """Note that the reader has the list before the eyes; returns what was new."""
    if not reader.mine:
        return set()
    own, fresh = reader.belonging.ids[0], list(unseen_of(reader).values_list("id", flat=True))
    NewsSeen.objects.bulk_create(
        [NewsSeen(news_id=one, person_id=own, at=clock.now()) for one in fresh], ignore_conflicts=True
    )
    if fresh:
        live.tell(topic_of(f"person:{own}"))
    return set(fresh)


def forget_old(before: datetime | None = None) -> int:
    """Messages older than they are kept, with who saw them; in chunks."""
    limit, total = before or clock.now() - KEPT_FOR, 0
    while True:
        ids = list(News.objects.filter(at__lt=limit).order_by("at").values_list("id", flat=True)[:CHUNK])
        News.objects.filter(id__in=ids).delete()
        total += len(ids)
        if len(ids) < CHUNK:
            return total
