"""Users, roles and demographics → pupils, staff, guardians. 1.1 has one role a user, 1.2 a file of roles."""

from __future__ import annotations

import polars as pl

from .bundle import Bundle, column

STUDENT = frozenset({"student"})
GUARDIAN = frozenset({"parent", "guardian", "relative"})
STAFF = frozenset(
    {"teacher", "aide", "administrator", "proctor", "counselor", "districtadministrator", "principal", "siteadministrator",
     "systemadministrator"}
)  # fmt: skip
DUTIES = {"principal": "principal"}
SEX = {"male": "1", "m": "1", "female": "2", "f": "2", "unspecified": "9", "other": "9", "男": "1", "女": "2"}
GRADES = {f"{n:02d}": f"G{n:02d}" for n in range(1, 13)} | {str(n): f"G{n:02d}" for n in range(1, 10)} | {
    "KG": "K3", "PK": "K2", "TK": "K3", "PS": "K1", "PR": "K2", "IT": "K0",
}  # fmt: skip
RELATIONS = {"relative": "97"}
ROLES_OF_ONE_PLACE = "|"


def grades_of(text: str) -> list[str]:
    return [GRADES[part.strip().upper()] for part in text.split(",") if part.strip().upper() in GRADES]


def people_of(bundle: Bundle) -> pl.DataFrame:
    """One row per user and kind of role (pupil, staff, guardian): ``key, name, sex, birth_date, role_name`` and contact
    data. ``orgs``: the organisations, comma-joined; ``org_roles``: what the user is at each, in the same order.
    ``is_ordered``: the first organisation is said to be the primary one.
    """
    users = bundle.read("users")
    users = users.with_columns(orgs=_orgs(users), is_ordered=column(users, "primaryOrgSourcedId") != "")
    if bundle.version == "1.2" or bundle.mode("roles") != "absent":
        users = _with_roles(users, bundle)
    else:
        role = column(users, "role").str.to_lowercase()
        many = pl.col("orgs").str.count_matches(",", literal=True)
        users = users.with_columns(
            role_name=role, org_roles=pl.concat_str(role, (pl.concat_str(pl.lit(","), role)).repeat_by(many).list.join("")),
        )  # fmt: skip
    users = _with_demographics(users, bundle)
    family, given = column(users, "familyName"), column(users, "givenName")
    middle = column(users, "middleName")
    is_han = pl.concat_str(family, given).str.contains(r"\p{Han}")
    western = pl.concat_str(given, middle, family, separator=" ").str.replace_all(r"\s+", " ").str.strip_chars()
    phone = column(users, "sms")
    return users.select(
        pl.col("sourcedId").alias("key"),
        pl.when(is_han).then(pl.concat_str(family, given)).otherwise(western).alias("name"),
        "sex", "birth_date", "role_name", "orgs", "org_roles", "is_ordered", "status", "file", "sheet", "row_number",
        pl.when(phone != "").then(phone).otherwise(column(users, "phone")).alias("phone"),
        column(users, "email").alias("email"), column(users, "identifier").alias("identifier"),
        column(users, "agentSourcedIds", "agents").str.replace_all(r"\s", "").alias("agents"),
        column(users, "grades", "grade").alias("grades"),
    )  # fmt: skip


def _orgs(users: pl.DataFrame) -> pl.Expr:
    """All organisations that the user's own row names, the primary one first."""
    named = pl.concat_str(column(users, "primaryOrgSourcedId"), column(users, "orgSourcedIds"), separator=",")
    parts = named.str.replace_all(r"\s", "").str.split(",")
    return parts.list.eval(pl.element().filter(pl.element() != "")).list.unique(maintain_order=True).list.join(",")


def _with_roles(users: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """Each user once per kind of role; the organisations of all roles of that kind, the primary one first."""
    roles = bundle.read("roles").filter(pl.col("status") != "tobedeleted")
    roles = roles.with_columns(
        pl.col("role").str.to_lowercase(), _later=column(roles, "roleType").str.to_lowercase() != "primary"
    )
    group = (
        pl.when(pl.col("role").is_in(STUDENT)).then(pl.lit("student"))
        .when(pl.col("role").is_in(GUARDIAN)).then(pl.lit("guardian")).otherwise(pl.lit("staff"))
    )  # fmt: skip
    places = (
        roles.with_columns(group.alias("_group")).sort("_later", maintain_order=True)
        .group_by("userSourcedId", "_group", "orgSourcedId", maintain_order=True)
        .agg(pl.col("role").unique(maintain_order=True).str.join(ROLES_OF_ONE_PLACE), pl.col("_later").first())
    )  # fmt: skip
    kept = places.group_by("userSourcedId", "_group", maintain_order=True).agg(
        pl.col("role").first().str.extract(r"^([^|]*)").alias("role_name"), pl.col("role").str.join(",").alias("_roles"),
        pl.col("orgSourcedId").str.join(",").alias("_orgs"), (~pl.col("_later")).any().alias("_ordered"),
    )  # fmt: skip
    joined = users.drop("role_name", strict=False).join(
        kept, left_on="sourcedId", right_on="userSourcedId", how="left", maintain_order="left"
    )
    stated = pl.col("_orgs").fill_null("") != ""
    return joined.with_columns(
        pl.col("role_name").fill_null(""), org_roles=pl.col("_roles").fill_null(""),
        orgs=pl.when(stated).then("_orgs").otherwise("orgs"),
        is_ordered=pl.when(stated).then("_ordered").otherwise("is_ordered"),
    )  # fmt: skip


def _with_demographics(users: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    facts = bundle.read("demographics")
    key = "sourcedId" if "sourcedId" in facts.columns else "userSourcedId"
    if not facts.height or key not in facts.columns:
        return users.with_columns(pl.lit("").alias("sex"), pl.lit("").alias("birth_date"))
    known = facts.filter(pl.col("status") != "tobedeleted").select(
        pl.col(key).alias("sourcedId"),
        column(facts, "sex").str.to_lowercase().replace_strict(SEX, default="").alias("sex"),
        column(facts, "birthDate", "birthdate").str.slice(0, 10).alias("birth_date"),
    ).unique("sourcedId", keep="first", maintain_order=True)  # fmt: skip
    joined = users.drop("sex", "birth_date", strict=False).join(
        known, on="sourcedId", how="left", maintain_order="left"
    )
    return joined.with_columns(pl.col("sex", "birth_date").fill_null(""))
