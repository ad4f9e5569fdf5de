"""The four groups and their permissions, completed after every migrate.

What is missing is added; what an administrator gave or renamed is never taken
away. A data migration could not do it: permissions do not exist yet while the
migrations of a new site run.
"""

from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

REPORTER = "Phóng viên"
EDITOR = "Biên tập viên"
SECRETARY = "Thư ký toà soạn"
ADMINISTRATOR = "Quản trị"

_WRITE = [
    *(f"news.{verb}_article" for verb in ("add", "change", "view")),
    *(f"news.{verb}_image" for verb in ("add", "change", "view")),
    *(f"news.{verb}_attachment" for verb in ("add", "change", "view", "delete")),
    *(f"news.{verb}_placement" for verb in ("add", "change", "view", "delete")),
    *(f"news.{verb}_tag" for verb in ("add", "view")),
    "news.view_category",
    "news.view_unit",
    "news.view_author",
    "news.view_listentry",
    "news.view_revision",
    "portal.view_workevent",
]
_EDIT = [
    *_WRITE,
    "news.change_others_article",
    "news.review_article",
    "news.publish_article",
    "news.publish_urgent_article",
    "news.withdraw_article",
    "news.delete_image",
    *(f"news.{verb}_tag" for verb in ("change", "delete")),
    *(f"news.{verb}_author" for verb in ("add", "change")),
    *(f"news.{verb}_unit" for verb in ("add", "change")),
    *(f"search.{verb}_abbreviation" for verb in ("add", "change", "view", "delete")),
    "search.view_soughtwords",
]
_PLACE = [
    *_EDIT,
    *(f"news.{verb}_listentry" for verb in ("add", "change", "delete")),
    *(f"news.{verb}_category" for verb in ("add", "change")),
    *(f"portal.{verb}_workevent" for verb in ("add", "change", "delete")),
    *(
        f"portal.{verb}_{model}"
        for model in ("page", "menuitem", "linkedsite")
        for verb in ("add", "change", "view", "delete")
    ),
    "stats.view_dashboard",
]

# The administrator's list is everything our apps and auth define.
GROUPS: dict[str, list[str] | None] = {
    REPORTER: _WRITE,
    EDITOR: _EDIT,
    SECRETARY: _PLACE,
    ADMINISTRATOR: None,
}
# What each is for, in the form of an account.
DESCRIPTIONS = {
    REPORTER: _("writes articles and sends them for review"),
    EDITOR: _("reviews, changes and publishes everybody's articles"),
    SECRETARY: _("also places hot news, menu, pages and the work calendar"),
    ADMINISTRATOR: _("everything, with accounts and site settings"),
}
_ALL_OF = ("news", "portal", "search", "stats", "auth")


def complete_groups(sender=None, using="default", **kwargs) -> None:
    """Create missing groups and permissions; idempotent."""
    from django.contrib.auth.models import Group, Permission

    known = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in Permission.objects.using(using).select_related("content_type")
    }
    for name, wanted in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        if wanted is None:
            wanted = [key for key in known if key.split(".")[0] in _ALL_OF]
        group.permissions.add(*(known[key] for key in wanted if key in known))


def connect() -> None:
    """Complete the groups after the last app's permissions were created."""
    # Sent once per app, in the order of INSTALLED_APPS; auth's own receiver
    # makes an app's permissions first. The few queries are worth the order.
    post_migrate.connect(complete_groups, dispatch_uid="portal.roles")
