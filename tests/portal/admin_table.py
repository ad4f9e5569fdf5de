"""Who may do what in the back office: the table that test_admin_walk.py walks.

Roles are named by the least one that may: each can do what those before it can. Every
address below /admin/ and every bulk action has its place in one of four tables:

MODELS          the usual pages of a model (list, add, change, delete, history)
VIEWS           every other page that is not about one article
ARTICLE_VIEWS   pages about one article, by the word of ARTICLES that they ask for
ARTICLE_ACTIONS what the list does to the chosen articles, by the same words

ARTICLES says which words are true for whom: own and others' articles, in each state,
inside and outside the sections that an editor is limited to.
"""

from dataclasses import dataclass, field

# Signed in, without the right to be here, and nobody: both meet the login page.
STRANGERS = ("reader", "anonymous")
# "limited": an editor limited to one section. "groupless": staff without a role.
RANKS = {
    "groupless": 1,
    "reporter": 2,
    "limited": 3,
    "editor": 3,
    "secretary": 4,
    "administrator": 5,
    "nobody": 9,
}
STAFF = tuple(name for name in RANKS if name != "nobody")


def has_rank(person: str, least: str) -> bool:
    return RANKS[person] >= RANKS[least]


@dataclass(frozen=True)
class Model:
    """The least role for each page; `typed` goes into both forms, `new` into one."""

    view: str
    add: str
    change: str
    delete: str
    typed: dict
    new: dict = field(default_factory=dict)
    # What the list's address answers who may see it.
    list_status: int = 200
    # A page of its own stands for the list; what it is sent: (the least role, data).
    board: tuple[tuple[str, dict], ...] = ()


REPORTER, EDITOR, SECRETARY = "reporter", "editor", "secretary"
ADMINISTRATOR, NOBODY, STAFF_ONLY = "administrator", "nobody", "groupless"
_NAME = {"name": "Tên khác"}
_PAGE = {"title": "Trang khác", "body": "<p>Chữ</p>", "position": "1"}
_PASSWORD = {"password1": "mot cau du dai 9", "password2": "mot cau du dai 9"}

MODELS = {
    # name: view, add, change, delete, what is typed
    "news_image": Model(REPORTER, REPORTER, REPORTER, EDITOR, {"title": "Ảnh khác"}),
    "news_listentry": Model(
        *(REPORTER, SECRETARY, SECRETARY, SECRETARY),
        {"ends_at_0": "01/01/2040", "ends_at_1": "08:00"},
        new={"list": "focus"},
        board=(
            (SECRETARY, {"add": "focus:{hot}"}),
            (
                SECRETARY,
                {
                    "list": "hot",
                    "seen": "{entry}",
                    "order": "{entry}",
                    "end": "{entry}",
                },
            ),
            (SECRETARY, {"list": "focus", "clear": "1"}),
        ),
    ),
    "news_category": Model(REPORTER, SECRETARY, SECRETARY, ADMINISTRATOR, _NAME),
    "news_unit": Model(REPORTER, EDITOR, EDITOR, ADMINISTRATOR, _NAME),
    "news_author": Model(REPORTER, EDITOR, EDITOR, ADMINISTRATOR, _NAME),
    "news_tag": Model(REPORTER, REPORTER, EDITOR, EDITOR, {"name": "thẻ khác"}),
    "portal_page": Model(SECRETARY, SECRETARY, SECRETARY, SECRETARY, _PAGE),
    "portal_menuitem": Model(
        *(SECRETARY, SECRETARY, SECRETARY, SECRETARY),
        {"label": "Mục khác", "link": "/tin-nong/"},
    ),
    "portal_linkedsite": Model(
        *(SECRETARY, SECRETARY, SECRETARY, SECRETARY),
        {"name": "Nơi khác", "url": "https://khac.gov.vn/"},
    ),
    "portal_workevent": Model(
        *(REPORTER, SECRETARY, SECRETARY, SECRETARY),
        {"content": "Họp khác", "day": "19/05/2026"},
    ),
    "portal_sitesettings": Model(
        ADMINISTRATOR, NOBODY, ADMINISTRATOR, NOBODY, _NAME, list_status=302
    ),
    "portal_user": Model(
        *(ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR),
        {"last_name": "Họ khác"},
        new={"username": "nguoi-moi", "usable_password": "true"} | _PASSWORD,
    ),
    "auth_group": Model(
        ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, _NAME
    ),
    "portal_auditentry": Model(ADMINISTRATOR, NOBODY, NOBODY, NOBODY, {}),
    "search_abbreviation": Model(
        *(EDITOR, EDITOR, EDITOR, EDITOR),
        {"short": "VBK", "long": "viết bằng chữ khác"},
    ),
    "search_soughtwords": Model(EDITOR, NOBODY, NOBODY, NOBODY, {}),
    "stats_ledgerentry": Model(
        *(ADMINISTRATOR, ADMINISTRATOR, NOBODY, NOBODY),
        {"metric": "visits", "delta": "5", "day": "01/01/2026", "reason": "Thử sổ cái"},
    ),
}


