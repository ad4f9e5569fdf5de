"""The site's own people and furniture: accounts, identity, menu, calendar, pages."""

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from news.fields import CleanCharField, CleanTextField
from news.models import Category, Image, unique_slug
from news.querysets import PublicQuerySet
from news.text import clean_line
from news.workflow import Level
from portal import passwords
from portal.audit.models import AuditEntry  # noqa: F401 (a model of this app)
from portal.links import validate_domains, validate_link


class UserManager(BaseUserManager.from_queryset(PublicQuerySet)):
    """Django's, which hashes a new account's password without asking the account.

    It tells changes of many accounts at once, so that their seals stay right.
    """

    use_in_migrations = False  # they would import this module

    def create_user(self, username, email=None, password=None, **fields):
        password = passwords.normalized(password)
        return super().create_user(username, email, password, **fields)

    def create_superuser(self, username, email=None, password=None, **fields):
        password = passwords.normalized(password)
        return super().create_superuser(username, email, password, **fields)


class User(AbstractUser):
    """A member of staff; readers have no accounts."""

    # news asks through hooks.category_limit.
    categories = models.ManyToManyField(
        Category,
        verbose_name=_("limited to sections"),
        blank=True,
        related_name="+",
        help_text=_(
            "With all below them. Nothing chosen: the role holds in every section."
        ),
    )
    notify_by_mail = models.BooleanField(
        _("notices by e-mail too"),
        default=True,
        help_text=_("If the site sends mail and the account has an address."),
    )
    must_change_password = models.BooleanField(
        _("must choose a new password"),
        default=False,
        help_text=_("Asked at the next sign-in, before anything else."),
    )
    # Since when an account that nobody uses is idle; see portal.sessions.idle.
    idle_from = models.DateTimeField(null=True, editable=False)
    # When its owner was last warned of that; see portal.sessions.warning.
    idle_warned_at = models.DateTimeField(null=True, editable=False)

    objects = UserManager()

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("reset_second_factor", "Can reset somebody's second step")]

    def __str__(self):
        return self.get_full_name() or self.username

    def save(self, *args, **kwargs):
        # Django's own columns, so not CleanCharField: NFC at the door all the same.
        self.first_name = clean_line(self.first_name)
        self.last_name = clean_line(self.last_name)
        with transaction.atomic(savepoint=False):  # with its entry in the audit log
            super().save(*args, **kwargs)

    # One text can be typed as different letters (macOS, Windows): one password.

    def set_password(self, raw_password):
        super().set_password(passwords.normalized(raw_password))

    def check_password(self, raw_password):
        return super().check_password(passwords.normalized(raw_password))

    def get_full_name(self) -> str:
        """The name as Vietnamese is written: family, middle, then given name."""
        return f"{self.last_name} {self.first_name}".strip()


class ContentState(models.Model):
    """One row: the content generation, moved inside every public change.

    See portal.generation.
    """

    generation = models.BigIntegerField(default=1)
    # Set when somebody put content in for the first time; an emptied site is
    # not an empty one, so demo content never comes back by itself.
    ever_used = models.BooleanField(default=False)
    # The generation that last took something away from readers; 0: none did. What was
    # kept of earlier ones is not shown again, not even while the application is down.
    taken_away_at = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("content state")
        verbose_name_plural = _("content state")

    def __str__(self):
        return str(self.generation)


