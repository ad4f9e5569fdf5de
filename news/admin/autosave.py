"""What is being written is kept; two at one article see each other; no silent loss.

Three things on one form: the kept copy of what is typed (news.autosave), the notices
of who else writes or has saved, and the comparison when a save met a newer version.
"""

import json
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db import IntegrityError
from django.forms import Media, Script
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.http.request import UnreadablePostError
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from news import autosave, comparison, permissions, saving, working_copy
from news.admin import conflict
from news.models import Article, Autosave


@dataclass(frozen=True)
class Kept:
    """A kept copy as the form offers it."""

    copy: Autosave
    see_url: str
    open_url: str  # "" for somebody who may no longer change the article
    overtaken: str  # who saved a newer version since, as a sentence

    @property
    def title(self) -> str:
        return self.copy.title or _("(no title yet)")


@dataclass
class Writing:
    """What the form's template shows of all this."""

    token: UUID
    address: str
    user_id: int
    may_write: bool
    is_unsaved: bool  # the form holds what is stored nowhere
    seen_version: int
    labels: str
    kept: list[Kept]
    notices: list[str] = field(default_factory=list)
    restored: str = ""
    clash: conflict.Clash | None = None


class AutosaveMixin:
    """The part of ArticleAdmin that loses nothing."""

    @property
    def media(self):
        return super().media + Media(
            css={"all": ["admin_theme/autosave.css"]},
            js=[Script("admin_theme/autosave.js", type="module")],
        )

    def get_urls(self):
        view = self.admin_site.admin_view
        beat = view(require_POST(self.autosave_view))
        beat.is_unattended = True  # for portal.sessions: no person sends it
        kept = view(require_http_methods(["GET", "HEAD", "POST"])(self.kept_view))
        return [
            path("autosave/", beat, name="news_article_autosave_new"),
            path("<int:pk>/autosave/", beat, name="news_article_autosave"),
            path("kept/<uuid:token>/", kept, name="news_article_kept"),
            *super().get_urls(),
        ]

    # An open form tells of itself

    def autosave_view(self, request, pk=None):
        """Keep what was sent, if anything; answer who else is here.

        An open form calls by itself, so the call keeps no session (see get_urls) unless
        it is taken and the form was typed into. A refused one comes again and again.
        """
        article = None
        if pk is not None:
            rows = self.get_queryset(request).defer("body", "body_html", "body_text")
            article = rows.filter(pk=pk).first()
            if article is None or not permissions.may_view(request.user, article):
                return _refused(_("This article is no longer there."), 404)
        if not self._may_write(request, article):
            return _refused(_("You may no longer change this article."), 403)
        try:
            beat = autosave.read_beat(_body(request), self._kept_fields(request))
        except ValidationError as error:
            return _refused(error.messages[0], 400)
        if beat.user_id != request.user.pk:
            return _refused(
                _("This browser is now signed in as %(name)s; nothing is kept here.")
                % {"name": request.user},
                409,
            )
        try:
            answer = self._take(request, article, beat)
        except IntegrityError:  # deleted since it was read above
            return _refused(_("This article is no longer there."), 404)
        request.is_unattended = not beat.typed
        return JsonResponse(answer)

    def _take(self, request, article, beat) -> dict:
        answer = {"kept": None, "gone": False, "notices": []}
        if article is None and beat.content and autosave.is_blank(beat.content):
            autosave.forget(request.user, beat.token)
        elif beat.content is not None:
            kept = autosave.keep(
                request.user,
                article,
                beat.token,
                beat.content,
                base_version=beat.base_version,
                begins=beat.begins,
            )
            answer["gone"] = kept is None
            if kept:
                answer["kept"] = f"{timezone.localtime(kept.saved_at):%H:%M:%S}"
        if article is not None and beat.leaving:
            autosave.leave(request.user, article)
        elif article is not None:
            autosave.be_here(request.user, article, typed=beat.typed)
            answer["notices"] = _notices(request.user, article, beat.seen_version)
        return answer

    def _may_write(self, request, article) -> bool:
        if article is None:
            return self.has_add_permission(request)
        return permissions.may_change(request.user, article)

    def _kept_fields(self, request) -> set[str]:
        return set(flatten_fieldsets(self.get_fieldsets(request))) - {"read_version"}

    def keep_late(self, request, object_id: str | None) -> bool:
        """Keep a form that came after its session had ended, for `request.user`.

        `object_id` is the article's in the address, None for a new one. Nothing else
        is done; False when there is nothing to keep or nothing may be kept.
        """
        token = read_token(request.POST.get("kept_as"))
        article = self.get_object(request, object_id) if object_id else None
        if token is None or (object_id and article is None):
            return False
        if not self._may_write(request, article):
            return False
        version = request.POST.get("read_version", "")
        is_version = version.isascii() and version.isdigit() and len(version) < 10
        base_version = int(version) if is_version else 0
        if article is None or base_version > article.version:
            base_version = 0
        return bool(self._keep_posted(request, article, token, base_version))

    # A kept copy by itself: what differs, open it, drop it

    def kept_view(self, request, token):
        copy = autosave.find(request.user, token)
        if copy is None:
            raise Http404
        article = copy.article
        if article is not None and not permissions.may_view(request.user, article):
            article = None  # the words are still their writer's
        if request.method == "POST":
            autosave.forget(request.user, token)
            if "application/json" in request.headers.get("Accept", ""):
                return JsonResponse({})
            return HttpResponseRedirect(_form_url(article))
        typed = self._typed_content(request, copy)
        stored = saving.content_of(article) if article else _blank(typed)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What you were writing"),
            "opts": self.opts,
            "article": article,
            "kept": self._offer(request, copy, article),
            "shown": comparison.show(stored, typed),
        }
        return TemplateResponse(request, "admin/news/article/kept.html", context)

    def _typed_content(self, request, copy) -> dict:
        form = self.get_form(request)(data=MultiValueDict(copy.content))
        return comparison.typed_content(form)

    def _offer(self, request, copy, article) -> Kept:
        overtaken = ""
        is_of_another = article is not None and copy.article_id != article.pk
        if is_of_another or (article and article.version != copy.base_version):
            overtaken = conflict.newer(request.user, article)
        return Kept(
            copy,
            reverse("admin:news_article_kept", args=[copy.token]),
            self._open_url(request, copy, article),
            overtaken,
        )

    def _open_url(self, request, kept, article) -> str:
        """Where a kept copy can be opened: in its own form, or the working copy's."""
        form_of = article
        if not self._may_write(request, article):
            form_of = article and working_copy.copy_of(article)
            if form_of is None or not self._may_write(request, form_of):
                return ""
        return f"{_form_url(form_of)}?kept={kept.token}"

    def _copies(self, request, article) -> list[Autosave]:
        """The copies to offer; one that says what is stored anyway is let go."""
        copies = autosave.copies(request.user, article)
        if article is None or not copies:
            return copies
        stored = saving.content_of(article)
        offered = []
        for copy in copies:
            if comparison.changed_names(stored, self._typed_content(request, copy)):
                offered.append(copy)
            else:
                autosave.forget(request.user, copy.token)
        return offered

    # The form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        request.POST = conflict.first_try_again(request.POST)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return type("ArticleForm", (form,), {"kept": self._wanted_copy(request, obj)})

    def _wanted_copy(self, request, article) -> Autosave | None:
        """The copy that the address asks to open in the form of `article`."""
        token = read_token(request.GET.get("kept"))
        if request.method != "GET" or token is None:
            return None
        if not self._may_write(request, article):
            return None
        copy = autosave.find(request.user, token)
        if copy is None:
            return None
        about = copy.article
        if about is not None and not permissions.may_view(request.user, about):
            about = None  # as in kept_view: its words go into a new article
        if article and about and article.revision_of_id == about.pk:
            copy.base_version = 0  # of the working copy it knows no version
            return copy
        return copy if about == article else None

    def forget_kept(self, request, article) -> None:
        """What was just saved needs no copy, and who closed it is no longer here.

        In the transaction of the save.
        """
        if token := read_token(request.POST.get("kept_as")):
            autosave.forget(request.user, token)
        if "_continue" not in request.POST:  # the form does not open again
            autosave.leave(request.user, article)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        form = context["adminform"].form
        # The form changed `obj` already; what is stored is read anew.
        stored = Article.objects.get(pk=obj.pk) if obj else None
        may_write = self._may_write(request, stored)
        token = read_token(request.POST.get("kept_as")) or uuid4()
        restored = form.kept
        if restored:
            token = restored.token
        writing = Writing(
            token=token,
            address=_beat_url(stored),
            user_id=request.user.pk,
            may_write=may_write,
            is_unsaved=form.is_bound,
            seen_version=stored.version if stored else 0,
            labels=json.dumps(_labels(), ensure_ascii=False),
            kept=[
                self._offer(request, copy, stored)
                for copy in self._copies(request, stored)
                if copy.token != token
            ],
        )
        if restored:
            writing.seen_version = restored.base_version
            writing.restored = _restored(restored)
        refusal = getattr(request, "publishing_refusal", None)
        if isinstance(refusal, saving.Conflict) and stored:
            base_version = form.cleaned_data.get("read_version") or 0
            if not 0 <= base_version <= stored.version:
                base_version = 0
            self._keep_posted(request, stored, token, base_version)
            writing.clash = conflict.clash(request, form, stored, base_version)
        if stored and may_write:
            writing.notices = _notices(request.user, stored, writing.seen_version)
        context["writing"] = writing
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _keep_posted(self, request, article, token, base_version) -> Autosave | None:
        """Keep what was refused, without JavaScript too; None when it is too large."""
        fields = self._kept_fields(request)
        try:
            content = autosave.clean_content(request.POST.lists(), fields)
        except ValidationError:
            return None
        return autosave.keep(
            request.user, article, token, content, base_version=base_version
        )


