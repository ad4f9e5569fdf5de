"""What static/admin_theme/library.js and image_upload.js ask for, as JSON."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from news import images, library, saving
from news.body import thumbnail_url
from news.models import Image

# Name in the request: field of the picture.
_WORDS = {
    "title": "title",
    "alt": "default_alt",
    "caption": "default_caption",
    "credit": "credit",
}


class LibraryWindow:
    """The window's half of ImageAdmin: look through, upload, give words."""

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
                self._describe(request)
                if "image" in request.POST
                else self._upload(request)
            )
        if not self.has_view_permission(request):
            raise PermissionDenied
        pictures = Image.objects.all()
        if request.GET.get("show") == "mine":
            pictures = pictures.filter(uploaded_by=request.user)
        elif request.GET.get("show") == "unused":
            pictures = library.only_unused(pictures)
        number = request.GET.get("page", "0")
        is_number = number.isascii() and number.isdigit() and len(number) < 9
        number = int(number) if is_number else 0
        words = request.GET.get("q", "")
        rows, more = library.page(words, min(number, 10_000), pictures)
        return JsonResponse({"images": [as_json(row) for row in rows], "more": more})

    def _upload(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        upload = request.FILES.get("file")
        if upload is None:
            return JsonResponse({"error": _("Choose a file first.")}, status=400)
        if twin := images.find_duplicate(upload):
            return JsonResponse({"image": as_json(twin), "duplicate": True})
        title = library.readable_title(upload.name)
        try:
            image = images.create_image(upload, title=title, user=request.user)
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        self.log_addition(request, image, [{"added": {}}])
        return JsonResponse({"image": as_json(image), "duplicate": False})

    def _describe(self, request):
        """Give a picture the words that were typed after its upload."""
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
            if not self.is_locked(request, image):
                raise PermissionDenied
            return JsonResponse({"error": self.LOCKED}, status=403)
        given = {
            field: request.POST[name]
            for name, field in _WORDS.items()
            if name in request.POST
        }
        for field, value in given.items():
            setattr(image, field, value)
        try:
            image.clean_fields(exclude=["file"])
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        with transaction.atomic():
            saving.lock_articles_with(image)  # before the picture: no deadlock
            image.save(update_fields=[*given])
            if "credit" in given:
                saving.picture_changed(image)
            fields = [str(Image._meta.get_field(name).verbose_name) for name in given]
            self.log_change(request, image, [{"changed": {"fields": fields}}])
        return JsonResponse({"image": as_json(image), "duplicate": False})


def as_json(image) -> dict:
    return {
        "id": image.pk,
        "title": image.title,
        "src": thumbnail_url(image),
        "alt": image.default_alt,
        "caption": image.default_caption,
        "credit": image.credit,
        "size": f"{image.width} × {image.height}",
        "change": reverse("admin:news_image_change", args=[image.pk]),
    }
