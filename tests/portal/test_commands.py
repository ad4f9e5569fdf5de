"""What an operator reads on the command line is Vietnamese."""

import pytest
from django.core.checks import Error
from django.core.management import load_command_class
from django.core.management.base import BaseCommand
from django.utils.translation import override
from PIL import features

from portal import checks

COMMANDS = [
    ("news", "complete_pictures"),
    ("portal", "backup"),
    ("portal", "export_static"),
    ("portal", "mail_failure"),
    ("portal", "restore"),
    ("news", "import_articles"),
    ("portal", "seed_demo"),
    ("portal", "first_run"),
    ("search", "rebuild_search_index"),
    ("stats", "drain_visits"),
    ("stats", "set_opening_balance"),
    ("stats", "stats_verify"),
    ("stats", "stats_rebuild"),
    ("stats", "merge_visits"),
    ("portal", "upgrade"),
]
# The names every command of Django has; their help is Django's own.
DJANGOS = {
    action.dest for action in BaseCommand().create_parser("manage.py", "any")._actions
}


def texts(app: str, name: str) -> list[str]:
    """The description of a command and the help of its own arguments."""
    parser = load_command_class(app, name).create_parser("manage.py", name)
    assert parser.format_help(), "argparse can print it"
    own = [action.help for action in parser._actions if action.dest not in DJANGOS]
    return [parser.description, *(help for help in own if help)]


@pytest.mark.parametrize(("app", "name"), COMMANDS)
def test_a_command_explains_itself_in_vietnamese(app, name):
    shown = texts(app, name)
    with override("en"):
        english = texts(app, name)
    assert shown[0], "a description"
    assert not set(shown) & set(english)


def test_a_check_tells_the_operator_what_to_do(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    assert checks.check_data_dir(None) == checks.check_avif(None) == []
    settings.DATA_DIR = tmp_path / "nowhere"
    monkeypatch.setattr(features, "check", lambda name: False)
    found: list[Error] = checks.check_data_dir(None) + checks.check_avif(None)
    assert [error.id for error in found] == ["portal.E002", "portal.E001"]
    assert found[0].msg.startswith("Không ghi được vào DATA_DIR")
    assert found[1].hint.startswith("Cài Pillow")
