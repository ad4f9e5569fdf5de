"""The import takes what is whole, names what is not, and writes nothing by halves."""

import gzip
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import translation

from news import importing, saving
from news.models import Article, Category, Revision
from portal import generation
from search import indexing
from tests.factories import make_article, make_category

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    """Assertions read the msgids."""
    with translation.override("en"):
        yield


def record(**changes) -> dict:
    return {
        "id": "a1",
        "title": "Đường sắt đô thị chạy thử",
        "lead": "Đoàn tàu chạy thử toàn tuyến.",
        "body": "Đoạn thứ nhất.\nĐoạn <b>thứ hai</b> & hết.",
        "category": "Giao thông",
        "published_at": "2026-01-05T10:30:00+07:00",
        "source": "baodemo",
        "date_kind": "assigned",
    } | changes


def lines(*records) -> bytes:
    return b"".join(
        r
        if isinstance(r, bytes)
        else json.dumps(r, ensure_ascii=False).encode() + b"\n"
        for r in records
    )


def run(path, content: bytes):
    """Import `content`; return (standard output, standard error, was it refused)."""
    path.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_articles", str(path), stdout=out, stderr=err)
        refused = ""
    except CommandError as error:
        refused = str(error)
    return out.getvalue(), err.getvalue(), refused


@pytest.fixture
def file(tmp_path):
    return tmp_path / "bai.jsonl"


def test_a_record_becomes_a_public_article_in_its_category(file):
    out, err, refused = run(file, lines(record()))
    article = Article.objects.published().get()
    assert article.title == "Đường sắt đô thị chạy thử"
    assert article.slug == "duong-sat-do-thi-chay-thu"
    assert article.category.name == "Giao thông"
    assert article.category.get_absolute_url()
    assert article.published_at == datetime(2026, 1, 5, 3, 30, tzinfo=UTC)
    assert article.import_key == "baodemo:a1"
    assert article.source_name == "baodemo"
    assert "New categories: Giao thông" in out
    assert "Done: 1 articles written, 0 already there, 0 refused." in out
    assert (err, refused) == ("", "")


def test_markup_in_a_body_is_shown_as_text(file):
    run(file, lines(record(body="<script>alert(1)</script>\n\n  Hai.  ")))
    article = Article.objects.get()
    assert article.body == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n<p>Hai.</p>"
    assert article.body_html == article.body
    assert article.body_text == "<script>alert(1)</script>\nHai."


def test_an_imported_article_is_stored_as_publishing_would_store_it(file):
    run(file, lines(record(body="Một đoạn.\nHai\u00a0 \u200bđoạn.")))
    article = Article.objects.get()
    before = article.body, article.body_html, article.body_text
    revision = article.revisions.get()
    assert revision.content == saving.content_of(article)
    assert (revision.number, article.version) == (1, 1)
    saving.save_article(article)
    article.refresh_from_db()
    assert (article.body, article.body_html, article.body_text) == before


def test_imported_articles_are_found_and_pages_change(file):
    before = generation.stored_generation()
    run(file, lines(record()))
    assert not indexing.check()
    found, _ = indexing.narrow(Article.objects.all(), "duong sat")
    assert [a.import_key for a in found] == ["baodemo:a1"]
    assert generation.stored_generation() > before


def test_decomposed_text_is_composed(file):
    run(file, lines(record(title="D\u0323o\u0309 Tie\u0302\u0301ng")))
    assert Article.objects.get().title == "Ḍỏ Tiếng"


def test_a_second_run_writes_nothing(file):
    content = lines(record(), record(id="a2"))
    run(file, content)
    out, _err, refused = run(file, content)
    assert "Done: 0 articles written, 2 already there, 0 refused." in out
    assert not refused
    assert Article.objects.count() == Revision.objects.count() == 2


def test_a_run_goes_on_where_another_stopped(file):
    run(file, lines(record()))
    out, _err, _refused = run(file, lines(record(), record(id="a2")))
    assert "Done: 1 articles written, 1 already there" in out


def test_the_same_id_of_another_source_is_another_article(file):
    run(file, lines(record(), record(source="baokhac")))
    assert Article.objects.count() == 2


def test_a_repeated_record_is_written_once(file):
    out, _err, refused = run(file, lines(record(), record()))
    assert "Done: 1 articles written, 1 already there" in out
    assert not refused


def test_an_existing_category_is_used(file):
    category = make_category(name="Giao thông")
    run(file, lines(record(), record(id="a2", category="Giao  thông ")))
    assert set(Article.objects.values_list("category", flat=True)) == {category.pk}
    assert Category.objects.count() == 1


def test_a_packed_file_is_read_whatever_its_name(tmp_path):
    out, _err, _refused = run(tmp_path / "bai.dat", gzip.compress(lines(record())))
    assert "Done: 1 articles written" in out


def test_blank_lines_and_a_byte_order_mark_are_passed_over(file):
    out, err, _ = run(file, b"\xef\xbb\xbf" + lines(record()) + b"\n  \r\n")
    assert "Done: 1 articles written, 0 already there, 0 refused." in out
    assert err == ""


