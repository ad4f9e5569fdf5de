"""Articles: the form in the order an editor works, and what its buttons do."""

from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import article_page, permissions, publishing
from news.admin.article_list import ArticleList
from news.admin.autosave import AutosaveMixin
from news.admin.base import DeskAdmin, FieldsMixin
from news.admin.checks import ChecksMixin
from news.admin.docx import WordImportMixin
from news.admin.export import state_of
from news.admin.links import LinksMixin
from news.admin.paste import PasteMixin
from news.forms import ArticleForm, AttachmentForm, ListEntryFormSet, tags_named
from news.html import as_safe
from news.models import Article, Attachment, ListEntry, State
from news.storage import private_storage
from news.widgets import public_address

_RECORD = ["slug_shown", "created_by", "created_at", "updated_at"]
# A button's name, the permission on the object, the act.
ACTS = {
    "_submit": (permissions.may_submit, publishing.submit),
    "_publish": (permissions.may_publish, publishing.publish),
    "_withdraw": (permissions.may_withdraw, publishing.withdraw),
}


class ArticlePartMixin(FieldsMixin):
    """Inlines follow the article: whoever may change it may change its parts."""

    extra = 0

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or permissions.may_change(request.user, obj)
        )

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and (
            obj is None or permissions.may_change(request.user, obj)
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is None or permissions.may_change(request.user, obj)
        )


class AttachmentInline(ArticlePartMixin, admin.StackedInline):
    model = Attachment
    form = AttachmentForm
    verbose_name_plural = gettext_lazy("attachments")
    readonly_fields = ["file_shown"]

    def get_fields(self, request, obj=None):
        may_change = self.has_change_permission(request, obj)
        return [("file" if may_change else "file_shown", "title", "position")]

    @admin.display(description=gettext_lazy("file"))
    def file_shown(self, attachment):
        if not (address := public_address(attachment)):
            return attachment.file_name
        return format_html('<a href="{}">{}</a>', address, attachment.file_name)


class ListEntryInline(ArticlePartMixin, admin.StackedInline):
    model = ListEntry
    formset = ListEntryFormSet
    verbose_name = gettext_lazy("place in hot news or in focus")
    verbose_name_plural = gettext_lazy("hot news and focus")
    fields = [("list", "position"), ("starts_at", "ends_at")]
    max_num = 2


