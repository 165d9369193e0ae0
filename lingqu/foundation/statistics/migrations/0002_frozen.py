from django.db import migrations

ROWS = ("snapshotpupil", "snapshotstaff", "snapshotclass", "snapshotchange")
FUNCTIONS = """
CREATE FUNCTION statistics_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are frozen', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statistics_frozen', TABLE = TG_TABLE_NAME;
END $$;
CREATE FUNCTION statistics_refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT snapshot_id, school_id FROM added) a
          JOIN statistics_snapshotschool s ON s.snapshot_id = a.snapshot_id AND s.school_id = a.school_id
    ) THEN
        RAISE EXCEPTION 'the school is already frozen'
              USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statistics_frozen', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION statistics_refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM statistics_snapshot WHERE id = NEW.snapshot_id AND state = 'sealed') THEN
        RAISE EXCEPTION 'the snapshot is sealed'
              USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statistics_frozen', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statistics_frozen BEFORE UPDATE OR DELETE ON statistics_snapshotschool
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse();
CREATE TRIGGER statistics_sealed BEFORE INSERT ON statistics_snapshotschool
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse_sealed();
CREATE TRIGGER statistics_frozen BEFORE UPDATE ON statistics_snapshot
    FOR EACH ROW WHEN (OLD.state = 'sealed') EXECUTE FUNCTION statistics_refuse();
CREATE TRIGGER statistics_kept BEFORE DELETE ON statistics_snapshot
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse();
CREATE TRIGGER statistics_kept BEFORE DELETE ON statistics_sheet
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse();
CREATE TRIGGER statistics_frozen BEFORE UPDATE ON statistics_sheet
    FOR EACH ROW WHEN (
        (OLD.round_id, OLD.school_id, OLD.version, OLD.number, OLD.check_code, OLD.snapshot_id, OLD.digest)
          IS DISTINCT FROM (NEW.round_id, NEW.school_id, NEW.version, NEW.number, NEW.check_code, NEW.snapshot_id, NEW.digest)
        OR (OLD.confirmed_at IS NOT NULL AND (OLD.confirmed_at, OLD.confirmed_by, OLD.ticks)
          IS DISTINCT FROM (NEW.confirmed_at, NEW.confirmed_by, NEW.ticks)))
    EXECUTE FUNCTION statistics_refuse();
"""
EACH = """
CREATE TRIGGER statistics_frozen BEFORE UPDATE OR DELETE ON statistics_{0}
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse();
CREATE TRIGGER statistics_late AFTER INSERT ON statistics_{0} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_refuse_late();
"""
DROP = """
DROP FUNCTION statistics_refuse() CASCADE;
DROP FUNCTION statistics_refuse_late() CASCADE;
DROP FUNCTION statistics_refuse_sealed() CASCADE;
"""


class Migration(migrations.Migration):
    """Frozen means frozen, whoever writes: no row of a snapshot or sheet is changed, removed or added afterwards."""

    dependencies = [("statistics", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS + "".join(EACH.format(name) for name in ROWS), DROP)]
