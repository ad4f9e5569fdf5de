"""What a release may bring: a column with a default, an index, a table.

By SQL, so that no model of the program need know of it. Both databases understand it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("news", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE news_article ADD COLUMN newer smallint NOT NULL DEFAULT 0",
            "ALTER TABLE news_article DROP COLUMN newer",
        ),
        migrations.RunSQL(
            "CREATE INDEX news_article_newer ON news_article (newer, id)",
            "DROP INDEX news_article_newer",
        ),
        migrations.CreateModel(
            "Addition", [("id", models.BigAutoField(primary_key=True))]
        ),
    ]
