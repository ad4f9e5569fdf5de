"""The picture library in the back office, and its window for the editor."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from news import images, library, permissions, publishing
from news.admin.base import DeskAdmin, thumbnail
from news.body import image_sizes, thumbnail_url
from news.forms import ImageForm
from news.models import Image
from news.storage import rendition_storage

_LOCKED = gettext_lazy(
    "This picture is on the public site, so only those who may publish can change, "
    "replace or delete it. You can use it in your articles as it is."
)


@admin.register(Image)
class ImageAdmin(DeskAdmin):
    form = ImageForm
    list_display = ["small", "title", "size", "credit", "uses", "created_at"]
    list_display_links = ["title"]
    search_fields = ["title"]
    search_help_text = gettext_lazy("Title, caption or credit, accents optional")
    date_hierarchy = "created_at"
    readonly_fields = [
        *("preview", "where_used", "size", "uploaded_by", "created_at", "why_locked")
    ]

    def get_fieldsets(self, request, obj=None):
        words = ["title", "default_alt", "default_caption", "credit"]
        if obj is None:
            return [(None, {"fields": ["upload", *words]})]
        note = ["why_locked"] if self._is_locked(request, obj) else []
        return [
            (None, {"fields": [*note, "preview", *words]}),
            (_("Focal point"), {"fields": [("focal_x", "focal_y")]}),
            (_("Where it is used"), {"fields": ["where_used"]}),
            (
                _("File"),
                {"fields": ["upload", "size", "uploaded_by", "created_at"]},
            ),
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

    def _is_locked(self, request, image) -> bool:
        """Whether only its place on the site keeps this user from changing it."""
        return (
            image is not None
            and super().has_change_permission(request)
            and not permissions.may_change_image(request.user, image)
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method == "POST":
            image = self.get_object(request, object_id)
            if self._is_locked(request, image):
                self.message_user(request, _LOCKED, messages.ERROR)
                return HttpResponseRedirect(request.path)
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=gettext_lazy("not to be changed"))
    def why_locked(self, image):
        return _LOCKED

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(
                placed=Count("placements", distinct=True),
                covers=Count("cover_of", distinct=True),
            )
        )

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = library.search(Image.objects.order_by("-pk"), search_term)
        return queryset.filter(pk__in=found[:500]), False

    def save_model(self, request, image, form, change):
        if change:
            # Articles first and the generation's row later, as every save of an
            # article: the other order is a deadlock on PostgreSQL.
            publishing.lock_articles_with(image)
        upload = form.cleaned_data.get("upload")
        if not change:
            image.uploaded_by = request.user
        if upload:
            self._tell_of_duplicate(request, image, upload)
            images.replace(image, upload)
        elif {"focal_x", "focal_y"} & set(form.changed_data):
            images.rebuild(image)
        else:
            image.save()
        if change:
            publishing.picture_changed(image)

    def _tell_of_duplicate(self, request, image, upload):
        twin = images.find_duplicate(upload)
        if twin is not None and twin.pk != image.pk:
            message = format_html(
                '{} <a href="{}">{}</a>',
                _("The same file is already in the library:"),
                reverse("admin:news_image_change", args=[twin.pk]),
                twin.title,
            )
            self.message_user(request, message, messages.WARNING)

    def get_object(self, request, object_id, from_field=None):
        image = super().get_object(request, object_id, from_field)
        if image is not None:
            image.viewer = request.user  # where_used asks who is looking
        return image

    def get_deleted_objects(self, objs, request):
        """A used picture is protected; the page names and links every use."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        uses = [use for image in objs for use in uses_of(image, request.user)]
        if uses or protected:
            links = [format_html('<a href="{}">{}</a>', *use) for use in uses]
            # Without this Django says that deleting articles is not permitted.
            return deleted, counts, set(), links or protected
        return deleted, counts, lacking, []

    @admin.display(description=gettext_lazy("picture"))
    def small(self, image):
        return thumbnail(image)

    @admin.display(description=gettext_lazy("dimensions"))
    def size(self, image):
        return f"{image.width} × {image.height} px" if image.width else "—"

    @admin.display(description=gettext_lazy("uses"))
    def uses(self, image):
        return image.placed + image.covers

    @admin.display(description=gettext_lazy("picture"))
    def preview(self, image):
        sizes = image_sizes(image)
        if not sizes:
            return "—"
        shown, card = sizes[min(1, len(sizes) - 1)], image.renditions.get("og")
        url = rendition_storage().url
        return format_html(
            '<div class="picture-previews"><figure><img src="{}" alt="{}" width="{}" '
            'height="{}"></figure><figure><img src="{}" alt="" width="300">'
            "<figcaption>{}</figcaption></figure></div>",
            url(shown["jpg"]),
            image.default_alt,
            shown["w"],
            shown["h"],
            url(card["jpg"]) if card else "",
            _("When the article is shared"),
        )

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

    # The window of the editor: static/admin_theme/library.js

    def get_urls(self):
        view = require_http_methods(["GET", "POST"])(self.library)
        return [
            path(
                "library/", self.admin_site.admin_view(view), name="news_image_library"
            ),
            *super().get_urls(),
        ]

    def library(self, request):
        if request.method == "POST":
            return (
                self._rename(request)
                if "image" in request.POST
                else self._upload(request)
            )
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = request.GET.get("page", "0")
        number = int(number) if number.isascii() and number.isdigit() else 0
        rows, more = library.page(request.GET.get("q", ""), min(number, 10_000))
        return JsonResponse({"images": [_as_json(row) for row in rows], "more": more})

    def _upload(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        upload = request.FILES.get("file")
        if upload is None:
            return JsonResponse({"error": _("Choose a file first.")}, status=400)
        if twin := images.find_duplicate(upload):
            return JsonResponse({"image": _as_json(twin), "duplicate": True})
        title = library.readable_title(upload.name)
        try:
            image = images.create_image(upload, title=title, user=request.user)
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        self.log_addition(request, image, [{"added": {}}])
        return JsonResponse({"image": _as_json(image), "duplicate": False})

    def _rename(self, request):
        """Give a picture the title that was typed after its upload."""
        number = request.POST["image"]
        image = (
            Image.objects.filter(pk=number).first()
            if number.isascii() and number.isdigit() and len(number) < 19
            else None
        )
        if image is None:
            message = _("This picture is no longer in the library.")
            return JsonResponse({"error": message}, status=404)
        if not self.has_change_permission(request, image):
            if not self._is_locked(request, image):
                raise PermissionDenied
            return JsonResponse({"error": _LOCKED}, status=403)
        image.title = request.POST.get("title", "")
        try:
            image.clean_fields(exclude=["file"])
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        image.save(update_fields=["title"])
        return JsonResponse({"image": _as_json(image), "duplicate": False})


def uses_of(image, user) -> list[tuple[str, str]]:
    """Address in the back office and name of everything that shows `image`.

    An article that `user` may not see is told without its title.
    """
    return [
        (
            reverse("admin:news_article_change", args=[article.pk]),
            article.title
            if permissions.may_view(user, article)
            else _("an article you may not see"),
        )
        for article in library.articles_using(image)
    ] + [use for ask in library.other_uses for use in ask(image)]


def _as_json(image) -> dict:
    return {
        "id": image.pk,
        "title": image.title,
        "src": thumbnail_url(image),
        "alt": image.default_alt,
        "caption": image.default_caption,
        "credit": image.credit,
        "size": f"{image.width} × {image.height}",
    }
