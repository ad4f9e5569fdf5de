"""Categories, articles, pictures: the domain and its sentences.

*Public* has one meaning, `Article.objects.published()`. Scheduled and expired
are never stored: they follow from `published_at` and `expires_at`.
"""

from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from news.fields import CleanCharField, CleanTextField
from news.querysets import PublicQuerySet
from news.storage import attachment_path, original_path, private_storage
from news.text import slugify_vi
from news.workflow import Act, State, Withdrawal


class CategoryQuerySet(PublicQuerySet):
    def visible(self):
        """Categories that readers see in menus and lists."""
        return self.filter(is_visible=True)


class Category(models.Model):
    """A section of the site; two or three levels deep, fewer than 300 in all."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    name = CleanCharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        blank=True,
        help_text=_("Left blank, it is made from the name and then stays."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_visible = models.BooleanField(
        _("shown to readers"),
        default=True,
        help_text=_(
            "A hidden category has no page and is not offered in menus or search; "
            "its articles stay public."
        ),
    )
    description = CleanTextField(_("description"), blank=True, max_length=500)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = unique_slug(Category, self.name, self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return address("news:category", self.slug)

    def clean(self):
        if self.parent_id and self.pk and self.parent_id in subtree_ids(self.pk):
            raise ValidationError(
                {"parent": _("A category cannot stand inside itself.")}
            )


def subtree_ids(category_id: int) -> list[int]:
    """Return the id of a category and of everything below it.

    One query over the whole (small) table; a broken loop in the data ends.
    """
    children: dict[int | None, list[int]] = {}
    for pk, parent_id in Category.objects.order_by().values_list("pk", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    found, queue = [category_id], [category_id]
    while queue:
        for pk in children.get(queue.pop(), []):
            if pk not in found:
                found.append(pk)
                queue.append(pk)
    return found


def unique_slug(model: type[models.Model], text: str, pk: int | None) -> str:
    """Return a slug of `text` that no other row of `model` has."""
    base = slugify_vi(text)
    slug, number = base, 2
    while model.objects.filter(slug=slug).exclude(pk=pk).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


@lru_cache(maxsize=4096)
def address(view: str, *args) -> str:
    """Return the public address of a row: a page may print fifty of them.

    Remembered, because it depends on nothing else and costs 30 microseconds.
    """
    return reverse(view, args=args)


class Unit(models.Model):
    """A department or centre that signs articles."""

    name = CleanCharField(_("name"), max_length=200, unique=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("signature unit")
        verbose_name_plural = _("signature units")

    def __str__(self):
        return self.name


class Author(models.Model):
    """A person or pen name under articles; not an account."""

    name = CleanCharField(_("name"), max_length=120, unique=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = CleanCharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("slug"), max_length=100, unique=True, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = unique_slug(Tag, self.name, self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return address("news:tag", self.slug)


class AltKind(models.TextChoices):
    """How a picture is told to somebody who cannot see it."""

    TEXT = "text", _("a text")
    DECORATIVE = "decorative", _("decorative, nothing is read")
    CAPTION = "caption", _("the caption says it")


class Image(models.Model):
    """A picture of the library; what is public are its renditions.

    `file` is the uploaded original, turned upright and without metadata, in
    private storage. `renditions` maps a width ("480", "800", "1200", "og") to
    {"avif": path, "jpg": path, "w": px, "h": px}, paths relative to MEDIA_ROOT
    and named by content hash; "og" (1200 x 630, cropped at the focal point) has
    no AVIF. news.images writes both.
    """

    title = CleanCharField(_("title"), max_length=200)
    file = models.FileField(
        _("file"), upload_to=original_path, storage=private_storage, max_length=200
    )
    width = models.PositiveIntegerField(_("width"), default=0, editable=False)
    height = models.PositiveIntegerField(_("height"), default=0, editable=False)
    file_hash = models.CharField(max_length=64, editable=False, db_index=True)
    renditions = models.JSONField(default=dict, editable=False)
    focal_x = models.PositiveSmallIntegerField(
        _("focal point, % from the left"),
        default=50,
        validators=[MaxValueValidator(100)],
    )
    focal_y = models.PositiveSmallIntegerField(
        _("focal point, % from the top"),
        default=50,
        validators=[MaxValueValidator(100)],
    )
    default_alt = CleanCharField(
        _("alternative text"),
        max_length=300,
        blank=True,
        help_text=_("What the picture shows, for people who cannot see it."),
    )
    default_caption = CleanCharField(_("caption"), max_length=500, blank=True)
    credit = CleanCharField(
        _("credit"), max_length=120, blank=True, help_text=_("Example: Ảnh: Minh Hà")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self):
        return self.title


class ArticleQuerySet(PublicQuerySet):
    # When the rows are all that readers may see then; a further filter forgets it.
    public_at: datetime | None = None

    def published(self, at=None):
        """Articles that readers may see at `at` (aware; now by default)."""
        at = at or timezone.now()
        found = self.filter(
            Q(expires_at=None) | Q(expires_at__gt=at),
            state=State.PUBLISHED,
            published_at__lte=at,
        )
        if not self.query.has_filters():
            found.public_at = at
        return found

    def scheduled(self, at=None):
        at = at or timezone.now()
        return self.filter(state=State.PUBLISHED, published_at__gt=at)

    def expired(self, at=None):
        at = at or timezone.now()
        return self.filter(state=State.PUBLISHED, expires_at__lte=at)

    def in_category(self, category):
        """Articles whose main or further category is in `category`'s subtree."""
        return self.in_categories(subtree_ids(category.pk))

    def in_categories(self, category_ids):
        further = _further(category_ids)
        return self.filter(Q(category_id__in=category_ids) | Q(pk__in=further))

    def counts_in_categories(self, category_ids):
        """Rows of (category, number) whose sum counts what `in_categories` finds.

        From the index of main categories: its OR would make the database walk through
        all that is published, 18 ms instead of 3 with 20,000 articles.
        """
        main = self.filter(category_id__in=category_ids)
        others = self.exclude(category_id__in=category_ids).filter(
            pk__in=_further(category_ids)
        )
        counts = [
            part.order_by().values_list("category_id").annotate(number=Count("*"))
            for part in (main, others)
        ]
        return counts[0].union(counts[1], all=True)

    def newest_first(self):
        return self.order_by("-published_at", "-pk")

    def for_listing(self):
        """What cards and feeds need and no more, category and cover in the same query.

        Each column that is not read saves its conversion for every card of a page.
        """
        return self.select_related("category", "cover").only(
            *("title", "slug", "sapo", "state", "published_at"),
            *("expires_at", "revised_at"),
            *("category__name", "category__slug", "category__is_visible"),
            *("cover__renditions", "cover__focal_x", "cover__focal_y"),
        )


