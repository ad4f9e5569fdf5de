from django.db import migrations, models


class Migration(migrations.Migration):
    """Which change last took something away from readers."""

    dependencies = [
        ("portal", "0002_furniture"),
    ]

    operations = [
        migrations.AddField(
            model_name="contentstate",
            name="taken_away_at",
            field=models.BigIntegerField(default=0),
        ),
    ]