BAD = {
    "broken JSON": (b'{"id": "a1", \n', "not JSON (column"),
    "a cut line": (lines(record())[:20] + b"\n", "not JSON (column"),
    "no JSON at all": (b"id;title;lead\n", "not JSON (column"),
    "another encoding": (b'{"title": "\xd0\xb9\xff"}\n', "not UTF-8 text"),
    "an endless number": (b'{"id": ' + b"9" * 5000 + b"}\n", "not JSON that can be"),
    "endless nesting": (b"[" * 200_000 + b"\n", "not JSON that can be read"),
    "a list": (b'["a1", "title"]\n', "not a JSON object"),
    "a bare number": (b"17\n", "not a JSON object"),
    "null": (b"null\n", "not a JSON object"),
    "no id": (lines(record(id=None)), "“id” is missing"),
    "an id that is true": (lines(record(id=True)), "“id” is not a text"),
    "an endless id": (lines(record(id="x" * 60)), "“id” has 60 characters"),
    "no title": (lines(record(title=None)), "“title” is missing"),
    "a blank title": (lines(record(title=" \u200b\u00a0 ")), "“title” is missing"),
    "a title that is a number": (lines(record(title=5)), "“title” is not a text"),
    "a title that is a list": (lines(record(title=["x"])), "“title” is not a text"),
    "an endless title": (lines(record(title="dài " * 76)), "“title” has 303 char"),
    "an endless lead": (lines(record(lead="x" * 2001)), "“lead” has 2001 characters"),
    "an endless body": (lines(record(body="x" * 1_000_001)), "“body” has 1000001 char"),
    "a body that is an object": (lines(record(body={})), "“body” is not a text"),
    "NUL in the title": (lines(record(title="a\0b")), "“title” holds a NUL character"),
    "NUL in the body": (lines(record(body="a\0b")), "“body” holds a NUL character"),
    "half a character": (
        b'{"source": "s\\ud800"}\n',
        "“source” holds half a character",
    ),
    "no text": (lines(record(lead="", body=" \n ")), "neither “lead” nor “body”"),
    "no category": (lines(record(category="")), "“category” is missing"),
    "no source": (lines(record(source=None)), "“source” is missing"),
    "no date": (lines(record(published_at=None)), "“published_at” is missing"),
    "a date in words": (lines(record(published_at="hôm qua")), "not a date and time"),
    "a date alone": (lines(record(published_at="2026-01-05")), "no time zone"),
    "31 February": (
        lines(record(published_at="2026-02-31T10:00:00+07:00")),
        "not a date and time",
    ),
    "a date as a number": (lines(record(published_at=1767583800)), "is not a text"),
    "no time zone": (lines(record(published_at="2026-01-05T10:30:00")), "no time zone"),
    "the year 1": (lines(record(published_at="0001-01-01T00:00:00+07:00")), "outside"),
    "the year 9999": (
        lines(record(published_at="9999-12-31T23:59:59-12:00")),
        "outside 1945–2100",
    ),
}


@pytest.mark.parametrize("content, reason", BAD.values(), ids=BAD.keys())
def test_a_bad_record_is_named_and_the_others_go_in(file, content, reason):
    good, other = record(id="good"), record(id="other")
    out, err, refused = run(file, lines(good, content, other))
    assert err.startswith("Line 2: ")
    assert reason in err
    assert len(err.splitlines()) == 1
    assert "1 records were refused" in refused
    assert "Done: 2 articles written, 0 already there, 1 refused." in out
    keys = set(Article.objects.values_list("import_key", flat=True))
    assert keys == {"baodemo:good", "baodemo:other"}


def test_a_line_over_the_limit_is_refused_and_the_next_one_read(file, monkeypatch):
    monkeypatch.setattr(importing, "MAX_LINE_BYTES", 500)
    out, err, refused = run(file, lines(record(body="x" * 2000), record(id="a2")))
    assert "Line 1: the line is longer than 4 MB" in err
    assert "Done: 1 articles written" in out
    assert refused


def test_a_damaged_packed_file_gives_what_could_be_read(file):
    packed = gzip.compress(lines(*(record(id=f"a{n}") for n in range(50))))
    out, err, refused = run(file, packed[:-20])
    assert "the packed file is damaged from here on" in err
    assert refused
    written = Article.objects.count()
    assert f"Done: {written} articles written, 0 already there, 1 refused." in out


def test_a_missing_file_gives_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="The file cannot be opened"):
        call_command("import_articles", str(tmp_path / "khong-co.jsonl"))


def test_an_empty_file_is_no_error(file):
    out, err, refused = run(file, b"")
    assert "Done: 0 articles written" in out
    assert (err, refused) == ("", "")


def test_what_the_database_refuses_leaves_nothing_half_written(file, monkeypatch):
    real = importing._article

    def refusing(one, category_id):
        if one.key == "baodemo:a2":
            raise DatabaseError("value too long")
        return real(one, category_id)

    monkeypatch.setattr(importing, "_article", refusing)
    content = lines(
        record(), record(id="a2", category="Chỉ của bài hỏng"), record(id="a3")
    )
    out, err, refused = run(file, content)
    assert "Line 2: the database refused it: value too long" in err
    assert "Done: 2 articles written, 0 already there, 1 refused." in out
    assert refused
    assert Revision.objects.count() == 2
    assert not Category.objects.filter(name="Chỉ của bài hỏng").exists()
    assert not indexing.check()


def test_large_files_are_written_in_batches(file, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 3)
    out, _err, _refused = run(file, lines(*(record(id=f"a{n}") for n in range(8))))
    assert "Done: 8 articles written" in out
    assert Article.objects.count() == 8


def test_articles_of_others_stay_as_they_are(file):
    mine = make_article(title="Bài có sẵn")
    run(file, lines(record()))
    mine.refresh_from_db()
    assert mine.import_key is None
    assert mine.title == "Bài có sẵn"


def test_a_record_in_the_future_waits_for_its_time(file):
    run(file, lines(record(published_at="2099-01-05T10:30:00+07:00")))
    assert not Article.objects.published().exists()
    assert Article.objects.scheduled().count() == 1
