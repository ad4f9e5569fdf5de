"""Words of attached files: read apart, found, forgotten; nothing hostile gets out."""

import io
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from news import working_copy
from news.docx import package
from news.files import attach
from news.models import Article, Attachment, State
from search import attachment_text, extraction, indexing
from search.attachment_text import extract, read_waiting
from search.extraction import DOCX, PDF, collect, read_docx, read_pdf
from search.models import AttachmentText
from tests.factories import make_article
from tests.news import docx_builder as word
from tests.search import pdf_builder as pdf
from tests.search.helpers import found

READ, EMPTY, REFUSED = "read", "empty", "refused"


def pdf_text(data: bytes) -> str:
    return collect(read_pdf(io.BytesIO(data)))[0]


def docx_text(data: bytes) -> str:
    return collect(read_docx(io.BytesIO(data)))[0]


# What is read


def test_a_pdf_gives_the_text_it_names_itself_with_its_accents():
    words = "Kế hoạch trồng 50.000 cây xanh ở huyện Đồng Phú, số 05-CT/TW"
    assert pdf_text(pdf.written(words)).strip() == words


def test_a_hyphen_at_the_end_of_a_line_stays_one():
    line = b"(05-) Tj 0 -14 Td (CT/TW) Tj"
    data = pdf.one_page(pdf.stream(b"BT /F1 12 Tf 9 700 Td " + line + b" ET"))
    assert pdf_text(data).replace("\n", "") == "05-CT/TW"


def test_a_word_file_gives_paragraphs_tables_and_notes_but_nothing_hidden():
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>nhà cái uy tín</w:t></w:r>"
    data = word.docx(
        word.p(word.run("Kính gửi"), "<w:r><w:tab/><w:t>các sở</w:t></w:r>", hidden),
        word.table([word.cell("Đơn vị"), word.cell("Số tiền")]),
        footnotes=f'<w:footnote w:id="2">{word.p("Giá năm 2021.")}</w:footnote>',
    )
    assert docx_text(data).split("\n") == [
        *("Kính gửi các sở", "Đơn vị", "Số tiền", "Giá năm 2021.")
    ]


def test_a_word_file_in_an_old_font_gives_unicode():
    data = word.docx(word.p("C«ng hßa x· héi chñ nghÜa ViÖt Nam"), font=".VnTime")
    assert docx_text(data) == "Công hòa xã hội chủ nghĩa Việt Nam"


def test_a_word_file_longer_than_an_article_may_be_is_read(monkeypatch):
    monkeypatch.setattr(package, "MAX_ELEMENTS", 20)
    assert docx_text(word.docx(*[word.p("rừng") for _ in range(30)]))


def test_what_is_too_long_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(extraction, "MAX_PAGES", 3)
    monkeypatch.setattr(extraction, "MAX_TEXT_BYTES", 20)
    assert collect(read_pdf(io.BytesIO(pdf.pages(3)))) == ("hello\nhello\nhello", False)
    assert collect(read_pdf(io.BytesIO(pdf.pages(4)))) == ("hello\nhello\nhello", True)
    text, is_cut = collect(["Độc lập", "tự do", "hạnh phúc"])
    assert is_cut and text.startswith("Độc lập\ntự") and len(text.encode()) <= 20


def test_letters_that_no_database_stores_are_dropped():
    assert collect(["a\0b\ud800c\x07", "\u200b", "d"]) == ("abc\nd", False)


# Files that anybody may have made; each in the process of its own

PAST_ENTITIES = '<!DOCTYPE d [<!ENTITY a "b">]><w:document/>'
HOSTILE = [
    (PDF, b"%PDF-1.7 rubbish", REFUSED, "damaged"),
    (PDF, pdf.written("rừng " * 400)[:900], REFUSED, "damaged"),
    (PDF, pdf.encrypted(), REFUSED, "password"),
    (PDF, pdf.bomb(600), REFUSED, "killed"),
    (PDF, pdf.one_page(pdf.stream(b"0 0 9 9 re f")), EMPTY, ""),
    (DOCX, b"no archive at all", REFUSED, "damaged"),
    (DOCX, word.docx(word__document=PAST_ENTITIES), REFUSED, "damaged"),
    (
        DOCX,
        word.docx(word__document=" " * (extraction.MAX_FILE_BYTES)),
        REFUSED,
        "too large",
    ),
]


@pytest.mark.parametrize(
    ("kind", "data", "state", "reason"), HOSTILE, ids=[case[3] for case in HOSTILE]
)
def test_a_hostile_file_is_refused_with_a_reason(tmp_path, kind, data, state, reason):
    path = tmp_path / "file"
    path.write_bytes(data)
    with path.open("rb") as file:
        reading = extract(file, kind)
    assert (reading.state, reading.reason, reading.text) == (state, reason, "")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -XCPU $$", "too slow"),
        ("kill -ALRM $$", "too slow"),
        ("exec sleep 60", "too slow"),
        ("kill -SEGV $$", "killed"),
        ("echo rubbish", "damaged"),
        ('echo \'{"state": "read", "extra": 1}\'', "damaged"),
    ],
)
def test_whatever_becomes_of_that_process_this_one_goes_on(
    monkeypatch, tmp_path, script, reason
):
    monkeypatch.setattr(attachment_text, "COMMAND", ["/bin/sh", "-c", script])
    monkeypatch.setattr(extraction, "WALL_SECONDS", 0.5)
    monkeypatch.setattr(attachment_text, "GRACE_SECONDS", 0)
    with (tmp_path / "file").open("w+b") as file:
        assert extract(file, PDF) == attachment_text.refused(reason)