def _notices(user, article, seen_version) -> list[str]:
    """What somebody with the form open should know, most important first."""
    notices = []
    if article.version > seen_version:
        notices.append(
            conflict.newer(user, article)
            + " "
            + _("If you save, you will first be shown what differs.")
        )
    for presence in autosave.others_here(user, article):
        words = {"name": presence.user, "time": conflict.time_of(presence.typed_at)}
        if presence.typed_at:
            text = _("%(name)s has this article open (last typed %(time)s).")
        else:
            text = _("%(name)s has this article open.")
        notices.append(text % words)
    return notices


def _restored(copy) -> str:
    return _(
        "This is what you were writing, kept at %(time)s. It is not saved in the "
        "article until you save it."
    ) % {"time": conflict.time_of(copy.saved_at)}


def _labels() -> dict[str, str]:
    return {
        "kept": _("What you are writing was kept at {time}"),
        "keptOnce": _("What you are writing is being kept."),
        "away": _("Not kept: no connection; it will be tried again"),
        "failed": _("Not kept: the server did not answer; it will be tried again"),
        "signedOut": _("Not kept: you are signed out. The text stays in this form."),
        "signIn": _("Sign in (in a new tab)"),
        "seeNotice": _("See the notice at the top"),
        "dropped": _("The kept copy was deleted."),
    }


def _refused(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def _body(request) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise ValidationError(
            _("The text is larger than 1 MB. Put long documents into attachments.")
        ) from None
    except UnreadablePostError:  # the browser went away while sending
        return b""


def read_token(text) -> UUID | None:
    """Return the name of a form as it was sent; None for anything else."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _blank(typed) -> dict:
    """A new article, to compare with."""
    return dict.fromkeys(typed, "") | {"show_cover": False, "cover_alt_kind": "text"}


def _form_url(article) -> str:
    if article is None:
        return reverse("admin:news_article_add")
    return reverse("admin:news_article_change", args=[article.pk])


def _beat_url(article) -> str:
    if article is None:
        return reverse("admin:news_article_autosave_new")
    return reverse("admin:news_article_autosave", args=[article.pk])
