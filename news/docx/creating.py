"""A reviewed Word file becomes a draft, its pictures join the library: all or nothing.

Pictures are made first, which takes seconds, and stored in the one transaction of
the article. When anything fails no row is left, and no file either.
"""

import hashlib
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from news import html, images
from news.document import Figure, figure_html
from news.docx.form import ReviewForm
from news.docx.package import Package
from news.docx.pictures import problem_of
from news.docx.reading import PENDING
from news.models import Article, Image
from news.saving import save_article


@dataclass
class Created:
    article: Article
    images: list[Image] = field(default_factory=list)  # new in the library


def create(form: ReviewForm, package: Package, user) -> Created:
    """Make the draft of a valid form; ValidationError when it is refused."""
    article = form.save(commit=False)
    document = html.read(form.cleaned_data["body"])
    figures = document.figures()
    for figure in figures:
        figure.placement = None  # of another article, pasted here
        figure.image = figure.image or 0
    pictures = _Pictures(package, article.title, user)
    try:
        images_by_figure = [pictures.image(n, f) for n, f in enumerate(figures, 1)]
        with transaction.atomic():
            for image in pictures.new:
                image.save()
            for figure, image in zip(figures, images_by_figure, strict=True):
                if figure.image >= PENDING:
                    figure.image = image and image.pk
            article.signature_unit = form.unit()
            _set_cover(article, figures)
            save_article(
                article,
                user=user,
                body=document.html(lambda f: figure_html(f) if f.image else ""),
                note=_("Imported from Word"),
            )
    except BaseException:
        for image in pictures.new:
            images.remove_files(image)
        raise
    return Created(article, pictures.new)


class _Pictures:
    """The pictures of a file that the body still shows, each once."""

    def __init__(self, package: Package, title: str, user):
        self._package, self._title, self._user = package, title, user
        self._media = dict(enumerate(package.media(), 1))
        self._by_hash: dict[str, Image] = {}
        self.new: list[Image] = []

    def image(self, order: int, figure: Figure) -> Image | None:
        """Return the picture of a pending figure; None: it is none of this file."""
        name = self._media.get(figure.image - PENDING)
        if name is None:
            return None
        data = read_picture(self._package, name)
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._by_hash:
            self._by_hash[digest] = self._find_or_make(order, figure, data)
        return self._by_hash[digest]

    def _find_or_make(self, order, figure, data) -> Image:
        file = ContentFile(data)
        if (twin := images.find_duplicate(file)) is not None:
            return twin
        title = figure.caption or figure.alt
        title = title or _("Picture in “%(title)s”") % {"title": self._title}
        try:
            image = images.prepare(
                file,
                title=title[: Image._meta.get_field("title").max_length],
                user=self._user,
                alt=figure.alt,
                caption=figure.caption,
            )
        except ValidationError as error:
            where = _("Picture %(number)s") % {"number": order}
            raise ValidationError(
                {"body": [f"{where}: {message}" for message in error.messages]}
            ) from error
        self.new.append(image)
        return image


def read_picture(package: Package, name: str) -> bytes:
    """Return a part that may be a picture; ValidationError when it is none."""
    if problem := problem_of(package, name):
        raise ValidationError(problem, code="not_a_picture")
    return package.read(name, settings.MAX_IMAGE_UPLOAD_BYTES)


def _set_cover(article: Article, figures: list[Figure]) -> None:
    """The first picture of the body stands for the article in lists.

    Figures whose picture is in no library are marked to be left out.
    """
    known = Image.objects.in_bulk({figure.image for figure in figures if figure.image})
    for figure in figures:
        if figure.image not in known:
            figure.image = 0
        elif article.cover is None:
            article.cover = known[figure.image]
            article.cover_caption = figure.caption
            article.cover_alt, article.cover_alt_kind = figure.alt, figure.alt_kind