def test_a_fault_of_the_program_is_blamed_on_no_file(monkeypatch, tmp_path):
    monkeypatch.setattr(attachment_text, "COMMAND", [sys.executable, "-m", "no.such"])
    with (tmp_path / "file").open("w+b") as file, pytest.raises(RuntimeError):
        extract(file, PDF)


def limited(code: str, **limits: int) -> int:
    """Return how a process ends that does `code` within `limits`."""
    names = "".join(f"e.{name} = {value};" for name, value in limits.items())
    program = f"from search import extraction as e; {names} e.limit_process()\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={},
        stderr=subprocess.DEVNULL,
    ).returncode


def test_processor_time_memory_and_what_is_written_are_limited(tmp_path):
    assert limited("while True: pass", CPU_SECONDS=1) == -24
    assert limited("import time; time.sleep(60)", WALL_SECONDS=1) == -14
    hungry = "try:\n bytearray(2**29)\nexcept MemoryError: exit(7)"
    assert limited(hungry) == 7
    wordy = f"open({str(tmp_path / 'a')!r}, 'wb').write(bytes(5 * 2**20))"
    assert limited(wordy) == 1
    assert (tmp_path / "a").stat().st_size <= extraction.MAX_ANSWER_BYTES


def test_the_process_knows_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "geheim")
    (tmp_path / "out").touch()
    script = f"env > {tmp_path / 'out'}"
    monkeypatch.setattr(attachment_text, "COMMAND", ["/bin/sh", "-c", script])
    with (tmp_path / "file").open("w+b") as file:
        extract(file, PDF)
    assert "SECRET" not in (tmp_path / "out").read_text()


# What is found; the process is left out here


@pytest.fixture
def in_process(monkeypatch):
    """Read files in this process: most tests are not about the other one."""

    def extract_here(file, content_type):
        text, is_cut = collect(extraction.READERS[content_type](file))
        state = READ if re.search(r"\w", text) else EMPTY
        return attachment_text.Reading(state, text, "cut" if is_cut else "")

    monkeypatch.setattr(attachment_text, "extract", extract_here)


def attach_pdf(article: Article, words: str, name="Phụ lục.pdf") -> Attachment:
    return attach(article, ContentFile(pdf.written(words), name=name))


def replace(attachment: Attachment, words: str) -> None:
    attachment.file.save("b.pdf", ContentFile(pdf.written(words)), save=False)
    attachment.save()


@pytest.mark.django_db
def test_words_of_a_pdf_and_of_a_word_file_are_found():
    article = make_article(title="Kế hoạch")
    attach_pdf(article, "trồng rừng ngập mặn")
    data = word.docx(word.p("danh sách hộ gia đình"))
    attach(article, ContentFile(data, name="Danh sách.docx"))
    assert found("rừng ngập mặn") == []
    assert read_waiting() == 2
    assert found('"rừng ngập mặn"') == found("danh sach ho") == [article.pk]
    assert not indexing.check()
    assert read_waiting() == 0


@pytest.mark.django_db
def test_only_pdf_and_word_of_published_articles_are_read_newest_first(in_process):
    now = timezone.now()
    older = make_article(published_at=now - timedelta(days=2))
    newer = make_article(published_at=now - timedelta(days=1))
    draft = make_article(state=State.DRAFT)
    copy = make_article(state=State.DRAFT, revision_of=newer)
    for article in (newer, older, draft, copy):
        attach_pdf(article, "rừng")
    attach(older, ContentFile("rừng,1\n".encode(), name="a.csv"))
    assert read_waiting() == 2
    articles = AttachmentText.objects.order_by("pk").values_list(
        "attachment__article", flat=True
    )
    assert list(articles) == [newer.pk, older.pk]
    draft.state = State.PUBLISHED
    draft.save()
    assert read_waiting() == 1


@pytest.mark.django_db
def test_a_file_of_a_withdrawn_article_is_not_found_until_it_is_back(in_process):
    article = make_article()
    attach_pdf(article, "rừng ngập mặn")
    read_waiting()
    article.state = State.WITHDRAWN
    article.save()
    assert found("ngập mặn") == []
    article.state = State.PUBLISHED
    article.save()
    assert found("ngập mặn") == [article.pk]
    assert read_waiting() == 0


@pytest.mark.django_db
def test_a_deleted_attachment_is_forgotten_at_once(in_process):
    article = make_article()
    attachment = attach_pdf(article, "rừng ngập mặn")
    attach_pdf(article, "hải đảo")
    read_waiting()
    attachment.delete()
    assert found("ngập mặn") == []
    assert found("hải đảo") == [article.pk]
    article.attachments.all().delete()
    assert found("hải đảo") == []
    assert not AttachmentText.objects.exists()
    assert not indexing.check()


