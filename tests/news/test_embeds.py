"""Videos and maps: what an address means, what is stored, what readers get."""

import re

import pytest
from django.core.exceptions import ValidationError

from news import body, embeds, html, publishing
from news.models import State
from portal.security import CONTENT_SECURITY_POLICY
from tests.factories import make_article, make_category

PB = "!1m18!1m12!1m3!1d3724.09!2d105.84!3d21.02!2m3!1f0!2f0!3f0!3m2!1i1024!2i768"
FOUND = [
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
    (
        "https://m.youtube.com/watch?app=x&v=dQw4w9WgXcQ&t=1m30s",
        "youtube:dQw4w9WgXcQ@90",
    ),
    ("HTTPS://YouTube.com/watch?v=dQw4w9WgXcQ#t=90", "youtube:dQw4w9WgXcQ@90"),
    ("youtu.be/dQw4w9WgXcQ?si=abc&t=5", "youtube:dQw4w9WgXcQ@5"),
    ("http://youtu.be/dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
    ("https://youtube.com/shorts/dQw4w9WgXcQ?feature=share", "youtube:dQw4w9WgXcQ"),
    ("https://www.youtube.com/live/dQw4w9WgXcQ?t=1h2m3s", "youtube:dQw4w9WgXcQ@3723"),
    ("//www.youtube.com/embed/dQw4w9WgXcQ?start=7", "youtube:dQw4w9WgXcQ@7"),
    ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
    (" https://youtu.be/dQw4w9WgXcQ?t=soon ", "youtube:dQw4w9WgXcQ"),
    ("https://vimeo.com/76979871", "vimeo:76979871"),
    ("https://vimeo.com/channels/staff/76979871#t=1m", "vimeo:76979871@60"),
    ("https://vimeo.com/76979871/0a1b2c3d4e", "vimeo:76979871/0a1b2c3d4e"),
    ("https://player.vimeo.com/video/76979871?h=0a1b&dnt=1", "vimeo:76979871/0a1b"),
    (f"https://www.google.com/maps/embed?pb={PB}&x=1", f"maps:{PB}"),
    (f"https://www.google.com/maps/embed?pb={PB}!1zS%C3%A0", f"maps:{PB}!1zS%C3%A0"),
    ("youtube:dQw4w9WgXcQ@90", "youtube:dQw4w9WgXcQ@90"),
    (f"maps:{PB}", f"maps:{PB}"),
]


@pytest.mark.parametrize(("source", "reference"), FOUND)
def test_an_address_of_a_provider_gives_a_reference_that_stays(source, reference):
    found = embeds.find(source)
    assert found.reference == reference
    assert embeds.find(reference) == found


NOT_FOUND = [
    "",
    "youtube:",
    "youtube:short",
    "youtube:dQw4w9WgXcQ@0",
    "youtube:dQw4w9WgXcQ@x",
    'youtube:dQw4w9WgXc"',
    "youtube:videoseries",
    "https://www.youtube.com/embed/videoseries?list=PL1",
    "https://www.youtube.com/@kenh",
    "https://www.youtube.com/",
    "https://youtu.be/",
    "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
    "https://evil.example/?https://youtu.be/dQw4w9WgXcQ",
    "https://youtube.com@evil.example/watch?v=dQw4w9WgXcQ",
    "https://user@youtube.com/watch?v=dQw4w9WgXcQ",
    "javascript://youtube.com/watch?v=dQw4w9WgXcQ",
    "data://youtube.com/watch?v=dQw4w9WgXcQ",
    "https://[::1/watch?v=dQw4w9WgXcQ",
    "https://vimeo.com/about",
    "vimeo:٣",
    "vimeo:1/../x",
    "https://www.google.com/maps/embed?pb=x",
    f"https://www.google.com/maps/embed/v1/place?pb={PB}",
    f"https://www.google.com/url?pb={PB}",
    f'maps:{PB}"onload="x',
    f"maps:{PB}%2",
    "maps:" + "!1m1" * 3000,
    "https://youtu.be/dQw4w9WgXcQ?" + "a=1&" * 1000,
    "https://www.youtube.com/watch?" + "&".join(f"a{n}=1" for n in range(60)),
    "//",
    "https://",
]


@pytest.mark.parametrize("source", NOT_FOUND)
def test_anything_else_is_no_video_and_says_why(source):
    assert embeds.find(source) is None
    with pytest.raises(ValidationError) as refused:
        embeds.from_editor(source)
    assert refused.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("https://www.facebook.com/watch/?v=1", "www.facebook.com"),
        ("https://www.youtube.com/@kenh", "Không thấy video nào"),
        ("https://maps.app.goo.gl/AbC", "Nhúng bản đồ"),
        ("https://www.google.com/maps/place/An+Hai/@21,105,15z", "Nhúng bản đồ"),
        ("xin chào", "không phải địa chỉ"),
        ('<iframe src="https://evil.example/x"></iframe>', "evil.example"),
    ],
)
def test_the_refusal_tells_what_to_do(typed, sentence):
    with pytest.raises(ValidationError) as refused:
        embeds.from_editor(typed)
    assert sentence in refused.value.messages[0]


