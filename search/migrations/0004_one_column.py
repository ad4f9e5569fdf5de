"""Makes the engines' tables anew: FTS5 has one column now, and keeps no columns."""

from django.db import migrations

from search.backends import for_connection


def make_anew(apps, schema_editor):
    backend = for_connection(schema_editor.connection)
    backend.drop(schema_editor)
    backend.create(schema_editor)
    if apps.get_model("news", "Article").objects.filter(state="published").exists():
        backend.set_state("tokenizer", None)  # the desk says that a rebuild is due


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_first_abbreviations"),
        ("news", "0001_initial"),
    ]
    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
