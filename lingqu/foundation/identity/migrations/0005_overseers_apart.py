from django.db import migrations

MAKE = """
CREATE FUNCTION identity_overseers_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.account_id::text, 12));
    IF EXISTS (
        SELECT 1 FROM identity_roleassignment held
         WHERE held.account_id = NEW.account_id AND held.id <> NEW.id AND held.ended_at IS NULL
           AND held.role <> NEW.role
           AND (held.role IN ('auditor', 'security_admin', 'system_admin')
                OR NEW.role IN ('auditor', 'security_admin', 'system_admin'))
    ) THEN
        RAISE EXCEPTION 'role % stands beside another role of account %', NEW.role, NEW.account_id
              USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'identity_overseers_apart',
                    TABLE = 'identity_roleassignment';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_overseers_apart BEFORE INSERT OR UPDATE OF account_id, role, ended_at
    ON identity_roleassignment FOR EACH ROW WHEN (NEW.ended_at IS NULL)
    EXECUTE FUNCTION identity_overseers_apart();
"""
DROP = """
DROP TRIGGER identity_overseers_apart ON identity_roleassignment;
DROP FUNCTION identity_overseers_apart();
"""


class Migration(migrations.Migration):
    """System, security and audit administrators hold no other role, whoever writes the rows.

    The exclusion constraint of the table keeps the four separated duties apart; it cannot say "any other role". The
    lock makes writers for one account wait for each other, so that two open transactions cannot slip past.
    """

    dependencies = [("identity", "0004_invitations")]
    operations = [migrations.RunSQL(MAKE, DROP)]