@admin.register(Article)
class ArticleAdmin(
    # Each a part of the form with its addresses, in its own file; in any order.
    AutosaveMixin,
    ChecksMixin,
    LinksMixin,
    PasteMixin,
    WordImportMixin,
    ArticleList,
    DeskAdmin,
):
    form = ArticleForm
    readonly_fields = ["body_shown", *_RECORD]
    inlines = [AttachmentInline, ListEntryInline]
    fieldsets = [
        (None, {"fields": ["title", "sapo", "body", "read_version"]}),
        (
            gettext_lazy("Cover picture"),
            {
                "fields": [
                    "cover",
                    "show_cover",
                    "cover_caption",
                    "cover_alt_kind",
                    "cover_alt",
                ]
            },
        ),
        (
            gettext_lazy("Section and tags"),
            {"fields": ["category", "tags", "further_categories"]},
        ),
        (
            gettext_lazy("Signature, author, source"),
            {
                "fields": [
                    "signature_unit",
                    "author",
                    "author_text",
                    "source_name",
                    "source_url",
                ]
            },
        ),
        (gettext_lazy("Publication time"), {"fields": ["published_at", "expires_at"]}),
        (
            gettext_lazy("More"),
            {
                "classes": ["collapse"],
                "fields": ["revised_at", *_RECORD],
            },
        ),
    ]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        # Somebody who may only look reads the body as readers do.
        words = (None, {"fields": ["title", "sapo", "body_shown"]})
        return [words, *fieldsets[1:]]

    @admin.display(description=gettext_lazy("body"))
    def body_shown(self, article):
        return as_safe(article.body_html)

    @admin.display(description=gettext_lazy("address"))
    def slug_shown(self, article):
        return article.get_absolute_url() if article.pk else "—"

    # Permissions: news.permissions decides

    def get_queryset(self, request):
        return permissions.visible_articles(request.user, super().get_queryset(request))

    def has_view_permission(self, request, obj=None):
        if obj is None:
            return super().has_view_permission(request)
        return permissions.may_view(request.user, obj)

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return super().has_change_permission(request)
        return permissions.may_change(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        if obj is None:
            return super().has_delete_permission(request)
        return permissions.may_delete(request.user, obj)

    # The form

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "publishing_refusal", None)
        return type("ArticleForm", (form,), {"refusal": refusal})

    def get_inline_instances(self, request, obj=None):
        """Without the boxes in which this user could neither read nor add."""
        return [
            inline
            for inline in super().get_inline_instances(request, obj)
            if inline.has_add_permission(request, obj)
            or (obj is not None and inline.model.objects.filter(article=obj).exists())
        ]

    def get_changeform_initial_data(self, request):
        return {"read_version": 0} | super().get_changeform_initial_data(request)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        arguments = (request, object_id, form_url, extra_context)
        try:
            return super().changeform_view(*arguments)
        except ValidationError as refusal:
            # Publishing refused and everything was rolled back: show the form
            # again with all that was typed and with the reasons.
            request.publishing_refusal = refusal
            return super().changeform_view(*arguments)

    def save_model(self, request, article, form, change):
        act = self._wanted_act(request, article, form)
        chosen = {"tags": tags_named(form.cleaned_data["tags"])}
        if "further_categories" in form.cleaned_data:
            chosen["further_categories"] = form.cleaned_data["further_categories"]
        act(
            article,
            user=request.user,
            # Stored versions begin at 1: a form without its version is refused.
            version=(form.cleaned_data.get("read_version") or 0) if change else None,
            **chosen,
        )
        self.forget_kept(request)

    def _wanted_act(self, request, article, form):
        for button, (is_allowed, act) in ACTS.items():
            if button in request.POST:
                stored = Article.objects.filter(pk=article.pk).first()
                # A new article is its writer's own.
                subject = stored or Article(created_by=request.user)
                if not is_allowed(request.user, subject):
                    raise PermissionDenied
                if button == "_publish" and form.cleaned_data.get("published_at"):
                    return partial(act, at=form.cleaned_data["published_at"])
                return act
        return publishing.save_article

    def save_related(self, request, form, formsets, change):
        # Tags and further categories were saved with the article.
        for name in _replaced_files(formsets):
            transaction.on_commit(partial(private_storage().delete, name))
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)
        if any(formset.has_changed() for formset in formsets):
            publishing.complete_revision(form.instance)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        user = request.user
        subject = obj or Article(created_by=user)
        context |= {
            "may_submit": permissions.may_submit(user, subject),
            "may_publish": permissions.may_publish(user, subject),
            "may_withdraw": bool(obj) and permissions.may_withdraw(user, obj),
            "may_save": permissions.may_change(user, subject),
            "is_live": subject.state == State.PUBLISHED,
            "is_draft": subject.state in (State.DRAFT, State.RETURNED),
            "article_state": _state_now(subject),
            "checks": self.checks_context(request, obj),
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # After saving

    def response_add(self, request, obj, post_url_continue=None):
        return self._answer(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        return self._answer(request, obj) or super().response_change(request, obj)

    def _answer(self, request, article):
        button = next((name for name in ACTS if name in request.POST), None)
        if button:
            self.message_user(request, _done_message(button, article), messages.SUCCESS)
            return self.response_post_save_change(request, article)
        return None

    # Preview

    def get_urls(self):
        preview = self.admin_site.admin_view(self.preview)
        return [
            path("<int:pk>/preview/", preview, name="news_article_preview"),
            *super().get_urls(),
        ]

    def preview(self, request, pk):
        """The public template with what is stored; never kept by any cache."""
        article = (
            self.get_queryset(request)
            .select_related("category__parent__parent", "cover", "signature_unit")
            .filter(pk=pk)
            .first()
        )
        if article is None or not permissions.may_view(request.user, article):
            raise Http404
        article.published_at = article.published_at or timezone.now()
        context = {"page": article_page.prepare(article), "is_preview": True}
        response = render(request, "news/article_detail.html", context)
        response["Cache-Control"] = "no-store, private"
        return response

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        for article in queryset:
            if permissions.may_delete(request.user, article):
                article.delete()


def _state_now(article) -> str:
    if article.pk is None:
        return _("not saved yet")
    return state_of(article, timezone.now())[1]


def _done_message(button, article):
    if button == "_submit":
        return _("“%(title)s” was handed to the editors.") % {"title": article}
    if button == "_withdraw":
        return _("Readers no longer see “%(title)s”.") % {"title": article}
    if not article.is_published():
        return _("“%(title)s” will appear by itself at its time.") % {"title": article}
    return format_html(
        '{} <a href="{}">{}</a>',
        _("“%(title)s” is published.") % {"title": article},
        reverse("news:article", args=[article.slug, article.pk]),
        _("See it on the site"),
    )


def _replaced_files(formsets) -> list[str]:
    """Names of the stored files whose place a new upload takes."""
    return [
        form.initial["file"].name
        for formset in formsets
        for form in formset.forms
        if isinstance(form.instance, Attachment)
        and form.instance.pk
        and "file" in form.changed_data
        and form.initial.get("file")
    ]
