"""Articles: the form in the order an editor works, and what its buttons do."""

from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from news import (
    act_forms,
    article_page,
    hooks,
    permissions,
    publishing,
    saving,
    working_copy,
)
from news.admin import acts
from news.admin.acts import FORM_BUTTONS, ActsMixin
from news.admin.article_list import ArticleList
from news.admin.autosave import AutosaveMixin
from news.admin.base import DeskAdmin, FieldsMixin
from news.admin.checks import ChecksMixin
from news.admin.docx import WordImportMixin
from news.admin.export import state_of
from news.admin.history import HistoryMixin
from news.admin.late import LateMixin
from news.admin.leader import LeaderMixin
from news.admin.leader import answers as leader_answers
from news.admin.links import LinksMixin
from news.admin.paste import PasteMixin
from news.admin.plan import PlanMixin
from news.files import delete_unused
from news.forms import ArticleForm, AttachmentForm, ListEntryFormSet, tags_named
from news.html import as_safe
from news.models import Article, Attachment, ListEntry
from news.widgets import public_address
from news.workflow import Act, State

_RECORD = ["slug_shown", "created_by", "created_at", "updated_at"]


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
    fields = ["list", ("starts_at", "ends_at")]
    max_num = 2


@admin.register(Article)
class ArticleAdmin(
    # Each a part of the form with its addresses, in its own file; in any order.
    ActsMixin,
    AutosaveMixin,
    ChecksMixin,
    HistoryMixin,
    LateMixin,
    LeaderMixin,
    LinksMixin,
    PasteMixin,
    PlanMixin,
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
        (
            gettext_lazy("Publication time"),
            {"fields": ["published_at", "expires_at", "review_at"]},
        ),
        (
            gettext_lazy("More"),
            {
                "classes": ["collapse"],
                "fields": _RECORD,
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
        limit = hooks.category_limit(request.user)
        return type("ArticleForm", (form,), {"refusal": refusal, "limit": limit})

    def get_inline_instances(self, request, obj=None):
        """Without the boxes in which this user could neither read nor add.

        A working copy has no places in the lists: those of its article stay.
        """
        shown = super().get_inline_instances(request, obj)
        if obj is not None and obj.revision_of_id:
            shown = [one for one in shown if one.model is not ListEntry]
        return [
            inline
            for inline in shown
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
        chosen = {"tags": tags_named(form.cleaned_data["tags"])}
        if "further_categories" in form.cleaned_data:
            chosen["further_categories"] = form.cleaned_data["further_categories"]
        # Stored versions begin at 1: a form without its version is refused.
        version = (form.cleaned_data.get("read_version") or 0) if change else None
        arguments = chosen | {"user": request.user, "version": version}
        act = wanted_act(request)
        if act is None:
            arguments["note"] = self.act_form(request, article, None).note_alone()
            saving.save_article(article, **arguments)
        else:
            self._save_and_act(request, article, form, act, arguments)
        self.forget_kept(request, article)

    def _save_and_act(self, request, article, form, act, arguments):
        stored = Article.objects.filter(pk=article.pk).first()
        # A new article is its writer's own.
        subject = stored or Article(created_by=request.user, category=article.category)
        permissions.require(request.user, subject, act)
        asked = self.act_form(request, subject, act)
        if not asked.is_valid():
            request.refused_act_form = asked
            raise ValidationError(asked.sentences())
        arguments["note"] = asked.cleaned_data["note"]
        if act not in (Act.PUBLISH, Act.EMERGENCY):
            acts.FUNCTIONS[act](article, **arguments)
        elif article.revision_of_id:
            # It goes out in save_related, after its attachments were stored.
            working_copy.release(article, act=act, **arguments)
        else:
            at = form.cleaned_data.get("published_at")
            publishing.publish(article, act=act, at=at, **arguments)

    def act_form(self, request, article, act):
        """The questions beside the form's buttons, as they were answered."""
        data = request.POST if request.method == "POST" else None
        return act_forms.form_for(act or Act.PUBLISH, article, data)

    def _act_form_shown(self, request, article):
        """The questions as they are shown; the refused ones with what was refused."""
        refused = getattr(request, "refused_act_form", None)
        if refused is None:
            return self.act_form(request, article, None)
        first = next(iter(refused.errors))
        refused.fields[first].widget.attrs["autofocus"] = True
        return refused

    def save_related(self, request, form, formsets, change):
        # Tags and further categories were saved with the article.
        article, act = form.instance, wanted_act(request)
        for name in _replaced_files(formsets):
            transaction.on_commit(partial(delete_unused, name))
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)
        if any(formset.has_changed() for formset in formsets):
            saving.complete_revision(article)
            if act in (Act.PUBLISH, Act.EMERGENCY):
                before = article.version - 1
                publishing.check_publication(act, article, request.user, before)
        if article.revision_of_id and act in (Act.PUBLISH, Act.EMERGENCY):
            asked = self.act_form(request, article, act)
            asked.is_valid()  # it was, in save_model
            request.published_article = working_copy.finish(
                article, act=act, user=request.user, **asked.arguments()
            )

    def log_change(self, request, obj, message):
        # A published working copy is no more; its article is what was changed.
        published = getattr(request, "published_article", obj)
        return super().log_change(request, published, message)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        user = request.user
        # The form changed `obj` already; what is stored is read anew.
        subject = (
            Article.objects.select_related("submitted_by", "approved_by")
            .select_related("emergency_by", "revision_of")
            .get(pk=obj.pk)
            if obj
            else Article(created_by=user)
        )
        may_write = permissions.may_change(user, subject)
        context |= {
            "may_save": may_write,
            "is_draft": subject.state in (State.DRAFT, State.RETURNED),
            "subject": subject,
            "article_state": _state_now(subject),
            "checks": self.checks_context(request, obj),
            "acts": self.buttons(user, subject),
            "form_acts": [act.value for act in FORM_BUTTONS.values()],
            "why_not_published": _why_not_published(user, subject),
            "act_form": self._act_form_shown(request, subject),
            "returned": acts.reason_of_return(subject),
            "may_see_history": permissions.may_see_history(user, subject),
            "leader_answers": leader_answers(user, subject),
            "may_share": obj and permissions.may_share(user, subject),
            "working_copy": obj and working_copy.copy_of(subject),
            # Of what readers know: a revision shows the figures of its article.
            "reading": subject.published_at
            and hooks.reading(subject.revision_of_id or subject.pk),
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
        if act := wanted_act(request):
            article = getattr(request, "published_article", article)
            message = acts.done_message(act, article)
            self.message_user(request, message, messages.SUCCESS)
            return self.response_post_save_change(request, article)
        return None

    # Preview

    def get_urls(self):
        preview = self.admin_site.admin_view(require_safe(self.preview))
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


def wanted_act(request) -> Act | None:
    """The act whose button of the form was pressed; None for a plain save."""
    return next(
        (act for name, act in FORM_BUTTONS.items() if name in request.POST), None
    )


def _why_not_published(user, article) -> str:
    """Why somebody who could publish cannot now; "" for who could never."""
    is_stored = article.pk is not None
    if not is_stored or not user.has_perm("news.publish_article"):
        return ""
    if article.state == State.PUBLISHED or permissions.may(user, article, Act.PUBLISH):
        return ""
    return permissions.why_not(user, article, Act.PUBLISH)


def _state_now(article) -> str:
    if article.pk is None:
        return _("not saved yet")
    return state_of(article, timezone.now())[1]


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
