from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from news import files, images
        from news.models import Attachment, Image

        post_delete.connect(
            images.forget_files, sender=Image, dispatch_uid="news:image_files"
        )
        post_delete.connect(
            files.forget_file, sender=Attachment, dispatch_uid="news:attachment_file"
        )
