"""What readers find at the address of an article that was taken away from them."""

from news import link_check
from news.models import Article
from news.workflow import Act, State, Withdrawal

# An article that led to an article that led to an article ... or to itself.
HOPS_MAX = 5
_FIELDS = ("pk", "slug", "state", "withdrawal", "withdrawal_notice", "withdrawal_url")


def find(pk: int) -> Article | None:
    """Return a withdrawn article, also one that is being written anew.

    None of what never was public, of what is in the bin, and of what was withdrawn
    without a word to readers.
    """
    kept = Article.objects.filter(pk=pk).exclude(withdrawal="")
    return (
        kept.exclude(state__in=(State.PUBLISHED, State.TRASHED)).only(*_FIELDS).first()
    )


def title(article: Article) -> str:
    """Return the title that readers knew; it may have been rewritten since."""
    taken = article.revisions.filter(act=Act.WITHDRAW).order_by("-number")
    return taken.values_list("content__title", flat=True).first() or ""


def destination(article: Article) -> str:
    """Return where readers are led, "" when nowhere.

    Follows articles that were withdrawn in their turn, so that nobody is sent round
    in a circle or to a page that is gone.
    """
    for _hop in range(HOPS_MAX):
        if article is None or article.withdrawal != Withdrawal.REDIRECT:
            break
        address = article.withdrawal_url
        number = link_check.article_number(address)
        if number is None or Article.objects.published().filter(pk=number).exists():
            return address
        article = find(number)
    return ""
