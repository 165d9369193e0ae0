from django.db import migrations

REMADE = """
DROP TRIGGER statistics_frozen ON statistics_sheet;
CREATE TRIGGER statistics_frozen BEFORE UPDATE ON statistics_sheet
    FOR EACH ROW WHEN (
        (OLD.round_id, OLD.school_id, OLD.version, OLD.number, OLD.check_code, OLD.snapshot_id, OLD.digest)
          IS DISTINCT FROM (NEW.round_id, NEW.school_id, NEW.version, NEW.number, NEW.check_code, NEW.snapshot_id, NEW.digest)
        OR (OLD.confirmed_at IS NOT NULL AND (OLD.confirmed_at, OLD.confirmed_by, OLD.ticks{0})
          IS DISTINCT FROM (NEW.confirmed_at, NEW.confirmed_by, NEW.ticks{1})))
    EXECUTE FUNCTION statistics_refuse();
"""


class Migration(migrations.Migration):
    """What the school compared class by class is fixed with the sheet."""

    dependencies = [("statistics", "0004_class_checks")]
    operations = [
        migrations.RunSQL(REMADE.format(", OLD.class_checks", ", NEW.class_checks"), REMADE.format("", "")),
    ]
