"""What the register adds to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lingqu.kernel import navigation, retention, rotation

from .models import ListExport
from .types import rights

navigation.group("people", _("组织与人员"), order=20)
navigation.add(
    _("组织机构"), "registry:organisations", group="people", icon="tree", order=10,
    rights=(rights.ORGANISATION_VIEW, rights.COUNT_VIEW),
)  # fmt: skip
navigation.add(
    _("人员"), "registry:people", group="people", icon="people", order=20,
    audiences=(
        "register_officer", "county_admin", "school_admin", "principal", "deputy_principal", "academic_director",
        "moral_director", "class_teacher",
    ),
)  # fmt: skip
navigation.add(
    _("疑似重复"), "registry:suspects", group="people", icon="duplicate", order=30,
    audiences=("register_officer", "county_admin", "school_admin"),
)  # fmt: skip
navigation.add(
    _("调班"), "registry:class_moves", group="people", icon="swap", order=40,
    audiences=("register_officer", "county_admin"),
)  # fmt: skip
navigation.add(
    _("名单导出"), "registry:exports", group="people", icon="export", order=50,
    audiences=(
        "register_officer", "county_admin", "school_admin", "principal", "deputy_principal", "academic_director",
        "moral_director", "class_teacher",
    ),
)  # fmt: skip
for _table, _keep in (
    ("registry_listexport", "for ever: who took which list and why; its file one day"),
    ("registry_listlayout", "one row an account and kind of list"),
    ("registry_pupilattribute", "for life of the person"),
    ("registry_post", "one row a post of an organisation"),
    ("registry_postholder", "for ever: who held which post when"),
):
    retention.declare(_table, keep=_keep)

rotation.declare_sealed("registry_person", "sealed")
rotation.declare_sealed("registry_personhistory", "sealed_before")
rotation.declare_sealed("registry_registerentry", "sealed")
rotation.declare_sealed("registry_pupilattribute", "sealed")
rotation.declare_index("registry_person", "id_blind", "phone_blind")
rotation.declare_index("registry_registerentry", "number_blind")
rotation.declare_index("registry_sourcelink", "key_hash", "row_hash")
rotation.declare_files(
    "registry_listexport", lambda: ListExport.objects.exclude(digest="").values_list("digest", flat=True)
)
