from django.db import migrations


class Migration(migrations.Migration):
    """Allowances of sign-in may be forgotten in a crash, so they need no write-ahead log."""

    dependencies = [("identity", "0002_initial")]
    operations = [
        migrations.RunSQL("ALTER TABLE identity_throttle SET UNLOGGED", "ALTER TABLE identity_throttle SET LOGGED")
    ]
