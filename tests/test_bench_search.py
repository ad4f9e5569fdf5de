"""`make bench-search` runs, and what it writes can be read by the next run."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from bench.search import databases, questions
from bench.search.articles import Row, mixed, source
from bench.search.goals import goals
from search import text


@pytest.fixture
def engine() -> str:
    is_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    return databases.POSTGRESQL if is_postgresql else databases.SQLITE


@pytest.mark.own_database
def test_it_measures_an_engine(engine, tmp_path):
    path = tmp_path / "figures.json"
    environment = dict(os.environ)
    if engine == databases.POSTGRESQL:
        # The server of the tests; the database named need not be there.
        server, _, _name = os.environ["DATABASE_URL"].rpartition("/")
        environment["BENCH_DATABASE_URL"] = f"{server}/postgres"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.search", "--articles", "200"),
            *("--engines", engine, "--per-kind", "1", "--known", "5"),
            *("--json", str(path), "--markdown"),
        ],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text())
    (run,) = report["runs"]
    assert (run["engine"], run["articles"]) == (engine, 200)
    assert set(run["latency_ms"]) == {
        "no filter",
        "page 10",
        "category",
        "year",
        "category and month",
    }
    for how in ("newest", "newest, exact total", "best match", "like"):
        assert run["latency_ms"]["no filter"][how]["count"] == 12
    assert run["around_ms"]["ways to narrow"]["count"] == 12
    assert run["around_ms"]["other words for a slip"]["count"] == 12
    assert run["around_ms"]["suggestions while typing"]["count"] == 4 * 4
    assert run["known"]["title, no accents"] == {"mrr": 1, "recall": 1, "count": 5}
    assert run["same_words"]["compared"] > 0
    assert run["same_words"]["different"] == 0
    assert run["size_mb"]["index"] > 0
    assert run["update_ms"]["count"] == 2 * 4
    assert "| goal |" in done.stdout
    # Read again by a later run, with the growth from one to the other.
    larger = run | {"articles": 2000}
    names = {goal.name for goal in goals([larger, run])}
    assert {goal["name"] for goal in report["goals"]} < names
    assert "growth of newest, p95" in names


def test_articles_are_the_same_at_every_size_and_oldest_first():
    small, large = source(300, None, asked=20), source(600, None, asked=20)
    assert [row.title for row in small.asked] == [row.title for row in large.asked]
    rows = list(small.rows)
    assert len({row.title for row in rows}) == 300
    assert [row.body for row in rows[:20]] == [row.body for row in small.asked]
    dates = [row.published_at for row in rows]
    assert dates == sorted(dates)


def test_a_corpus_grows_by_mixing_its_paragraphs():
    corpus = source(50, None).asked
    grown = list(mixed(corpus, 120))
    assert len(grown) == 120
    assert [row for row in grown if row in corpus] == corpus
    paragraphs = {p for row in corpus for p in row.body.split("\n")}
    assert {p for row in grown for p in row.body.split("\n")} <= paragraphs
    dates = [row.published_at for row in grown]
    assert dates == sorted(dates)
    assert list(mixed(corpus, 50)) == corpus
    assert len(set(mixed(corpus, 20))) == 20


def test_ambiguous_words_have_another_form_that_is_common(corpus_of_two_words):
    assert sorted(questions.ambiguous_words(corpus_of_two_words, 8, seed=1)) == [
        "bán",
        "bạn",
    ]


def test_what_is_typed_on_the_way_to_a_title_and_a_slip_of_it():
    assert questions.while_typing("Thẩm định giá nhà") == [
        *("th", "tham", "tham di", "tham dinh g")
    ]
    assert questions.while_typing("Hai từ") == []
    assert questions.with_slip('"nhà trường"') == '"nhà trườgn"'


@pytest.fixture
def corpus_of_two_words() -> list[Row]:
    row = source(1, None).asked[0]
    bodies = ["bán", "bạn", "nhà"]
    return [row._replace(title="", lead="", body=body) for body in bodies]


def test_other_ways_to_type_have_the_same_tokens_but_other_letters():
    words = "Hòa bình thúy"
    others = questions.same_words(words)
    assert "Hoà bình thuý" in others
    assert words not in others
    assert {text.exact(other) for other in others} == {text.exact(words)}


def test_words_as_frequent_as_others_are_asked_in_one_order():
    frequent = [("rừng", 2), ("xanh", 1), ("bài", 1), ("yên", 1), ("bình", 1)]
    for order in (frequent, frequent[::-1]):
        assert questions._slice(Counter(dict(order)), 0, 2) == ["rừng", "xanh"]
