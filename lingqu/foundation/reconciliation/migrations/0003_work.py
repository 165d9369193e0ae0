"""Working tables of the comparison under way. Unlogged: after a crash of the database they are empty together with the
steps that filled them, and the comparison begins again."""

from django.db import migrations

TABLES = {
    "step": "run_id uuid NOT NULL, step integer NOT NULL, slices integer NOT NULL, PRIMARY KEY (run_id, step)",
    "seat": """slice integer NOT NULL, person uuid NOT NULL, school_id uuid NOT NULL, path ltree NOT NULL, grade text,
        attendance text, expected_on date, name text, name_key text, sex text, birth_date date, id_blind uuid,
        is_inside boolean NOT NULL""",
    "listed": """slice integer NOT NULL, key uuid NOT NULL, person uuid, name text, name_key text, path ltree NOT NULL,
        organisation_id uuid NOT NULL""",
    "entry": """slice integer NOT NULL, key uuid NOT NULL, id bigint NOT NULL, school_id uuid, path ltree NOT NULL, name text,
        sex text, birth_date date, id_blind uuid, number_blind uuid, state text, grade text, faults text[], former jsonb,
        place text, person uuid, is_weak boolean NOT NULL, number_shown text,
        is_twin boolean NOT NULL""",
    "judged": """key uuid PRIMARY KEY, person uuid, name text NOT NULL, name_key text NOT NULL, bucket text NOT NULL,
        cause text NOT NULL, detail text NOT NULL, entries integer NOT NULL, former jsonb NOT NULL, school_id uuid NOT NULL,
        path ltree NOT NULL, other_id uuid, owner_id uuid NOT NULL""",
    "tally": """path ltree NOT NULL, bucket text NOT NULL, cause text NOT NULL, entries bigint, people bigint, listed bigint,
        cases bigint""",
}
MAKE = ";\n".join(
    [
        *(f"CREATE UNLOGGED TABLE reconciliation_work_{name} ({columns})" for name, columns in TABLES.items()),
        *(
            f"CREATE INDEX reconciliation_work_{name}_slice ON reconciliation_work_{name} (slice)"
            for name in ("seat", "listed", "entry")
        ),
    ]
)
DROP = "DROP TABLE IF EXISTS " + ", ".join(f"reconciliation_work_{name}" for name in TABLES)


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0002_owners_and_reminders")]

    operations = [migrations.RunSQL(MAKE, DROP)]
