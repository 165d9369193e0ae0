from django.db import migrations, models

ROOM = """
ALTER TABLE workflow_case SET (fillfactor = 80);
ALTER TABLE workflow_casedata SET (fillfactor = 80);
"""
"""A step rewrites both rows; where the page has room, no index is touched."""
NO_ROOM = "ALTER TABLE workflow_case RESET (fillfactor); ALTER TABLE workflow_casedata RESET (fillfactor);"


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_posts"), ("workflow", "0002_papers")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="workflow_case_version"),
        migrations.AddIndex(
            model_name="case", index=models.Index(fields=["version", "-id"], name="workflow_case_version")
        ),
        migrations.AddIndex(
            model_name="case", index=models.Index(fields=["state", "-id", "path"], name="workflow_case_state")
        ),
        migrations.AddIndex(model_name="case", index=models.Index(fields=["number"], name="workflow_case_by_number")),
        migrations.AddIndex(
            model_name="case", index=models.Index(fields=["starter_name", "-id"], name="workflow_case_by_name")
        ),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