@dataclass(frozen=True)
class View:
    """A page of its own. `query` and `sends` may name rows of the walk: {image}."""

    opens: str  # the least role whose GET is answered; "nobody": no GET at all
    does: str = NOBODY  # the least role whose POST does something; "nobody": no POST
    args: tuple = ()
    query: str = ""
    sends: dict = field(default_factory=dict)
    # The tables that a POST may change.
    changes: tuple[str, ...] = ()
    # The answers to those who may, and to other staff.
    opened: int = 200
    done: int = 302
    refused: int = 403


_AUTOCOMPLETE = "app_label=news&model_name=listentry&field_name=article"
_NEW_PASSWORD = {
    "new_password1": "mot cau du dai 9",
    "new_password2": "mot cau du dai 9",
}

VIEWS = {
    "index": View(STAFF_ONLY),
    "jsi18n": View(STAFF_ONLY),
    "logout": View(NOBODY, STAFF_ONLY, done=200, changes=("portal.Session",)),
    "password_change": View(
        STAFF_ONLY,
        STAFF_ONLY,
        sends={"old_password": "cu"} | _NEW_PASSWORD,
        changes=("portal.User", "portal.Session"),
    ),
    "password_change_done": View(STAFF_ONLY),
    "auth_user_password_change": View(
        ADMINISTRATOR,
        ADMINISTRATOR,
        args=("{colleague}",),
        sends=_PASSWORD,
        changes=("portal.User", "portal.Session"),
    ),
    "autocomplete": View(REPORTER, query=_AUTOCOMPLETE),
    "app_list": View(REPORTER, args=("news",), refused=404),
    "stats:dashboard": View(SECRETARY),
    "stats:content": View(SECRETARY, query="list=by-unit&days=90"),
    "stats:content_file": View(ADMINISTRATOR, args=("csv",)),
    "stats:report": View(SECRETARY, query="ky=2026-Q1"),
    "stats:report_file": View(ADMINISTRATOR, query="ky=2026-02"),
    "stats:export": View(
        ADMINISTRATOR,
        query="table=days&first=01/02/2026&last=02/02/2026&form=json",
    ),
    # Its answer is kept beside the spool, in no table.
    "stats:check": View(NOBODY, SECRETARY),
    "health:panel": View(ADMINISTRATOR),
    "notices:list": View(STAFF_ONLY),
    # A colleague's is nobody else's.
    "notices:open": View(STAFF_ONLY, args=("{notice}",), opened=404),
    "notices:read": View(NOBODY, STAFF_ONLY, args=("{notice}",), done=404),
    "notices:read_all": View(NOBODY, STAFF_ONLY, sends={"newest": "0"}),
    "notices:mail": View(
        NOBODY, STAFF_ONLY, sends={"by_mail": "0"}, changes=("portal.User",)
    ),
    "sessions:mine": View(STAFF_ONLY),
    # A colleague's is nobody else's.
    "sessions:end": View(NOBODY, STAFF_ONLY, sends={"session": "{session}"}, done=404),
    "sessions:everybody": View(ADMINISTRATOR),
    "sessions:end_any": View(
        NOBODY,
        ADMINISTRATOR,
        sends={"session": "{session}"},
        changes=("portal.Session",),
    ),
    "sessions:lockouts": View(ADMINISTRATOR),
    "sessions:release": View(
        NOBODY,
        ADMINISTRATOR,
        sends={"attempt": "{attempt}", "address": "203.0.113.9"},
        changes=("axes.AccessAttempt",),
    ),
    # Without a password given a short while ago they lead to where it is asked for.
    "secondfactor:overview": View(STAFF_ONLY),
    "secondfactor:password": View(
        STAFF_ONLY, STAFF_ONLY, sends={"password": "cu"}, changes=("portal.Session",)
    ),
    "secondfactor:add_app": View(STAFF_ONLY, STAFF_ONLY, opened=302),
    "secondfactor:add_passkey": View(STAFF_ONLY, STAFF_ONLY, opened=302),
    "secondfactor:creation_options": View(STAFF_ONLY, STAFF_ONLY, opened=302),
    "secondfactor:recovery_codes": View(STAFF_ONLY, STAFF_ONLY, opened=302),
    "secondfactor:device": View(STAFF_ONLY, STAFF_ONLY, ("app", 1), opened=302),
    # Nothing is left to confirm.
    "sign_in:confirm": View(STAFF_ONLY, STAFF_ONLY, opened=302),
    "portal_user_second_factor": View(
        ADMINISTRATOR,
        ADMINISTRATOR,
        args=("{colleague}",),
        sends={"reason": "Mất máy"},
        changes=("portal.Session", "portal.User"),
    ),
    "portal_auditentry_export": View(ADMINISTRATOR, args=("csv",)),
    "search_soughtwords_export": View(EDITOR, args=("csv",)),
    "news_article_plan": View(REPORTER),
    "news_article_export": View(REPORTER, args=("csv",)),
    "news_article_changelist": View(REPORTER),
    "news_article_add": View(
        REPORTER, REPORTER, changes=("news.Article", "news.Revision")
    ),
    "news_article_autosave_new": View(NOBODY, REPORTER, done=400),
    "news_article_check": View(NOBODY, REPORTER, done=200),
    "news_article_paste": View(NOBODY, REPORTER, done=400),
    "news_article_links": View(REPORTER),
    "news_article_embed": View(STAFF_ONLY),
    "news_article_kept": View(
        *(STAFF_ONLY, STAFF_ONLY, ("{token}",)), opened=404, done=404
    ),
    "news_article_word": View(REPORTER, REPORTER),
    "news_article_word_review": View(
        *(REPORTER, REPORTER, ("no-such-token",)), opened=302
    ),
    "news_article_word_picture": View(REPORTER, args=("no-such-token", 1), opened=404),
    "news_image_library": View(
        REPORTER, REPORTER, sends={"image": "{image}", "title": "Tên khác"}, done=200,
        changes=("news.Image",),
    ),
}  # fmt: skip
# Django's own pages that take a POST as a look; ours answer 405.
TAKES_POST_AS_LOOK = {
    *("index", "app_list", "password_change_done", "news_article_changelist"),
    *("news_article_history", "view_on_site"),
}
# Open to everybody: the door itself.
OPEN = {"login", "sign_in:request_options", "sign_in:with_passkey"}
# Nothing is there: they send staff on, or answer 404.
EMPTY = {"(?P<url>.*)$"}

