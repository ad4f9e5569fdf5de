"""What every engine must do; run by test_sqlite.py and test_postgres.py."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from news.models import Article, Attachment, State
from news.text import clean_text
from search import indexing, matching
from search.backends import base
from search.models import Abbreviation, AttachmentText
from search.request import NEWEST, RELEVANCE, SearchRequest, parse_words
from tests.factories import make_article, make_category
from tests.search.helpers import ORDERS, backend, found, local, search

HOSTILE = [
    '"', "'", "''", '"""', '" OR "', "a AND", "AND", "NOT a", "a NEAR/2 b", "(", "a)",
    "*", "a*", "^a", "-a", "+a", "{t}: a", "t:a", "k:c1", "s : a", "search_fts",
    "a:b", "'a' & 'b'", "!a", "a | b", "a <-> b", "a:*", "\\", "\\'", "%s", "%", "_",
    "__", "a_b", ";--", "\x00", "a\x00b", "😀", "😀a", "\ud800", "a\udfffb", "𞤀𞤁",
    "a𞤀b", "ก็", "中文", "ﷺ", "Ⅷ", "½", "\u0301", "e\u0301\u0301", "a" * 10_000,
    '"' * 10_000, "a " * 5_000, '"a b c' * 50, "\u202eabc", "İstanbul", "ß", "ﬁ",
    "1/2", "C++", "15/2020/NĐ-CP", "\n", "\t", "null", "%00",
]  # fmt: skip


def file_text(article, text: str) -> AttachmentText:
    """An attachment of `article` whose text was read."""
    attachment = Attachment.objects.create(
        article=article, title="Tệp", file="tep.pdf", file_name="tep.pdf"
    )
    return AttachmentText.objects.create(
        attachment=attachment, file_name="tep.pdf", state="read", text=text
    )


def keep_only(*pairs: tuple[str, str]) -> None:
    """Make these the editors' abbreviations, in place of those of a new site."""
    Abbreviation.objects.all().delete()
    for short, long in pairs:
        Abbreviation.objects.create(short=short, long=long)


