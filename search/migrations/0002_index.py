"""Hands the work to the engine of the connection that is being migrated."""

from django.db import migrations

from search.backends import for_connection


def create(apps, schema_editor):
    for_connection(schema_editor.connection).create(schema_editor)


def drop(apps, schema_editor):
    for_connection(schema_editor.connection).drop(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
