"""The editors' back office; rules stand in news.publishing and news.permissions."""

from news.admin import article, image, lists, taxonomy  # noqa: F401