def _further(category_ids):
    """The ids of articles that stand in one of these categories besides their own."""
    return Article.further_categories.through.objects.filter(
        category_id__in=category_ids
    ).values("article_id")


def _staff_key(label) -> models.ForeignKey:
    """A member of staff, remembered as long as the account exists."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=label,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Article(models.Model):
    """One piece of news.

    `body` is what editors write after the sanitiser: allow-listed HTML in which
    a figure is only `<figure data-placement="ID"></figure>`. `body_html` is made
    from it (srcset, captions) and is the only thing templates print; `body_text`
    is its plain text. news.publishing writes all three.
    """

    title = CleanCharField(_("title"), max_length=300)
    slug = models.CharField(
        _("slug"),
        max_length=120,
        blank=True,
        help_text=_("Left blank, it is made from the title and then stays."),
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("main category"),
        on_delete=models.PROTECT,
        related_name="articles",
    )
    further_categories = models.ManyToManyField(
        Category,
        verbose_name=_("further categories"),
        blank=True,
        related_name="further_articles",
    )
    sapo = CleanTextField(
        _("lead (sapo)"),
        blank=True,
        max_length=2000,
        help_text=_("Two or three sentences, shown in lists and above the body."),
    )

    cover = models.ForeignKey(
        Image,
        verbose_name=_("cover picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cover_of",
        help_text=_("Shown in lists and when the article is shared."),
    )
    show_cover = models.BooleanField(_("show the cover above the body"), default=False)
    cover_caption = CleanCharField(
        _("caption of the cover"), max_length=500, blank=True
    )
    cover_alt = CleanCharField(
        _("alternative text of the cover"), max_length=300, blank=True
    )
    cover_alt_kind = models.CharField(
        _("alternative of the cover"),
        max_length=10,
        choices=AltKind.choices,
        default=AltKind.TEXT,
    )

    signature_unit = models.ForeignKey(
        Unit,
        verbose_name=_("signature unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("The unit that signs at the end of the article."),
    )
    author = models.ForeignKey(
        Author,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    author_text = CleanCharField(
        _("author (free text)"),
        max_length=200,
        blank=True,
        help_text=_("Used when the author is not in the list."),
    )
    source_name = CleanCharField(_("source"), max_length=200, blank=True)
    source_url = models.URLField(_("link of the source"), max_length=500, blank=True)
    tags = models.ManyToManyField(
        Tag, verbose_name=_("tags"), blank=True, related_name="articles"
    )

    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("In the future: the article appears at that time by itself."),
    )
    expires_at = models.DateTimeField(
        _("ends at"),
        null=True,
        blank=True,
        help_text=_("From this time on readers no longer see it; nothing is deleted."),
    )
    # Set at a publication after the first that readers should know of.
    revised_at = models.DateTimeField(
        _("updated for readers at"), null=True, blank=True
    )
    import_key = models.CharField(
        _("import key"),
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        editable=False,
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    # The hands it went through: news.workflow asks who comes next.
    submitted_by = _staff_key(_("submitted by"))
    approved_by = _staff_key(_("approved by"))
    # Set while a publication by one person alone waits for another's approval.
    emergency_by = _staff_key(_("published in an emergency by"))
    emergency_at = models.DateTimeField(null=True, editable=False)

    # A live article is changed in a working copy: a row of its own that is never
    # published and whose content becomes the article's. See news.working_copy.
    revision_of = models.OneToOneField(
        "self",
        verbose_name=_("revision of"),
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="working_copy",
    )
    # Of a working copy that was released: when it becomes the article's content.
    apply_at = models.DateTimeField(
        _("revision goes out at"), null=True, editable=False
    )
    # What readers were told of major changes: [{"at": ISO time, "note": text}],
    # the newest first.
    public_notes = models.JSONField(default=list, editable=False)

    withdrawal = models.CharField(
        _("readers then find"), max_length=10, choices=Withdrawal, blank=True
    )
    withdrawal_notice = CleanTextField(
        _("notice to readers"), max_length=500, blank=True
    )
    withdrawal_url = models.CharField(
        _("address to lead to"), max_length=500, blank=True
    )
    review_at = models.DateField(
        _("look at it again on"),
        null=True,
        blank=True,
        help_text=_("On this day its writer and the editors are reminded."),
    )
    created_by = _staff_key(_("created by"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    # Last, because SQLite reads a row's long texts to reach what stands behind.
    body = models.TextField(_("body"), blank=True)
    body_html = models.TextField(editable=False, blank=True)
    body_text = models.TextField(editable=False, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [
            ("review_article", "Can return and approve articles"),
            ("publish_article", "Can publish articles"),
            ("publish_urgent_article", "Can publish alone in an emergency"),
            ("withdraw_article", "Can withdraw articles"),
            ("change_others_article", "Can change articles of others"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(revision_of=None),
                name="a_working_copy_is_never_published",
                violation_error_message=_("A working copy is never public itself."),
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="a_published_article_has_a_date",
                violation_error_message=_(
                    "A published article needs a time of publication."
                ),
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None)
                | Q(published_at=None)
                | Q(expires_at__gt=F("published_at")),
                name="an_article_ends_after_it_begins",
                violation_error_message=_(
                    "The end must be later than the publication."
                ),
            ),
        ]
        indexes = [
            # Covering: lists and counts of the published read no article rows.
            models.Index(
                fields=["state", "-published_at", "-id", "expires_at", "category"],
                name="article_newest",
            ),
            models.Index(
                fields=["category", "state", "-published_at", "-id", "expires_at"],
                name="article_newest_in_category",
            ),
            models.Index(fields=["expires_at"], name="article_ends"),
            # For the feeds, which show again what was changed in a major way.
            models.Index(
                fields=["-revised_at", "-id"],
                name="article_last_revised",
                condition=Q(revised_at__isnull=False),
            ),
            # Covering: the desk's list pages and filters by keys, newest first.
            models.Index(
                fields=[
                    *("-id", "state", "published_at", "created_by", "category"),
                    *("expires_at", "signature_unit", "updated_at"),
                ],
                name="article_desk",
            ),
            models.Index(fields=["published_at", "id"], name="article_by_date"),
            models.Index(fields=["updated_at", "id"], name="article_saved"),
            models.Index(
                fields=["apply_at"],
                name="article_copy_goes_out",
                condition=Q(apply_at__isnull=False),
            ),
            # Few rows of many: those asked for by the desk and by housekeeping.
            models.Index(
                fields=["review_at"],
                name="article_review_day",
                condition=Q(review_at__isnull=False),
            ),
            models.Index(
                fields=["emergency_at"],
                name="article_to_confirm",
                condition=Q(emergency_at__isnull=False),
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = slugify_vi(self.title)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return address("news:article", self.slug, self.pk)

    def clean(self):
        ends_early = (
            self.expires_at
            and self.published_at
            and self.expires_at <= self.published_at
        )
        if ends_early:
            raise ValidationError(
                {"expires_at": _("The end must be later than the publication.")}
            )

    def is_published(self, at=None) -> bool:
        """Say of one row what `ArticleQuerySet.published` says of many."""
        at = at or timezone.now()
        return (
            self.state == State.PUBLISHED
            and self.published_at is not None
            and self.published_at <= at
            and (self.expires_at is None or self.expires_at > at)
        )

    @property
    def moved_at(self):
        """When a published article last came up for readers: out, or changed in
        something that matters."""
        return max(self.published_at, self.revised_at or self.published_at)

    @property
    def byline(self) -> str:
        """The author as printed; empty when nobody is named."""
        return self.author.name if self.author_id else self.author_text


class Placement(models.Model):
    """One use of a picture in one article's body, with its own words."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="placements"
    )
    image = models.ForeignKey(
        Image, on_delete=models.PROTECT, related_name="placements"
    )
    caption = CleanCharField(_("caption"), max_length=500, blank=True)
    alt = CleanCharField(_("alternative text"), max_length=300, blank=True)
    alt_kind = models.CharField(
        _("alternative"), max_length=10, choices=AltKind.choices, default=AltKind.TEXT
    )

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("placement of a picture")
        verbose_name_plural = _("placements of pictures")

    def __str__(self):
        return self.caption or str(self.image)