# One article


@dataclass(frozen=True)
class ArticleView:
    """The word of ARTICLES that GET and POST ask for; "" where there is no such method.

    Who may not even see the article is told 403, 404 or, Django's way, led to the desk.
    """

    get: str = ""
    post: str = ""
    # After the article's number in the address; it has the revisions 0 and 1.
    args: tuple = ()
    opened: int = 200
    refused: int = 403
    sends: dict = field(default_factory=dict)
    done: int = 200
    changes: tuple[str, ...] = ()


ARTICLE_VIEWS = {
    # Its POST has a walk of its own: each button, with forged fields.
    "news_article_change": ArticleView("view"),
    "news_article_history": ArticleView("history"),
    "news_article_compare": ArticleView("history", args=(0, 1)),
    # Without the version it was read at it only asks again.
    "news_article_restore": ArticleView("history", "bring back", args=(0,)),
    "news_article_leader": ArticleView(
        *("follow", "share"),
        sends={"leader": "Giám đốc", "days": "7"},
        done=302,
        changes=("news.LeaderLink",),
    ),
    "news_article_preview": ArticleView("view"),
    "news_article_delete": ArticleView(
        *("delete", "delete"),
        sends={"post": "yes"},
        done=302,
        changes=("news.Article", "news.Revision"),
    ),
    "news_article_autosave": ArticleView(post="change", done=400),
    "view_on_site": ArticleView("view", opened=302),
}
# The page of each act is one address: all of them are walked.
ACT_VIEW = "news_article_act"
_NOTED = {"apply": "1", "act-note": "Lý do"}
ARTICLE_ACTIONS = {
    # action of the list: (word, what its page asks for)
    "submit_selected": ("submit", {}),
    "return_selected": ("return", _NOTED),
    "approve_selected": ("approve", {}),
    "publish_selected": ("publish", {}),
    "withdraw_selected": ("withdraw", _NOTED | {"act-kind": "gone"}),
    "trash_selected": ("trash", _NOTED),
    "restore_selected": ("restore", {}),
    "move_selected": ("move", {"apply": "1", "category": "{other}"}),
    "place_selected": ("place", {"apply": "1", "list": "hot"}),
    "export_xlsx": ("", {}),
    "export_csv": ("", {}),
    "delete_selected": ("delete", {"post": "yes"}),
}
# Actions of other lists besides deleting: the least role.
ACTIONS = {"stats_ledgerentry.undo": ADMINISTRATOR}