@pytest.mark.django_db
def test_an_article_that_is_deleted_takes_its_files_along(in_process):
    article = make_article()
    attach_pdf(article, "rừng ngập mặn")
    read_waiting()
    article.delete()
    assert found("ngập mặn") == []
    assert not AttachmentText.objects.exists()
    assert not indexing.check()


@pytest.mark.django_db
def test_a_replaced_file_is_forgotten_at_once_and_then_read_anew(in_process):
    article = make_article()
    attachment = attach_pdf(article, "rừng ngập mặn")
    read_waiting()
    replace(attachment, "hải đảo")
    assert found("ngập mặn") == found("hải đảo") == []
    assert read_waiting() == 1
    assert found("hải đảo") == [article.pk]
    attachment.title = "Tên khác"
    attachment.save()
    assert read_waiting() == 0


@pytest.mark.django_db
def test_a_file_replaced_past_the_model_is_read_anew_too(in_process):
    article = make_article()
    attachment = attach_pdf(article, "rừng ngập mặn")
    other = attach_pdf(make_article(state=State.DRAFT), "hải đảo")
    read_waiting()
    Attachment.objects.filter(pk=attachment.pk).update(file=other.file.name)
    assert read_waiting() == 1
    assert found("ngập mặn") == []
    assert found("hải đảo") == [article.pk]


@pytest.mark.django_db
def test_a_revision_shows_its_file_once_it_is_applied(in_process):
    article = make_article(title="Kế hoạch")
    attach_pdf(article, "rừng ngập mặn")
    read_waiting()
    copy = working_copy.revise(article)
    replace(copy.attachments.get(), "hải đảo")
    attach_pdf(copy, "sông Tiền")
    assert read_waiting() == 0
    assert found("ngập mặn") == [article.pk]
    working_copy.apply(copy)
    assert found("ngập mặn") == []
    assert read_waiting() == 2
    assert found("hải đảo") == found("sông Tiền") == [article.pk]
    assert not indexing.check()


@pytest.mark.django_db
def test_a_file_that_changes_while_it_is_read_is_read_again(in_process, monkeypatch):
    article = make_article()
    attachment = attach_pdf(article, "rừng ngập mặn")
    here, changes = attachment_text.extract, iter([True])

    def change(*arguments):
        if next(changes, False):
            replace(Attachment.objects.get(pk=attachment.pk), "hải đảo")
        return here(*arguments)

    monkeypatch.setattr(attachment_text, "extract", change)
    assert read_waiting() == 1
    assert found("ngập mặn") == []
    assert found("hải đảo") == [article.pk]


@pytest.mark.django_db
def test_killed_before_it_is_stored_a_file_is_read_again(in_process, monkeypatch):
    article = make_article()
    attach_pdf(article, "rừng ngập mặn")

    def die(ids):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "index_articles", die)
        with pytest.raises(KeyboardInterrupt):
            read_waiting()
    assert not AttachmentText.objects.exists()
    assert read_waiting() == 1
    assert found("ngập mặn") == [article.pk]


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_holds_up_no_other(in_process, monkeypatch, caplog):
    article = make_article(title="Kế hoạch")
    gone = attach_pdf(article, "rừng")
    gone.file.storage.delete(gone.file.name)
    attach_pdf(article, "hải đảo")
    monkeypatch.setattr(extraction, "MAX_FILE_BYTES", 3000)
    attach_pdf(article, "rừng núi sông suối " * 400)
    assert read_waiting() == 3
    rows = AttachmentText.objects.order_by("attachment_id")
    assert list(rows.values_list("state", "reason")) == [
        *((REFUSED, "missing"), (READ, ""), (REFUSED, "too large"))
    ]
    assert f"attachment {gone.pk}: missing" in caplog.text
    assert found("kế hoạch") == found("hải đảo") == [article.pk]


@pytest.mark.django_db
def test_the_command_reads_what_waits_and_what_was_refused(in_process, monkeypatch):
    article = make_article()
    attach_pdf(article, "rừng ngập mặn")
    with monkeypatch.context() as patch:
        patch.setattr(extraction, "MAX_FILE_BYTES", 1)
        read_waiting()
    attach_pdf(article, "hải đảo")
    out = StringIO()
    call_command("rebuild_search_index", "--files", stdout=out)
    assert out.getvalue().split("\n")[-3:] == ["2 / 2", "Đã đọc 2 tệp.", ""]
    assert found("ngập mặn") == found("hải đảo") == [article.pk]


@pytest.mark.django_db
def test_it_stands_still_when_files_wait_for_a_day_and_none_is_read(in_process):
    later = timezone.now() + timedelta(hours=25)
    assert not attachment_text.stands_still(later)
    attach_pdf(make_article(), "rừng")
    assert not attachment_text.stands_still()
    assert attachment_text.stands_still(later)
    read_waiting()
    attach_pdf(make_article(), "rừng")
    AttachmentText.objects.update(read_at=later)
    assert not attachment_text.stands_still(later)
