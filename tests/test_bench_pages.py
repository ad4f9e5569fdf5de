"""`make bench` runs, says what it leaves out, and judges what it measured."""

import json
import os
import subprocess
import sys

import pytest

from bench import tables
from bench.goals import goals
from bench.processes import missing_tools, programs, used_between
from bench.search import databases
from bench.search.measures import machine


@pytest.fixture
def engine() -> str:
    is_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    return databases.POSTGRESQL if is_postgresql else databases.SQLITE


@pytest.mark.own_database
def test_it_measures_cold_pages_and_says_what_is_missing(engine, tmp_path):
    environment = dict(os.environ)
    environment["PATH"] = ""  # so there is no wrk
    if engine == databases.POSTGRESQL:
        # The server of the tests; the database named need not be there.
        server, _, _name = os.environ["DATABASE_URL"].rpartition("/")
        environment["BENCH_DATABASE_URL"] = f"{server}/postgres"
    figures, written = tmp_path / "figures.json", tmp_path / "tables.md"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--articles", "150", "--only", "pages"),
            *("--engines", engine, "--renderings", "2"),
            *("--json", str(figures), "--markdown", str(written)),
        ],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(figures.read_text())["runs"]
    assert (run["engine"], run["articles"]) == (engine, 150)
    assert run["cold"]["article"]["queries"] == 3
    assert run["cold"]["category"]["queries"] == 3
    for page in run["cold"].values():
        assert page["render_ms"] > 0 and page["bytes"] > 1000
    assert "served" not in run
    assert "no wrk" in run["left_out"][0] and run["left_out"][0] in done.stdout
    assert "| goal |" in written.read_text()
    assert "commit " in written.read_text() and "granian 2." in written.read_text()


@pytest.mark.once  # the other engine is served in the same way
@pytest.mark.skipif(
    bool(missing_tools()), reason="không có nginx và wrk (Debian: nginx-light, wrk)"
)
def test_it_serves_pages_and_judges_all_seven_goals(tmp_path):
    figures = tmp_path / "figures.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--articles", "150", "--only", "pages"),
            *("--engines", databases.SQLITE, "--renderings", "2", "--seconds", "1"),
            *("--repeat", "1", "--publications", "1", "--json", str(figures)),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(figures.read_text())
    (run,) = report["runs"]
    assert run["served"]["publish_seconds"]["wrong"] == []
    for name, one in run["served"]["subjects"].items():
        assert one["per_second"] > 0 and one["cpu_ms"] > 0, name
    judged = {goal["name"].split()[0] for goal in report["goals"]}
    assert judged == set("1234567")


def subject(per_second, cpu_ms=1.0):
    return {"per_second": per_second, "cpu_ms": cpu_ms, "runs": []}


@pytest.fixture
def run() -> dict:
    """Figures that meet every goal."""
    page = {"queries": 2, "render_ms": 1, "cold_ms": 1, "first_ms": 1, "bytes": 1}
    codings = ("identity", "gzip", "br")
    subjects = {
        **{f"static {name}": subject(60_000) for name in (*codings, "304")},
        **{f"disk {name}": subject(58_000) for name in codings},
        **{f"memory {name}": subject(31_000, 0.03) for name in (*codings, "304")},
        "plain": subject(150),
        **{f"cold {name}": subject(700) for name in ("article", "home", "category")},
    }
    return {
        "engine": "sqlite",
        "articles": 20_000,
        "source": "synthetic",
        "load_before": 0.1,
        "load_after": 2.1,
        "left_out": [],
        "cold": dict.fromkeys(("article", "home", "category"), page),
        "served": {
            "subjects": subjects,
            "memory_mb": {"workers": 100, "all": 130},
            "publish_seconds": {
                "workers": [0.4, 0.6],
                "nginx": [0.5, 0.7],
                "answers": 900,
                "wrong": [],
            },
        },
    }


def missed(run: dict) -> set[str]:
    return {goal.name for goal in goals([run]) if not goal.is_met}


def test_all_seven_goals_are_judged(run):
    assert missed(run) == set()
    numbers = {goal.name.split()[0] for goal in goals([run])}
    assert numbers == set("1234567")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (("subjects", "disk gzip", subject(50_000)), "1 from disk by nginx / nginx"),
        (("subjects", "memory br", subject(29_000)), "2 from memory / nginx static"),
        (("subjects", "plain", subject(400)), "3 from memory / plain Django"),
        (("subjects", "cold article", subject(300, 2.6)), "4 cold article, CPU ms"),
        (("subjects", "cold article", subject(300, 2.48)), "4 Wagtail 8 on its"),
        (("subjects", "cold home", subject(100, 5.1)), "5 cold home, CPU ms"),
        (("publish_seconds", "nginx", [0.5, 1.1]), "6 publish to visible, nginx"),
        (("publish_seconds", "wrong", ["500"]), "6 errors and half pages"),
        (("memory_mb", "workers", 111), "7 two workers"),
    ],
)
def test_a_figure_beyond_its_goal_is_missed(run, change, name):
    part, key, value = change
    run["served"][part][key] = value
    assert any(found.startswith(name) for found in missed(run))


def test_processes_that_come_and_go_meanwhile_take_nothing_off():
    assert used_between({1: 5.0, 2: 3.0}, {2: 4.0, 3: 0.5}) == 1.5


def test_what_was_not_measured_is_not_judged(run):
    del run["served"]
    run["left_out"] = ["There is no wrk."]
    names = {goal.name for goal in goals([run])}
    assert names and {name.split()[0] for name in names} == {"4", "5"}
    report = {
        "date": "2026-11-26",
        "machine": machine(),
        "programs": programs(),
        "options": {"repeat": 3, "seconds": 5},
        "runs": [run],
    }
    assert tables.render(report, goals([run])).endswith("There is no wrk.")