_WAITING = "view change recall return approve publish trash"
_WRITTEN = "view change submit publish trash"
_LIVE = "view revise reschedule withdraw"
# What may be done at a site of one step, by three kinds of people: a reporter, an
# editor (a limited one too, inside his sections), a limited editor outside of them.
# Secretaries do as editors; administrators too, and delete for good what is binned.
ARTICLES = {
    "own draft": ("view change submit trash", _WRITTEN, "view"),
    "own in_review": ("view change recall trash", _WAITING, "view"),
    "own returned": ("view change submit trash", _WRITTEN, "view"),
    "own approved": ("view", "view change return publish trash", "view"),
    "own published": ("view revise", _LIVE, "view"),
    "own scheduled": ("view revise", _LIVE, "view"),
    "own urgent": ("view revise", f"{_LIVE} confirm", "view"),
    "own withdrawn": ("view", _WRITTEN, "view"),
    "own trashed": ("view restore", "view restore", "view"),
    "own copy": (
        *("view change submit discard", "view change submit publish discard"),
        "view",
    ),
    "other's draft": ("", _WRITTEN, ""),
    "other's in_review": ("", _WAITING, ""),
    "other's returned": ("", _WRITTEN, ""),
    "other's approved": ("", "view change return publish trash", ""),
    "other's published": ("view", _LIVE, "view"),
    "other's scheduled": ("", _LIVE, ""),
    "other's urgent": ("view", f"{_LIVE} confirm", "view"),
    "other's withdrawn": ("", _WRITTEN, ""),
    "other's trashed": ("", "view restore", ""),
    "other's copy": ("", "view change submit publish discard", ""),
    # Moved in the copy from a section outside into one inside.
    "other's moved copy": ("", "view change submit publish discard", "view"),
}


def allowed(person: str, kind: str, *, outside: bool = False) -> set[str]:
    """Return the words that are true for `person` about an article of `kind`."""
    if person == "groupless":
        return set()
    reporter, editor, limited = ARTICLES[kind]
    words = reporter if person == "reporter" else limited if outside else editor
    found = set(words.split())
    if person == "administrator" and "restore" in found:
        found.add("delete")
    is_own = kind.startswith("own ")
    is_editor = person != "reporter" and not outside
    if "view" in found and (is_own or is_editor):
        found.add("history")
    if "history" in found and found & {"change", "revise"}:
        found.add("bring back")
    if "view" in found and (is_editor or (is_own and not outside)):
        found.add("follow")
    if found & {"change", "approve", "publish"}:
        found.add("share")
    if found & {"change", "withdraw"}:  # before readers an editor's, too
        found.add("move")
    if has_rank(person, SECRETARY) and not kind.endswith(("copy", "trashed")):
        found.add("place")
    return found


def expected_views() -> set[str]:
    """Return the names of all views, or the route of one without a name."""
    pages = ("changelist", "add", "history", "delete", "change")
    found = {f"{model}_{page}" for model in MODELS for page in pages}
    found |= {
        f"{model.replace('_', '/', 1)}/<path:object_id>/"
        for model in (*MODELS, "news_article")
    }
    return found | {ACT_VIEW} | set(VIEWS) | set(ARTICLE_VIEWS) | OPEN | EMPTY
