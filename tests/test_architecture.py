"""Who may import whom, and the promises a reader of the repository relies on."""

import ast
import re
import subprocess
from importlib.metadata import metadata
from pathlib import Path

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED
from packaging.requirements import Requirement

from tests.defences import DEFENCES

ROOT = Path(__file__).resolve().parent.parent
APPS = ("news", "search", "stats", "portal")
# The design's table: nothing imports portal, it composes.
MAY_IMPORT = {
    "news": {"news"},
    "stats": {"stats"},
    "search": {"search", "news"},
    "portal": set(APPS),
}


def imported_apps(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found & set(APPS)


@pytest.mark.parametrize("app", APPS)
def test_apps_import_only_what_the_design_allows(app):
    for path in (ROOT / app).rglob("*.py"):
        extra = imported_apps(path) - MAY_IMPORT[app]
        assert not extra, f"{path.relative_to(ROOT)} imports {extra}"


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("requirements*.txt")), ids=lambda p: p.name
)
def test_lock_files_hold_hashes_and_no_address(path):
    text = path.read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|--index|--find-links", text)


def test_run_time_packages_are_all_in_the_development_set():
    def packages(name):
        return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / name).read_text(), re.M))

    assert packages("requirements.txt") <= packages("requirements-dev.txt")


def test_every_direct_dependency_is_explained():
    project = (ROOT / "pyproject.toml").read_text()
    block = project.split("dependencies = [")[1].split("\n]")[0]
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for name in re.findall(r'"([A-Za-z0-9-]+)', block):
        assert name.lower() in explained, name


# What asks for no more than to be named (docs/dependencies.md).
LICENCES = {
    *("BSD", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MIT-0", "MIT-CMU", "Apache-2.0"),
    *("Unlicense", "PSF-2.0"),
}
# Packages whose own metadata do not say it in a word; read by a person.
READ_BY_HAND = {
    "crawler-user-agents": "MIT",  # its file LICENSE
    "psycopg": "LGPL-3.0-only",  # used unmodified: docs/dependencies.md
    "psycopg-binary": "LGPL-3.0-only",
    "pyopenssl": "Apache-2.0",  # "Apache License, Version 2.0"
    "pypdfium2": "BSD-3-Clause",  # and Apache-2.0; its file lists those of pdfium
}
CLASSIFIERS = {"BSD License": "BSD", "MIT License": "MIT"}


def licences(package: str) -> set[str]:
    """Return the licences that a package names, all of which must be allowed."""
    about = metadata(package)
    said = about.get("License-Expression") or about.get("License")
    if said:
        return set(re.split(r" (?:AND|OR) ", said))
    names = (c.split(" :: ")[-1] for c in about.get_all("Classifier") or ())
    return {CLASSIFIERS[name] for name in names if name in CLASSIFIERS}


def test_run_time_packages_have_licences_that_are_allowed_and_are_explained():
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()
    lines = re.findall(
        r"^[a-z0-9-]+==[^\\]+", (ROOT / "requirements.txt").read_text(), re.M
    )
    locked = {wanted.name: wanted.marker for wanted in map(Requirement, lines)}
    assert len(locked) > 30
    for package, marker in locked.items():
        name = package.removesuffix("-binary")
        assert name in explained, f"{package}: docs/dependencies.md does not name it"
        # Not installed where another Python or system does not want it.
        if package in READ_BY_HAND or (marker and not marker.evaluate()):
            continue
        found = licences(package)
        assert found and found <= LICENCES, f"{package}: {found}"
    assert set(READ_BY_HAND) <= set(locked)


def test_public_templates_have_no_inline_script_or_style():
    for path in tracked("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text), path
        for tag in re.findall(r"<script[^>]*>", text):
            assert "src=" in tag or "application/ld+json" in tag, path


def test_html_is_marked_safe_in_one_place():
    for path in tracked("*.py", "*.html"):
        name = str(path.relative_to(ROOT))
        if name.startswith("tests/") or name == "news/html.py":
            continue
        assert not re.search(r"mark_safe|\|\s*safe\b|SafeString\(", path.read_text()), (
            f"{name} marks HTML safe"
        )


def test_commands_are_documented():
    operations = (ROOT / "docs" / "operations.md").read_text()
    for path in ROOT.glob("*/management/commands/*.py"):
        if path.stem != "__init__":
            assert path.stem in operations, path.stem


def test_make_targets_have_help():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.M):
        assert re.search(rf"^{target}:.*## ", makefile, re.M), target


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda defence: defence.name)
def test_each_defence_that_can_be_removed_is_still_there(defence):
    """Whether its test notices that it is gone, `make defences` shows."""
    assert (ROOT / defence.file).read_text().count(defence.text) == 1
    file, _, test = defence.test.partition("::")
    name = re.escape(test.partition("[")[0])
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.M), defence.test


# Migrations that stand today and are not only additive, and whose rows the version
# before cannot add until the restart (operations.md).
NOT_ADDITIVE = {
    ("portal", "0002_furniture"): "accounts; before the first release",
    ("portal", "0003_content_taken_away"): "a table of one row, which is there already",
    ("portal", "0004_public_metric"): "a table of one row, which is there already",
    ("portal", "0005_sessions"): "accounts; everybody is signed out by it anyhow",
}
TAKES_AWAY = (
    *(migrations.RemoveField, migrations.RenameField, migrations.DeleteModel),
    *(migrations.RenameModel, migrations.AlterModelTable, migrations.RunSQL),
)


def is_additive(operation) -> bool:
    """Say whether a version that knows nothing of `operation` can go on saving.

    What RunPython and AlterField do is shown by `upgrade` on a copy, not here.
    """
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return all(map(is_additive, operation.database_operations))
    if isinstance(operation, migrations.AddField):
        field = operation.field
        has_value = field.null or field.db_default is not NOT_PROVIDED
        return field.many_to_many or has_value
    return not isinstance(operation, TAKES_AWAY)


def test_migrations_let_the_version_before_go_on():
    """Between the migration and the restart it serves the new database."""
    found = {
        (app, name)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in APPS and not migration.initial
        if not all(map(is_additive, migration.operations))
    }
    assert found == set(NOT_ADDITIVE)


@pytest.mark.parametrize(
    ("operation", "additive"),
    [
        (migrations.AddField("a", "b", models.IntegerField(default=1)), False),
        (migrations.AddField("a", "b", models.IntegerField(db_default=1)), True),
        (migrations.AddField("a", "b", models.IntegerField(null=True)), True),
        (migrations.RemoveField("a", "b"), False),
        (migrations.RenameField("a", "b", "c"), False),
        (migrations.DeleteModel("a"), False),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("a")]), False),
        (migrations.CreateModel("a", []), True),
    ],
    ids=repr,
)
def test_what_is_additive(operation, additive):
    assert is_additive(operation) == additive
