from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_unasked_actors"),
    ]

    operations = [
        migrations.CreateModel(
            name="LateMark",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "mark", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mark", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
            ],
        ),
    ]
