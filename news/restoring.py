"""An old version of an article brought back.

What is brought back is a save like any other, with its own revision: nothing of what
stood before is lost. A live article gets it in its working copy. Who may do so is
asked in news.permissions; `refusal` says it of the row that would be written.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from news import body as bodies
from news import comparison, permissions, saving, working_copy
from news.models import Article, Attachment, Image, Placement, Revision
from news.workflow import Act, State

_WORDS = (
    *("title", "sapo", "show_cover", "cover_caption", "cover_alt", "cover_alt_kind"),
    *("author_text", "source_name", "source_url"),
)
_TIMES = ("published_at", "expires_at", "review_at")
_KEYS = ("category", "cover", "signature_unit", "author")
_LISTS = ("further_categories", "tags")


@dataclass(frozen=True)
class Restoration:
    """What bringing back a revision writes, and what it cannot."""

    values: dict  # attribute of the article: value
    lists: dict  # relation: rows
    body: str  # as the editor gives it
    attachments: list[dict]  # those of the revision whose file is still there
    content: dict  # what will stand there, as `saving.content_of` says it
    missing: list[str]  # what is no longer there, by name
    staying: list[str]  # attachments that came later; no file is deleted


def target_of(article: Article) -> Article:
    """Return the row that a restoration writes: the working copy if there is one.

    A live article without one stands for the copy that will be made.
    """
    return working_copy.copy_of(article) or article


def refusal(user, target: Article) -> str:
    """Say why `user` may not bring anything back into `target`; "" when he may."""
    if target.state == State.PUBLISHED:
        return permissions.why_not(user, target, Act.REVISE)
    if permissions.may_change(user, target):
        return ""
    return _("In its present state you may not change this article.")


def plan(revision: Revision, target: Article, user=None) -> Restoration:
    """Say what of `revision` would be written into `target`; nothing is stored."""
    old, now = revision.content, saving.content_of(target)
    missing: list[str] = []
    values = {name: old[name] for name in _WORDS if name in old}
    if has_own_times(target):
        values |= {name: _moment(name, old[name]) for name in _TIMES if name in old}
    for name in _KEYS:
        if name in old:
            values[f"{name}_id"] = _key(name, old[name], target, user, missing)
    lists = {name: _list(name, old[name], missing) for name in _LISTS if name in old}
    body = _body(old, missing)
    attachments, staying = _attachments(old, now, missing)
    content = now | {"body": body, "placements": []}
    content |= {name: old[name] for name in _WORDS if name in old}
    content |= {name: old[name] for name in _TIMES if name in values}
    content |= {k: values[f"{k}_id"] for k in _KEYS if f"{k}_id" in values}
    content |= {name: sorted(r.pk for r in rows) for name, rows in lists.items()}
    content["attachments"] = sorted(
        [*attachments, *staying], key=lambda file: file["position"]
    )
    titles = [_file_name(file) for file in staying]
    return Restoration(values, lists, body, attachments, content, missing, titles)


def has_own_times(target: Article) -> bool:
    """Only a draft takes the times of an old version too.

    What is or was before readers, or was agreed with the editors, keeps its own.
    """
    is_draft = target.state in (State.DRAFT, State.RETURNED)
    return is_draft and target.revision_of_id is None


@transaction.atomic
def restore(
    revision: Revision,
    article: Article,
    *,
    user=None,
    note: str = "",
    target_id: int,
    version: int,
) -> tuple[Article, Restoration]:
    """Write `revision` of `article` into what `target_of` gives; return both.

    `target_id` and `version` are what the caller compared with: Conflict when
    something else stands there now. Raises ValidationError, and then nothing is
    stored.
    """
    target = target_of(article)
    if (target.pk, target.version) != (target_id, version):
        raise saving.Conflict(target)
    if target.state == State.PUBLISHED:
        target = _begun_copy(target, version, user)
    wanted = plan(revision, target, user)
    for name, value in wanted.values.items():
        setattr(target, name, value)
    saving.save_article(
        target,
        user=user,
        note=f"{_origin(revision)}\n{note}".rstrip(),
        body=wanted.body,
        version=target.version,
        **wanted.lists,
    )
    _store_attachments(target, wanted.attachments)
    saving.complete_revision(target)
    return target, wanted


def _begun_copy(article: Article, version: int, user) -> Article:
    """Make the working copy of a live article that is still the one compared."""
    stored = saving.lock(article)
    if stored is None or stored.version != version or working_copy.copy_of(stored):
        raise saving.Conflict(stored or article)
    return working_copy.revise(article, user=user)


def _origin(revision: Revision) -> str:
    words = {
        "number": revision.number,
        "time": f"{timezone.localtime(revision.created_at):%d/%m/%Y %H:%M}",
    }
    # A working copy's numbers change when its history goes to the article.
    if revision.article.revision_of_id:
        return _("Brought back: the version of %(time)s.") % words
    return _("Brought back: version %(number)s of %(time)s.") % words


# The parts of an old content, as far as they are still there


def _moment(name: str, value):
    return Article._meta.get_field(name).to_python(value) if value else None


def _key(name: str, pk, target: Article, user, missing: list[str]):
    field = Article._meta.get_field(name)
    instead = None if field.null else getattr(target, field.attname)
    if pk is None:
        return instead
    if not field.related_model._default_manager.filter(pk=pk).exists():
        missing.append(f"{comparison.label(name)} #{pk}")
        return instead
    is_ours = user is None or permissions.is_in_reach(user, Article(category_id=pk))
    if name == "category" and not is_ours:
        missing.append(_("the main category: it is not one of your sections"))
        return instead
    return pk


def _list(name: str, pks: list[int], missing: list[str]) -> list:
    model = Article._meta.get_field(name).related_model
    rows = model._default_manager.in_bulk(pks) if pks else {}
    missing += [f"{comparison.label(name)} #{pk}" for pk in pks if pk not in rows]
    return [rows[pk] for pk in pks if pk in rows]


def _body(old: dict, missing: list[str]) -> str:
    """The body with each picture by its own number and words, for a new placement."""
    images = Image.objects.in_bulk({place["image"] for place in old["placements"]})
    placements = []
    for place in old["placements"]:
        image = images.get(place["image"])
        if image is None:
            missing.append(_picture_name(place))
            continue
        words = {name: place[name] for name in ("caption", "alt", "alt_kind")}
        placements.append(Placement(pk=place["id"], image=image, **words))
    return bodies.editor_html(old["body"], placements)


def _picture_name(place: dict) -> str:
    words = {"number": place["image"], "caption": place["caption"]}
    return _("[Picture no. %(number)s] %(caption)s").rstrip() % words


def _attachments(old: dict, now: dict, missing: list[str]):
    """Return those of `old` whose file is still kept, and the later ones of `now`.

    A file is kept as long as an article or its working copy has it.
    """
    names = {file["file"] for file in old["attachments"]}
    kept = Attachment.objects.filter(file__in=names) if names else []
    kept = {attachment.file.name for attachment in kept}
    there = [file for file in old["attachments"] if file["file"] in kept]
    gone = [file for file in old["attachments"] if file["file"] not in kept]
    missing += [_file_name(file) for file in gone]
    return there, [file for file in now["attachments"] if file["file"] not in names]


def _file_name(file: dict) -> str:
    return f"{file['title']} ({file['file_name']})"


def _store_attachments(target: Article, wanted: list[dict]) -> None:
    own = {attachment.file.name: attachment for attachment in target.attachments.all()}
    for file in wanted:
        attachment = own.get(file["file"]) or _again(target, file["file"])
        if attachment is not None:
            attachment.title, attachment.position = file["title"], file["position"]
            attachment.save()


def _again(target: Article, name: str) -> Attachment | None:
    """An attachment for a file that `target` no longer has and another one does.

    In a working copy it stands for the live article's, whose address it keeps.
    """
    twin = Attachment.objects.filter(file=name).first()
    if twin is None:
        return None
    is_live = twin.article_id == target.revision_of_id
    is_free = is_live and not target.attachments.filter(revises=twin).exists()
    same = ("file", "file_name", "content_type", "size_bytes")
    return Attachment(
        article=target,
        revises=twin if is_free else None,
        **{name: getattr(twin, name) for name in same},
    )
