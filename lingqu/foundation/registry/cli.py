"""``lingqu roster counts`` and ``lingqu person show``."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lingqu.kernel.errors import NotFound

from .selectors.person import get_person_page
from .selectors.places import count_accounts_slot, count_roster, find_organisation, find_person, root_organisation
from .selectors.record import record_values


def add_verbs(subparsers: Any) -> None:
    roster = subparsers.add_parser("roster", help=_("名册")).add_subparsers(required=True)
    counts = roster.add_parser("counts", help=_("一个机构及其下属的各类数量"))
    counts.add_argument("--node", default="", metavar="CODE", help=_("机构代码，不写为整个平台"))
    counts.set_defaults(run=roster_counts)
    person = subparsers.add_parser("person", help=_("人员")).add_subparsers(required=True)
    show = person.add_parser("show", help=_("一个人的档案时间线"))
    show.add_argument("number", help=_("人员编号"))
    show.add_argument("--as-of", type=date.fromisoformat, default=None, metavar="DATE", help=_("查看这一天的情况"))
    show.set_defaults(run=person_show)


def roster_counts(options: Namespace) -> dict[str, int]:
    place = find_organisation(options.node) if options.node else root_organisation()
    if place is None:
        raise NotFound(_("没有这个机构：%(code)s。") % {"code": options.node or "—"})
    path = str(place.path)
    return {**count_roster(path), "accounts": count_accounts_slot(path)}


def person_show(options: Namespace) -> dict[str, Any]:
    """The record as stored, sensitive values masked: the operator of the machine is not their reader."""
    found = find_person(options.number)
    if found is None:
        raise NotFound(_("没有这个人员编号：%(number)s。") % {"number": options.number})
    person = found.canonical or found
    return record_values(person, get_person_page(person, as_of=options.as_of))
