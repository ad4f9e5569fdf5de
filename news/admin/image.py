"""One picture of the library: its form, its uses, and who may change it."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import images, library, permissions, saving
from news.admin.base import DeskAdmin
from news.admin.image_library import LibraryWindow
from news.admin.image_list import ImageList
from news.admin.image_preview import preview
from news.image_form import ImageForm
from news.models import Article, Image, State

_NAMED = 20  # pictures whose uses are named when many are to be deleted


@admin.register(Image)
class ImageAdmin(LibraryWindow, ImageList, DeskAdmin):
    LOCKED = gettext_lazy(
        "This picture is on the public site, so only those who may publish can "
        "change, replace or delete it. You can use it in your articles as it is."
    )
    form = ImageForm
    readonly_fields = [
        *("preview", "where_used", "size", "uploaded_by", "created_at", "why_locked")
    ]

    class Media:
        css = {"all": ["admin_theme/image_list.css", "admin_theme/focal.css"]}
        js = [forms.Script("admin_theme/focal.js", type="module")]

    def get_fieldsets(self, request, obj=None):
        words = ["title", "default_alt", "default_caption", "credit"]
        if obj is None:
            return [(None, {"fields": ["upload", *words]})]
        note = ["why_locked"] if self.is_locked(request, obj) else []
        file = ["upload", "size", "uploaded_by", "created_at"]
        return [
            (None, {"fields": [*note, "preview", ("focal_x", "focal_y"), *words]}),
            (_("Where it is used"), {"fields": ["where_used"]}),
            (_("File"), {"fields": file, "description": replacing(obj)}),
        ]

    # Permissions: news.permissions decides

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return super().has_change_permission(request)
        return permissions.may_change_image(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        if obj is None:
            return super().has_delete_permission(request)
        return permissions.may_delete_image(request.user, obj)

    def is_locked(self, request, image) -> bool:
        """Whether only its place on the site keeps this user from changing it."""
        return (
            image is not None
            and super().has_change_permission(request)
            and not permissions.may_change_image(request.user, image)
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method == "POST":
            image = self.get_object(request, object_id)
            if self.is_locked(request, image):
                self.message_user(request, self.LOCKED, messages.ERROR)
                return HttpResponseRedirect(request.path)
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=gettext_lazy("not to be changed"))
    def why_locked(self, image):
        return self.LOCKED

    def save_model(self, request, image, form, change):
        if change:
            # Articles first and the generation's row later, as every save of an
            # article: the other order is a deadlock on PostgreSQL.
            saving.lock_articles_with(image)
        upload = form.cleaned_data.get("upload")
        if not change:
            image.uploaded_by = request.user
        if upload:
            images.replace(image, upload)
        elif {"focal_x", "focal_y"} & set(form.changed_data):
            images.rebuild(image)
        else:
            image.save()
        if change:
            saving.picture_changed(image)

    def get_object(self, request, object_id, from_field=None):
        image = super().get_object(request, object_id, from_field)
        if image is not None:
            image.viewer = request.user  # where_used asks who is looking
        return image

    def get_deleted_objects(self, objs, request):
        """A used picture is protected; the page names and links every use."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        used = library.only_used(Image.objects.filter(pk__in=[o.pk for o in objs]))
        links = [
            # Of one picture the page names it above; of several each use says whose.
            format_html('<a href="{}">{}</a>', *use)
            if len(objs) == 1
            else format_html('{}: <a href="{}">{}</a>', image.title, *use)
            for image in used[:_NAMED]
            for use in uses_of(image, request.user)
        ]
        if links or protected:
            # Without this Django says that deleting articles is not permitted.
            return deleted, counts, set(), links or protected
        return deleted, counts, lacking, []

    @admin.display(description=gettext_lazy("dimensions"))
    def size(self, image):
        return f"{image.width} × {image.height} px" if image.width else "—"

    @admin.display(description=gettext_lazy("picture"))
    def preview(self, image):
        return preview(image)

    @admin.display(description=gettext_lazy("used in"))
    def where_used(self, image):
        viewer = getattr(image, "viewer", None)
        rows = uses_of(image, viewer) if viewer else []
        if not rows:
            return _("Nowhere; it can be deleted.")
        return format_html(
            '<ul class="uses">{}</ul>',
            format_html_join("", '<li><a href="{}">{}</a></li>', rows),
        )


def uses_of(image, user) -> list[tuple[str, str]]:
    """Address in the back office and name of everything that shows `image`.

    An article that `user` may not see is told without its title.
    """
    return [
        (
            reverse("admin:news_article_change", args=[article.pk]),
            f"{article.title} ({article.get_state_display()})"
            if permissions.may_view(user, article)
            else _("an article you may not see"),
        )
        for article in library.articles_using(image)
    ] + [use for ask in library.other_uses for use in ask(image)]


def replacing(image) -> str:
    """Say what another file under this picture would change for readers."""
    ids = [article.pk for article in library.articles_using(image)]
    count = Article.objects.filter(pk__in=ids, state=State.PUBLISHED).count()
    where = []
    if count:
        text = ngettext(
            "%(count)s published article", "%(count)s published articles", count
        )
        where.append(text % {"count": count})
    where += [name for ask in library.other_uses for _address, name in ask(image)]
    if not where:
        return _("A new file keeps the words of this picture.")
    return _(
        "This picture is on the site: %(where)s. A new file shows there at once; the "
        "caption and alternative of each place stay as they are."
    ) % {"where": ", ".join(where)}
