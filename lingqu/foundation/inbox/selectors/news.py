"""A reader's messages: what modules told him, his posts and duties; nothing about children who are not his any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from lingqu.kernel import clock
from lingqu.kernel.pages import Page, page_of

from ..models import News, NewsSeen
from ..types.keys import Reader

KEPT_FOR = timedelta(days=180)
PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The latest of some messages, and those below it."""

    latest: News
    is_new: bool
    others: list[News] = field(default_factory=list)


def news_of(reader: Reader) -> Any:
    """What may be shown: to own keys, about nobody, about himself, about his children; a desk sees all that is its own."""
    whose = [one for _owner, one in reader.aliases]
    shown = Q(about=None) | Q(about__in=whose) | ~Q(address__startswith="person:")
    return News.objects.filter(shown, address__in=reader.keys, at__gte=clock.now() - KEPT_FOR)


def unseen_of(reader: Reader) -> Any:
    seen = NewsSeen.objects.filter(news=OuterRef("pk"), person__in=reader.belonging.ids)
    return news_of(reader).filter(~Exists(seen))


def count_unseen(reader: Reader) -> int:
    """Exact; one statement."""
    return int(unseen_of(reader).count()) if reader.mine else 0


def list_news(reader: Reader, new: set[int], *, cursor: str = "") -> Page[Bundle]:
    """A page, newest first; neighbours of one bundle stand together. ``new``: what was not seen before."""
    page = page_of(news_of(reader), order=("-at", "-id"), cursor=cursor, limit=PAGE)
    shown: list[Bundle] = []
    for one in page:
        last = shown[-1] if shown else None
        if last and one.bundle and (one.module, one.bundle) == (last.latest.module, last.latest.bundle):
            last.others.append(one)
        else:
            shown.append(Bundle(latest=one, is_new=one.id in new))
    return page.showing(shown)
