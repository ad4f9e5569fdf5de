"""Writes the demo for tests: quickly encoded pictures, fewer articles and visits."""

import io

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from PIL import Image as Pillow

from portal.demo import library, seeding

ARTICLES, DAYS = 12, 30  # of 70 and 365: the rest is more of the same


def folders(path) -> dict:
    """Return settings that keep all files below `path`."""
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": path / "p"}}
    return {
        "MEDIA_ROOT": path / "media",
        "STORAGES": {**settings.STORAGES, "private": private},
    }


def with_small_pictures(patch) -> None:
    def small(name):
        out = io.BytesIO()
        colour = (len(name) * 9 % 256, sum(map(ord, name)) % 256, ord(name[-1]))
        Pillow.new("RGB", (60, 40), colour).save(out, "PNG")
        out.seek(0)
        return out

    patch.setattr(library, "_file", small)


def with_few_articles(patch) -> None:
    real = seeding.articles
    patch.setattr(seeding, "articles", lambda now: real(now)[-ARTICLES:])
    patch.setattr(seeding, "VISIT_DAYS", DAYS)


def seed(*options) -> str:
    out = io.StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    """Rows of everything, except what a migrated database always has."""
    always = ("contenttypes.", "auth.permission", "auth.group", "portal.contentstate")
    return {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._default_manager.exists()
        and not model._meta.label_lower.startswith(always)
    }


def files_below(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