class Attachment(models.Model):
    """A file to download; public only while its article is."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="attachments"
    )
    title = CleanCharField(_("title"), max_length=200)
    file = models.FileField(
        _("file"), upload_to=attachment_path, storage=private_storage, max_length=200
    )
    # The name readers get; the stored name is generated.
    file_name = CleanCharField(_("file name"), max_length=200, editable=False)
    content_type = models.CharField(max_length=100, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("size"), default=0, editable=False)
    # In a working copy: the attachment of the live article that it stands for, whose
    # number, and so its public address, stays.
    revises = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address("news:download", self.pk, self.file_name)


class ListEntryQuerySet(PublicQuerySet):
    def running(self, at=None):
        """Entries whose own time has come and has not ended, in hand order."""
        at = at or timezone.now()
        return self.lasting(at).filter(Q(starts_at=None) | Q(starts_at__lte=at))

    def shown(self, at=None):
        """Running entries whose article readers may see.

        Asked for each entry: entered from the articles, as SQLite would do without
        statistics, a list of six among 20,000 articles takes 30 ms instead of 0.1.
        """
        at = at or timezone.now()
        public = Article.objects.published(at).filter(pk=models.OuterRef("article"))
        return self.running(at).filter(models.Exists(public))

    def lasting(self, at=None):
        """Entries that have not ended, those that start later included."""
        at = at or timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by(
            "list", "position", "-pk"
        )

    def ended(self, at=None):
        """Entries whose time is over, the last to end first."""
        at = at or timezone.now()
        return self.filter(ends_at__lte=at).order_by("-ends_at", "-pk")


class ListEntry(models.Model):
    """An article in one of the two hand-ordered lists of the home page."""

    class List(models.TextChoices):
        HOT = "hot", _("Hot news")
        FOCUS = "focus", _("In focus")

    list = models.CharField(_("list"), max_length=5, choices=List.choices)
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        on_delete=models.CASCADE,
        related_name="list_entries",
    )
    # news.list_order writes 1..n; a new entry, at 0, stands on top.
    position = models.PositiveIntegerField(_("position"), default=0)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("At this time the entry leaves the list by itself."),
    )

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        ordering = ["list", "position", "-pk"]
        verbose_name = _("hot or focus entry")
        verbose_name_plural = _("hot and focus entries")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "article"],
                name="an_article_is_once_in_a_list",
                violation_error_message=_("The article is in this list already."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None)
                | Q(ends_at=None)
                | Q(ends_at__gt=F("starts_at")),
                name="an_entry_ends_after_it_begins",
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self):
        return f"{self.get_list_display()}: {self.article}"

    def clean(self):
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must be after the start.")})


class Revision(models.Model):
    """What an article was after one save; written by news.publishing only.

    `content` holds every field of the form by name, placements and
    attachments included, as JSON.
    """

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    # What was done besides saving; "" for a plain save.
    act = models.CharField(max_length=10, choices=Act.choices, blank=True)
    content = models.JSONField()
    # Why: the reason of an act, or what the writer noted about a save.
    note = CleanTextField(_("note"), max_length=2000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["article", "-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="revision_numbers_are_unique",
                violation_error_message=_("This revision exists already."),
            )
        ]

    def __str__(self):
        return f"{self.article_id}/{self.number}"


class Autosave(models.Model):
    """What somebody is writing, kept for that person alone until it is saved.

    No revision and no part of the article: nobody else reads it. `token` names
    the form it is written in, so two windows of one person keep two copies.
    `content` holds what the form sends, {input: [values]}; `base_version` is the
    version of the article that was being changed. news.autosave writes it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # None: a new article, or one that was deleted meanwhile.
    article = models.ForeignKey(
        Article, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    token = models.UUIDField()
    title = CleanCharField(max_length=300, blank=True)
    content = models.JSONField()
    base_version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at"]
        default_permissions = ()
        verbose_name = _("kept copy of what is being written")
        verbose_name_plural = _("kept copies of what is being written")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "token"],
                name="a_form_is_kept_once_for_its_writer",
                violation_error_message=_("This form is kept already."),
            )
        ]

    def __str__(self):
        return f"{timezone.localtime(self.saved_at):%d/%m/%Y %H:%M}"


class Presence(models.Model):
    """Who has the form of an article open; `seen_at` is at most seconds old."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    seen_at = models.DateTimeField()
    typed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-seen_at"]
        default_permissions = ()
        verbose_name = _("open form of an article")
        verbose_name_plural = _("open forms of articles")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "user"],
                name="somebody_is_once_at_an_article",
                violation_error_message=_("This person is there already."),
            )
        ]

    def __str__(self):
        return str(self.user)


from news.leader_link import LeaderLink  # noqa: E402, F401