def test_a_pasted_code_is_read_like_its_address():
    code = (
        '<iframe width="600" height="450" style="border:0;" allowfullscreen="" '
        f'src="https://www.google.com/maps/embed?pb={PB}&amp;x=1" loading="lazy">'
        "</iframe>"
    )
    assert embeds.from_editor(code).reference == f"maps:{PB}"


@pytest.mark.parametrize(
    ("reference", "frame", "page"),
    [
        (
            "youtube:dQw4w9WgXcQ@90",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
            "?autoplay=1&rel=0&hl=vi&start=90",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=90s",
        ),
        (
            "vimeo:76979871/0a1b@60",
            "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1&h=0a1b#t=60s",
            "https://vimeo.com/76979871/0a1b#t=60s",
        ),
        (
            f"maps:{PB}",
            f"https://www.google.com/maps/embed?pb={PB}",
            "https://www.google.com/maps/search/?api=1&query=21.02,105.84",
        ),
        (  # a street view has no middle of a map
            "maps:!4v1!6m8!1m7!1sx!2m2!1d21.0!2d105.8!3f1",
            "https://www.google.com/maps/embed?pb="
            "!4v1!6m8!1m7!1sx!2m2!1d21.0!2d105.8!3f1",
            "https://www.google.com/maps/embed?pb="
            "!4v1!6m8!1m7!1sx!2m2!1d21.0!2d105.8!3f1",
        ),
    ],
)
def test_frame_and_page_are_made_of_the_reference(reference, frame, page):
    found = embeds.find(reference)
    assert (found.frame, found.page) == (frame, page)


@pytest.mark.parametrize(("source", "_reference"), FOUND)
def test_every_frame_is_let_in_by_the_policy(source, _reference):
    allowed = CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-src"]
    frame = embeds.find(source).frame
    assert any(re.match(rf"{re.escape(host)}(?=[/?])", frame) for host in allowed)
    assert len(allowed) == len(embeds.PROVIDERS)


STORED = (
    '<figure data-embed="youtube:dQw4w9WgXcQ"><figcaption>Lễ ký &lt;1&gt;</figcaption>'
    "</figure>"
)


@pytest.mark.parametrize(
    "pasted",
    [
        '<iframe src="https://youtube.com/embed/dQw4w9WgXcQ" title="Lễ ký &lt;1&gt;">'
        "</iframe>",
        '<figure data-embed="https://youtu.be/dQw4w9WgXcQ"><figcaption>Lễ <b>ký</b> '
        "&lt;1&gt;</figcaption></figure>",
        f"<div>{STORED}</div>",
    ],
)
def test_the_body_stores_a_reference_and_a_title(pasted):
    assert html.clean(pasted) == STORED
    assert html.clean(STORED) == STORED


def test_the_providers_own_name_is_no_title():
    code = '<iframe src="//youtu.be/dQw4w9WgXcQ" title="YouTube video player"></iframe>'
    assert html.clean(code) == '<figure data-embed="youtube:dQw4w9WgXcQ"></figure>'


def test_readers_get_a_button_and_a_link_and_no_frame():
    page = body.public_html(html.read(STORED), {})
    assert "<iframe" not in page
    assert "src=" not in page
    assert 'href="https://www.youtube.com/watch?v=dQw4w9WgXcQ"' in page
    assert 'aria-label="Phát video: Lễ ký &lt;1&gt;"' in page
    assert "Mở trên YouTube" in page


def test_the_text_has_title_and_address():
    assert body.text(html.read(STORED), {}) == (
        "Lễ ký <1> (https://www.youtube.com/watch?v=dQw4w9WgXcQ)"
    )


def test_the_editor_gets_what_is_stored():
    assert body.editor_html(STORED) == STORED


@pytest.mark.django_db
def test_an_article_is_published_with_its_video_and_found_by_its_title(client):
    article = make_article(state=State.DRAFT, category=make_category())
    publishing.publish(article, body=f"<p>a</p>{STORED}")
    page = client.get(article.get_absolute_url()).content.decode()
    assert "data-embed-frame" in page
    assert "js/embed.js" in page
    assert article.body_text.endswith("(https://www.youtube.com/watch?v=dQw4w9WgXcQ)")


@pytest.mark.django_db
def test_a_page_without_videos_does_not_load_their_script(client):
    page = client.get(make_article().get_absolute_url()).content.decode()
    assert "js/embed.js" not in page


@pytest.mark.django_db
def test_a_video_without_a_title_keeps_the_article_from_readers():
    article = make_article(state=State.DRAFT)
    with pytest.raises(ValidationError) as refused:
        publishing.publish(article, body='<iframe src="//youtu.be/dQw4w9WgXcQ">')
    assert "tiêu đề" in str(refused.value)
