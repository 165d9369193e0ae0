"""To-dos of collection: on the receiving post of a school while it owes the table, on the principal's desk to sign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel.language import writing_to

from ..models import Answer, Collection
from ..types.words import MODULE


def ask(collection: Collection, answers: QuerySet[Answer], *, again: bool = False) -> None:
    """Put the table on the desk of each answer, or renew it; a school without such a post gets it to its administrator."""
    with writing_to():
        words = {"title": collection.title}
        title = (_("催报：%(title)s") if again else _("填报：%(title)s")) % words
    inbox.put_todos([
        inbox.NewTodo(
            module=MODULE, key=f"answer:{answer_id}", title=title, url=reverse("collection:fill", args=[answer_id]),
            address=f"post:{post_id}" if post_id else f"duty:school_admin@{label}", due_at=collection.deadline,
        )
        for answer_id, post_id, label in answers.values_list("id", "post_id", "school__label")
    ])  # fmt: skip


def done(answer: Answer) -> None:
    """The clerk's part is over for now."""
    inbox.close_todo(module=MODULE, key=f"answer:{answer.id}")


def back(collection: Collection, answer: Answer) -> None:
    """The table is on the clerk's desk again, and on no principal's."""
    signed(answer)
    ask(collection, Answer.objects.filter(id=answer.id))


def ask_principal(answer: Answer) -> None:
    with writing_to():
        title = _("请审签：%(title)s") % {"title": answer.collection.title}
    inbox.put_todo(
        module=MODULE, key=f"sign:{answer.id}", address=f"duty:principal@{answer.school.label}", title=title,
        url=reverse("collection:fill", args=[answer.id]), due_at=answer.collection.deadline,
    )  # fmt: skip


def signed(answer: Answer) -> None:
    inbox.close_todo(module=MODULE, key=f"sign:{answer.id}")


def withdraw(answer_ids: Sequence[UUID] | Iterable[UUID]) -> None:
    keys = [f"{kind}:{one}" for one in answer_ids for kind in ("answer", "sign")]
    inbox.withdraw_todos(module=MODULE, keys=keys)