class SiteSettings(models.Model):
    """One row: who runs the site. `load()` gives it, with defaults when absent."""

    class PublicMetric(models.TextChoices):
        VISITS = "visits", _("visits")
        VIEWS = "views", _("views")

    name = CleanCharField(_("name of the agency"), max_length=200, blank=True)
    parent_name = CleanCharField(
        _("superior agency"),
        max_length=200,
        blank=True,
        help_text=_("Printed above the name, for example the People's Committee."),
    )
    slogan = CleanCharField(_("motto"), max_length=200, blank=True)
    emblem = models.ForeignKey(
        Image,
        verbose_name=_("emblem"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    banner = models.ForeignKey(
        Image,
        verbose_name=_("banner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("A wide picture behind the name at the top of every page."),
    )
    address = CleanCharField(_("address"), max_length=300, blank=True)
    phone = CleanCharField(_("phone"), max_length=60, blank=True)
    fax = CleanCharField(_("fax"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    responsible_person = CleanCharField(
        _("responsible person"),
        max_length=200,
        blank=True,
        help_text=_("Name and office, as the footer must print it."),
    )
    licence = CleanCharField(_("licence line"), max_length=300, blank=True)
    copyright_note = CleanCharField(_("note on reuse"), max_length=300, blank=True)
    description = CleanTextField(
        _("description for search engines"), max_length=300, blank=True
    )
    review_level = models.CharField(
        _("who publishes"), max_length=4, choices=Level, default=Level.ONE
    )
    trusted_domains = CleanTextField(
        _("trusted domains"),
        max_length=5000,
        blank=True,
        validators=[validate_domains],
        help_text=_(
            "One domain a line, for example baochinhphu.vn; each stands for all below "
            "it. Links of articles to other domains are shown to the editors. gov.vn, "
            "this site and the linked sites are always trusted."
        ),
    )

    # Asked at every request of the back office: portal.secondfactor.gate.
    second_factor_roles = models.ManyToManyField(
        "auth.Group",
        verbose_name=_("roles that need a second step"),
        blank=True,
        related_name="+",
        help_text=_(
            "After the password, people of these roles confirm with an app on their "
            "phone or a passkey; who has neither is led to it at the next sign-in. "
            "With any role chosen, superusers need it too."
        ),
    )
    public_metric = models.CharField(
        _("visit counter counts"),
        max_length=6,
        choices=PublicMetric,
        default=PublicMetric.VISITS,
        help_text=_(
            "What “Today” and “Visits” beside every page count. A number carried over "
            "from the old site is added only where it was counted in the same unit."
        ),
    )

    objects = PublicQuerySet.as_manager()

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="there_is_one_row_of_site_settings",
                violation_error_message=_("There are site settings already."),
            )
        ]

    def __str__(self):
        return self.name or "Cổng tin"

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> "SiteSettings":
        """Return the row, or an unsaved one with empty fields."""
        return cls.objects.select_related("emblem", "banner").first() or cls(pk=1)


class Page(models.Model):
    """A standing page: introduction, organisation, contact."""

    title = CleanCharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=120, unique=True, blank=True)
    body = models.TextField(
        _("body"), blank=True, help_text=_("Cleaned when saved, like an article.")
    )
    body_text = models.TextField(editable=False, blank=True)
    is_published = models.BooleanField(_("shown to readers"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "title"]
        verbose_name = _("standing page")
        verbose_name_plural = _("standing pages")

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = unique_slug(Page, self.title, self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("page", args=[self.slug])


class MenuItem(models.Model):
    """One entry of the main menu; its target is one of category, page, link."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("under"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="children",
    )
    label = CleanCharField(
        _("label"), max_length=80, blank=True, help_text=_("Blank: the target's name.")
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    page = models.ForeignKey(
        Page,
        verbose_name=_("standing page"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    link = models.CharField(
        _("link"),
        max_length=300,
        blank=True,
        validators=[validate_link],
        help_text=_("An address of this site (/lich-cong-tac/) or a full one."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("menu item")
        verbose_name_plural = _("menu")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(category__isnull=False, page=None, link="")
                    | Q(category=None, page__isnull=False, link="")
                    | (Q(category=None, page=None) & ~Q(link=""))
                ),
                name="a_menu_item_has_one_target",
                violation_error_message=_(
                    "Choose exactly one target: a category, a standing page or a link."
                ),
            )
        ]

    def __str__(self):
        return self.text

    @property
    def text(self) -> str:
        """The printed label."""
        if self.label:
            return self.label
        if self.category_id:
            return self.category.name
        return self.page.title if self.page_id else self.link

    def get_absolute_url(self):
        if self.category_id:
            return self.category.get_absolute_url()
        return self.page.get_absolute_url() if self.page_id else self.link

    def clean(self):
        # One target and no more: the constraint above says it, once.
        if self.link and not self.label:
            raise ValidationError({"label": _("A link needs a label.")})
        if self.parent_id and self.parent_id == self.pk:
            raise ValidationError({"parent": _("An item cannot stand under itself.")})
        if self.parent_id and self.parent.parent_id:
            raise ValidationError({"parent": _("The menu has two levels.")})
        if self.parent_id and self.pk and self.children.exists():
            raise ValidationError(
                {"parent": _("This item has items under it; the menu has two levels.")}
            )


class LinkedSite(models.Model):
    """A site of another agency, shown in the sidebar."""

    name = CleanCharField(_("name"), max_length=200)
    url = models.URLField(_("address"), max_length=300)
    logo = models.ForeignKey(
        Image,
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    opens_new_tab = models.BooleanField(_("opens in a new tab"), default=False)
    is_visible = models.BooleanField(_("shown to readers"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("linked site")
        verbose_name_plural = _("linked sites")

    def __str__(self):
        return self.name


class WorkEventQuerySet(PublicQuerySet):
    def between(self, first_day, last_day):
        """Entries of the local days first_day..last_day, both included."""
        return self.filter(day__range=(first_day, last_day))


class WorkEvent(models.Model):
    """One entry of the leaders' work calendar; days and times are local."""

    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)
    content = CleanTextField(_("content"), max_length=1000)
    leader = CleanCharField(_("leader"), max_length=200, blank=True)
    participants = CleanTextField(_("participants"), max_length=500, blank=True)
    place = CleanCharField(_("place"), max_length=200, blank=True)
    chairing_unit = CleanCharField(_("chairing unit"), max_length=200, blank=True)
    note = CleanTextField(_("note"), max_length=500, blank=True)
    is_changed = models.BooleanField(_("changed"), default=False)
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    objects = WorkEventQuerySet.as_manager()

    class Meta:
        ordering = ["day", F("starts_at").asc(nulls_first=True), "pk"]
        verbose_name = _("work calendar entry")
        verbose_name_plural = _("work calendar")
        indexes = [models.Index(fields=["day"], name="work_event_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None)
                | Q(ends_at=None)
                | Q(ends_at__gt=F("starts_at")),
                name="a_work_event_ends_after_it_begins",
                violation_error_message=_("The end must be after the start."),
            )
        ]

    def __str__(self):
        return self.content[:80]

    def clean(self):
        if self.ends_at and not self.starts_at:
            raise ValidationError({"starts_at": _("An end needs a start.")})
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must be after the start.")})


class DemoRecord(models.Model):
    """A row that seed_demo wrote, so that `--remove` takes out exactly those."""

    key = models.CharField(max_length=160, unique=True)
    # "news.article" and its primary key; no foreign key, so that nobody's
    # deletion is in the way.
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("demo record")
        verbose_name_plural = _("demo records")

    def __str__(self):
        return self.key


# Django finds models here; they are packages of their own.
from portal.integrity.models import Seal  # noqa: E402, F401
from portal.notices.models import Notice  # noqa: E402, F401
from portal.secondfactor.models import Passkey, RecoveryCodes  # noqa: E402, F401
from portal.sessions.models import Session  # noqa: E402, F401
