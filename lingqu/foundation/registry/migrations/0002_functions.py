from django.db import migrations


def _function_sql() -> str:
    lines = ["DECLARE p int := 10; s int; d int;", "BEGIN", "FOR i IN 1..11 LOOP"]
    lines += ["d := ascii(substr(body, i, 1)) - 48;", "s := (p + d) % 10;", "IF s = 0 THEN s := 10; END IF;"]
    lines += ["p := (s * 2) % 11;", "END LOOP;", "RETURN body || ((11 - p) % 10)::text;", "END"]
    return "\n".join(lines)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE registry_person_serial AS bigint MINVALUE 1 MAXVALUE 99999999",
            "DROP SEQUENCE registry_person_serial",
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE registry_organisation_label AS bigint MINVALUE 1",
            "DROP SEQUENCE registry_organisation_label",
        ),
        migrations.RunSQL(
            f"CREATE FUNCTION registry_checked_number(body text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE "
            f"LANGUAGE plpgsql AS $$ {_function_sql()} $$",
            "DROP FUNCTION registry_checked_number(text)",
        ),
    ]