class SearchContract:
    """One article of each test is found by what readers type."""

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("duong ho chi minh", "Đường Hồ Chí Minh"),
            ("ĐƯỜNG HỒ CHÍ MINH", "Đường Hồ Chí Minh"),
            ("hòa bình", "Hoà bình"),
            ("hoà bình", "Hòa bình"),
            ("uỷ ban", "Ủy ban nhân dân"),
            ("ủy ban", "Uỷ ban nhân dân"),
            ("covid19", "Covid19"),
            ("covid-19", "Dịch COVID-19 lắng xuống"),
            ("13/2023/ND-CP", "Nghị định 13/2023/NĐ-CP"),
            ("dan nhan", "Ủy ban nhân dân"),
        ],
    )
    def test_typed_words_find_the_title(self, typed, title, order):
        wanted = make_article(title=title)
        make_article(title="Một bài khác hẳn")
        assert found(typed, order=order) == [wanted.pk]

    def test_sapo_and_body_are_searched(self):
        lead = make_article(sapo="Sắc xuân vùng cao")
        body = make_article(body_text="Bản làng đón sắc xuân.")
        assert found("sac xuan", order=RELEVANCE) == [lead.pk, body.pk]

    def test_every_word_must_be_there(self):
        make_article(title="Khoa học")
        both = make_article(title="Nghệ thuật", body_text="khoa học")
        assert found("khoa học nghệ") == [both.pk]

    @pytest.mark.parametrize("order", ORDERS)
    def test_exact_accents_come_first(self, order):
        now = timezone.now()
        exact = make_article(title="Bạn", published_at=now - timedelta(days=9))
        other = make_article(title="Bán", published_at=now - timedelta(days=1))
        plain = make_article(title="ban", published_at=now - timedelta(hours=1))
        assert found("bạn", order=order) == [exact.pk, plain.pk, other.pk]

    def test_exact_accents_in_the_body_come_before_others_in_the_title(self):
        exact = make_article(title="Gặp gỡ", body_text="Một người bạn cũ")
        other = make_article(title="Bán đấu giá")
        assert found("bạn", order=RELEVANCE) == [exact.pk, other.pk]
        assert found("bạn", order=NEWEST) == [exact.pk, other.pk]

    @pytest.mark.parametrize("order", ORDERS)
    def test_words_side_by_side_come_before_words_apart(self, order):
        near = make_article(
            body_text="về khoa học mới", published_at=timezone.now() - timedelta(days=9)
        )
        apart = make_article(body_text="khoa nội, nơi sinh viên học")
        assert found("khoa hoc", order=order) == [near.pk, apart.pk]

    def test_relevance_prefers_title_then_sapo_then_body(self):
        now = timezone.now()
        body = make_article(body_text="đường sắt cao tốc", published_at=now)
        lead = make_article(
            sapo="đường sắt cao tốc", published_at=now - timedelta(days=1)
        )
        title = make_article(
            title="Đường sắt cao tốc", published_at=now - timedelta(days=2)
        )
        assert found("duong sat cao toc", order=RELEVANCE) == [
            title.pk,
            lead.pk,
            body.pk,
        ]
        assert found("duong sat cao toc", order=NEWEST) == [body.pk, lead.pk, title.pk]

    def test_a_phrase_must_stand_side_by_side(self):
        whole = make_article(title="Về khoa học công nghệ")
        make_article(title="Khoa học và công nghệ")
        # Each pair is there, the three words in a row are not.
        make_article(body_text="khoa học thì khó; học công phu là công nghệ")
        assert found('"khoa hoc cong nghe"') == [whole.pk]
        assert found('"hoc cong"', order=RELEVANCE)[0] == whole.pk

    def test_a_phrase_does_not_run_from_title_into_sapo(self):
        make_article(title="Tin khoa", sapo="học tập")
        assert found('"khoa hoc"') == []
        assert len(found("khoa hoc")) == 1

    def test_a_phrase_crosses_punctuation(self):
        article = make_article(title="Sở Khoa học, Công nghệ")
        assert found('"khoa hoc cong nghe"') == [article.pk]

    def test_a_phrase_and_loose_words_together(self):
        both = make_article(body_text="chuyển đổi số ở xã")
        make_article(body_text="chuyển đổi số ở phường")
        assert found('xã "chuyển đổi số"') == [both.pk]

    # One thing in several spellings ---------------------------------------------

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("kỹ năng quản lý", "kĩ năng quản lí"),
            ("quý khách", "quí khách"),
            ("ngày 05/5", "ngày 5/05"),
        ],
    )
    def test_spellings_find_each_other_and_the_typed_one_first(self, one, other, order):
        now = timezone.now()
        first = make_article(title=one, published_at=now - timedelta(days=9))
        second = make_article(title=other, published_at=now - timedelta(days=1))
        make_article(title="Một bài khác")
        ids = [first.pk, second.pk]
        assert found(one, order=NEWEST) == ids
        assert set(found(other, order=order)) == {first.pk, second.pk}

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize(
        "typed", ["05-CT/TW", "5-ct/tw", "05 – CT/TW", "số 05-CT/TW", "05/CT-TW"]
    )
    def test_a_document_number_is_found_whole(self, typed, order):
        make_article(title="Ngày 05 họp số TW về công tác CT")
        wanted = make_article(
            body_text="Thực hiện Chỉ thị số 05-CT/TW của Bộ Chính trị"
        )
        assert found(typed, order=order) == [wanted.pk]

    def test_a_number_with_words_and_in_a_longer_number(self):
        wanted = make_article(title="Nghị định 13/2023/NĐ-CP về dữ liệu cá nhân")
        make_article(title="Nghị định 113/2023/NĐ-CP về dữ liệu cá nhân")
        assert found("nghị định 13/2023/NĐ-CP dữ liệu") == [wanted.pk]

    @pytest.mark.parametrize("order", ORDERS)
    def test_an_abbreviation_finds_what_it_stands_for_and_the_reverse(self, order):
        keep_only(("HĐND", "Hội đồng nhân dân"), ("KH&CN", "Khoa học và Công nghệ"))
        short = make_article(title="HĐND tỉnh họp về KH&CN")
        long = make_article(
            title="Hội đồng nhân dân tỉnh họp về khoa học và công nghệ",
            published_at=timezone.now() - timedelta(days=1),
        )
        # All syllables, but nowhere side by side.
        apart = make_article(title="Nhân dân họp đồng loạt ở hội quán tỉnh KHCN")
        both = {short.pk, long.pk}
        for typed in ("hdnd tinh", "HĐND tỉnh", "hđnd tỉnh kh&cn", "KH&CN"):
            assert set(found(typed, order=order)) == both, typed
        assert set(found("hội đồng nhân dân tỉnh", order=order)) == both | {apart.pk}
        assert found("hội đồng nhân dân tỉnh", order=order)[-1] == apart.pk
        assert found("khoa hoc va cong nghe tỉnh họp", order=RELEVANCE)[0] == long.pk
        # What is quoted is meant as it stands.
        assert found('"HĐND tỉnh"', order=order) == [short.pk]

    def test_an_abbreviation_with_two_meanings_finds_both(self):
        keep_only(("CT", "Chỉ thị"), ("CT", "Chương trình"))
        one = make_article(title="Chỉ thị mới")
        two = make_article(title="Chương trình mới")
        short = make_article(title="CT mới")
        assert set(found("ct mới")) == {one.pk, two.pk, short.pk}
        assert set(found("chỉ thị mới")) == {one.pk, short.pk}

    def test_an_edited_abbreviation_counts_at_once(self):
        keep_only()
        article = make_article(title="Ủy ban nhân dân xã")
        assert found("UBND xã") == []
        row = Abbreviation.objects.create(short="UBND", long="Ủy ban nhân dân")
        assert found("UBND xã") == [article.pk]
        row.delete()
        assert found("UBND xã") == []

    # The text of files ------------------------------------------------------------

    def test_the_text_of_an_attachment_is_found(self):
        article = make_article(title="Quyết định mới")
        text = file_text(article, "Điều 1. Phê duyệt đề án thoát nước\x00 đô thị")
        indexing.index_articles([article.pk])
        assert found("đề án thoát nước", order=RELEVANCE) == [article.pk]
        assert found('"thoát nước đô thị"') == [article.pk]
        # Of another file that has not been read yet nothing is known.
        text.file_name = "another.pdf"
        text.save()
        indexing.index_articles([article.pk])
        assert found("thoát nước") == []

    def test_a_phrase_does_not_run_from_the_body_into_a_file(self):
        article = make_article(body_text="tin khoa")
        file_text(article, "học tập")
        indexing.index_articles([article.pk])
        assert found('"khoa hoc"') == []
        assert found("khoa hoc") == [article.pk]

    # What may be seen -------------------------------------------------------

    def test_scheduled_expired_and_withdrawn_agree_with_a_plain_scan(self):
        now = timezone.now().replace(microsecond=0)
        hour = timedelta(hours=1)
        for state in State.values:
            make_article(title="rừng", state=state, published_at=now - 2 * hour)
        make_article(title="rừng", published_at=now)
        make_article(title="rừng", published_at=now + hour)
        make_article(title="rừng", published_at=now - 2 * hour, expires_at=now)
        make_article(
            title="rừng", published_at=now - 2 * hour, expires_at=now + 2 * hour
        )
        counts = []
        for at in (now - 3 * hour, now - hour, now, now + hour, now + 3 * hour):
            scanned = set(Article.objects.published(at).values_list("pk", flat=True))
            for order in ORDERS:
                assert set(found("rung", at, order=order)) == scanned
            counts.append(len(scanned))
        assert counts == [0, 3, 3, 4, 3]

    def test_a_stale_row_of_the_index_shows_nothing(self):
        article = make_article(title="rừng")
        Article.objects.filter(pk=article.pk).update(state=State.WITHDRAWN)
        for order in ORDERS:
            result = search("rừng", order=order)
            assert (result.hits, result.total, result.pages) == ((), 0, 0)

    def test_the_queryset_given_is_the_limit(self):
        make_article(title="rừng")
        request = SearchRequest(words=parse_words("rừng"))
        assert backend().search(Article.objects.none(), request).total == 0

    # Filters ----------------------------------------------------------------

    @pytest.mark.parametrize("words", ["", "rừng"])
    def test_categories_are_main_or_further(self, words):
        a, b, c = make_category(), make_category(), make_category()
        main = make_article(title="rừng", category=a)
        further = make_article(title="rừng", category=b, further_categories=[a])
        make_article(title="rừng", category=c)
        assert set(found(words, category_ids=(a.pk,))) == {main.pk, further.pk}
        assert set(found(words, category_ids=(a.pk, c.pk))) == {
            article.pk for article in Article.objects.all()
        }
        assert found(words, category_ids=(c.pk + 1000,)) == []

    @pytest.mark.parametrize("words", ["", "rừng"])
    def test_local_days_are_inclusive(self, words):
        before = make_article(
            title="rừng", published_at=local(2021, 5, 18, 23, 59, 59, 999_999)
        )
        first = make_article(title="rừng", published_at=local(2021, 5, 19))
        last = make_article(
            title="rừng", published_at=local(2021, 5, 19, 23, 59, 59, 999_999)
        )
        after = make_article(title="rừng", published_at=local(2021, 5, 20))
        day = date(2021, 5, 19)
        assert found(words, first_day=day, last_day=day) == [last.pk, first.pk]
        assert found(words, first_day=day) == [after.pk, last.pk, first.pk]
        assert found(words, last_day=day) == [last.pk, first.pk, before.pk]

    def test_dates_before_1970_are_dates_too(self):
        article = make_article(title="rừng", published_at=local(1945, 9, 2, 14))
        day = date(1945, 9, 2)
        assert found("rừng", first_day=day, last_day=day) == [article.pk]
        assert found("rừng", last_day=date(1945, 9, 1)) == []

    def test_a_crowded_minute_stays_within_its_day(self):
        """More articles in one minute than rowids of SQLite for it."""
        minute = local(2021, 5, 19, 23, 59)
        crowd = {make_article(title="rừng", published_at=minute).pk for _ in range(40)}
        next_day = make_article(title="rừng", published_at=local(2021, 5, 20))
        day = date(2021, 5, 19)
        assert set(found("rừng", first_day=day, last_day=day)) == crowd
        assert found("rừng", first_day=date(2021, 5, 20)) == [next_day.pk]

    # Order, pages and totals --------------------------------------------------

    def test_newest_first_over_pages(self):
        now = timezone.now()
        made = [
            make_article(title="rừng", published_at=now - timedelta(hours=n)).pk
            for n in range(7)
        ]
        assert found("rung", per_page=3) == made
        assert found("", per_page=3) == made

    def test_both_orders_hold_the_same_articles_on_all_pages(self):
        now = timezone.now()
        for n in range(12):
            make_article(
                title=("khoa học", "khóa học", "tin")[n % 3],
                body_text=("rừng", "khoa ngoại học", "khoa học")[n % 3],
                published_at=now - timedelta(minutes=n),
            )
        make_article(
            body_text="khoa ngoại, y học", published_at=now - timedelta(days=1)
        )
        for words in ("khoa học", "khóa học", "khoa hoc", "khóa", '"khoa hoc"'):
            by_date = found(words, per_page=5)
            assert set(found(words, per_page=5, order=RELEVANCE)) == set(by_date)
            assert set(found(words, per_page=1, order=RELEVANCE)) == set(by_date)
            assert found(words, per_page=1) == by_date

    def test_relevance_needs_no_further_look_where_it_has_enough(self, monkeypatch):
        monkeypatch.setattr(base, "ENOUGH", 1)
        exact = make_article(body_text="rừng")
        other = make_article(title="rụng")
        assert found("rừng", order=RELEVANCE) == [exact.pk, other.pk]
        assert found("rừng xanh", order=RELEVANCE) == []

    def test_relevance_goes_on_with_the_newest_behind_the_candidates(self, monkeypatch):
        now = timezone.now()
        made = [
            make_article(
                title="tin", body_text="rừng", published_at=now - timedelta(days=n)
            ).pk
            for n in range(9)
        ]
        several = matching.candidates
        monkeypatch.setattr(
            matching,
            "candidates",
            lambda w: tuple(dict.fromkeys(group, 2) for group in several(w)),
        )
        assert found("rừng", order=RELEVANCE, per_page=4) == made

    @pytest.mark.parametrize("order", ORDERS)
    def test_more_than_the_cap_is_said_of_public_articles_alone(
        self, order, monkeypatch
    ):
        monkeypatch.setattr(type(backend()), "total_cap", 3)
        now = timezone.now().replace(second=30)
        hour, second = timedelta(hours=1), timedelta(seconds=1)
        for _ in range(3):
            make_article(title="rừng", published_at=now - 2 * hour)
        for _ in range(2):
            make_article(
                title="rừng", published_at=now - 2 * hour, expires_at=now - hour
            )
            make_article(title="rừng", published_at=now + second)
            make_article(title="rừng", published_at=now + hour)

        def told(at):
            result = search("rừng", at, order=order)
            return result.total, result.total_is_capped

        assert told(now) == (3, False)
        assert told(now + second) == (3, True)
        ending = make_article(
            title="rừng", published_at=now - 2 * hour, expires_at=now + second
        )
        assert told(now) == (3, True)
        ending.expires_at = now
        ending.save()
        assert told(now) == (3, False)
        ending.expires_at = None
        ending.save()
        assert told(now) == (3, True)

    def test_a_crowded_last_minute_counts_for_its_own_day(self, monkeypatch):
        monkeypatch.setattr(type(backend()), "total_cap", 3)
        for _ in range(40):
            make_article(title="rừng", published_at=local(2021, 5, 19, 23, 59))
        for _ in range(2):
            make_article(title="rừng", published_at=local(2021, 5, 20))

        def told(day):
            result = search("rừng", first_day=day, last_day=day)
            return result.total, result.total_is_capped

        assert told(date(2021, 5, 20)) == (2, False)
        assert told(date(2021, 5, 19)) == (3, True)

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("words", ["", "rừng"])
    def test_a_large_total_is_capped_and_says_so(self, words, order, monkeypatch):
        monkeypatch.setattr(type(backend()), "total_cap", 3)
        for _ in range(5):
            make_article(title="rừng")
        result = search(words, order=order, per_page=2)
        assert (result.total, result.total_is_capped, result.pages) == (3, True, 2)
        assert len(found(words, order=order, per_page=2)) == 3

    @pytest.mark.parametrize("words", ["", "rừng"])
    def test_a_page_beyond_the_end_is_empty(self, words):
        make_article(title="rừng")
        result = search(words, page=9)
        assert (result.hits, result.total, result.pages) == ((), 1, 1)

    # Whatever is typed --------------------------------------------------------

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed[:12]))
    def test_hostile_words_break_nothing(self, typed, order):
        make_article(title="Bài yên bình")
        result = search(typed, order=order)
        assert result.total <= 1

    def test_hostile_text_can_be_indexed_and_found(self):
        for typed in HOSTILE:
            article = make_article(title="x", body_text=clean_text(typed))
            if article.pk not in found(typed):
                # Nothing in it is a letter or a digit.
                assert not any(c.isalnum() for c in typed), ascii(typed[:20])
            article.delete()

    def test_words_never_match_the_keys_of_categories(self):
        article = make_article()
        keys = [f"c{article.category_id}", f"c:{article.category_id}", "t:bài", "k:c1"]
        for typed in keys:
            assert found(typed) == [], typed

    def test_a_very_long_article_is_indexed(self):
        body = " ".join(f"từ{n} chữ{n * 7}" for n in range(60_000))
        article = make_article(title="Phụ lục dài", body_text=body)
        assert found("phu luc tu0") == [article.pk]
