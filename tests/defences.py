"""`make defences`: each defence is taken out of a copy, and its test has to notice.

    python -m tests.defences [WORDS, of which a name has one]

A test that passes with and without the defence it is about shows nothing. So `text`,
which stands once in `file`, becomes `without`, and `test` is run alone, in a process of
its own: it must fail by what it looks at, not because the program no longer loads. That
costs some seconds each, so it is no part of `make test`; tests/test_architecture.py
says when a text or a test has gone. Not all that is tested stands here, but one or more
of each row of docs/safety.md that a fast test on SQLite shows.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 120  # for one test: without a defence it may wait for ever
SEEN = "seen to fail"
FAILED = re.compile(r"^FAILED ", re.M)
# The change was wrong, and the failure says nothing of the defence.
BROKEN = re.compile(r"^E +(?:Syntax|Indentation|Name|Import|UnboundLocal)Error", re.M)


class Defence(NamedTuple):
    name: str
    file: str
    text: str
    without: str
    test: str


DEFENCES = [
    # No script from content ever runs
    Defence("sanitiser: only listed elements and attributes", "news/html.py",
            "_cleaner.clean(within_limits(html))", "within_limits(html)",
            "tests/news/test_html.py::test_hostile_input_comes_out_harmless"),
    Defence("policy: no script within a page", "portal/security.py",
            '"script-src": [SELF]', "\"script-src\": [SELF, \"'unsafe-inline'\"]",
            "tests/portal/test_headers.py::test_a_page_that_failed_has_every_header"),
    # Headers worth A+; no private byte in a shared cache
    Defence("headers on answers that Django does not make", "portal/security.py",
            "for name, pair in self._always", "for name, pair in ()",
            "tests/portal/test_headers.py::test_every_answer_has_every_header"),
    Defence("no-store in the back office", "portal/security.py",
            'NEVER_STORED = ("/admin/", "/xem-truoc/")', "NEVER_STORED = ()",
            "tests/portal/test_headers.py::test_what_is_one_persons_is_kept_by_nobody"),
    Defence("page cache: no Set-Cookie is kept", "portal/pagebytes.py",
            '"vary", "set-cookie", ', '"vary", ',
            "tests/portal/test_pagecache.py"
            "::test_a_cookie_that_a_page_sets_is_dropped"),
    Defence("page cache: what was the readers' moves it", "portal/signals.py",
            "instance.was_hidden and not (", "not (",
            "tests/portal/test_generation.py"
            "::test_the_way_to_readers_and_from_them_moves_it"),
    Defence("page cache: what a change overtakes is made anew", "portal/pagecache.py",
            "is_kept and _has_moved(edition)", "False",
            "tests/portal/test_pagecache.py"
            "::test_a_page_that_another_process_changes_meanwhile_is_made_anew"),
    # Bad input gets a plain answer; search never burns; overload
    Defence("limit of a body: 413", "portal/overload.py",
            "len(length) > 12 or int(length) > most", "False",
            "tests/portal/test_overload.py::test_what_is_too_large_is_refused_unread"),
    Defence("overload: only so many wait, the others get 503", "portal/overload.py",
            "len(self.queue) >= self.waiting[for_many]", "False",
            "tests/portal/test_overload.py::test_only_so_many_wait"),
    Defence("search: at most so many words", "search/request.py",
            "tokens = tokens[:left]", "pass",
            "tests/search/test_request.py::test_too_many_words_are_cut_and_said"),
    Defence("a statement of a reader ends", "portal/statement_limits.py",
            "ends is not None and time.monotonic() > ends", "False",
            "tests/portal/test_statement_limits.py"
            "::test_outside_of_a_request_nothing_ends"),
    # A stolen password is not enough
    Defence("lockout of a name at an address", "portal/sessions/lockout.py",
            "return seconds_left(name, request.axes_ip_address) > 0", "return False",
            "tests/portal/test_lockout.py"
            "::test_the_right_password_does_not_help_while_locked_and_does_after"),
    Defence("second factor: the password alone lets nobody in", "portal/admin_site.py",
            " and gate.is_in(request)", "",
            "tests/portal/test_secondfactor.py"
            "::test_a_demand_ends_the_sessions_that_do_not_meet_it"),
    Defence("second factor: demanded by role", "portal/secondfactor/gate.py",
            "if not known.has_factor and not known.is_required:", "if True:",
            "tests/portal/test_secondfactor.py"
            "::test_a_role_that_demands_it_leads_to_enrolment_and_then_in"),
    Defence("a recovery code works once", "portal/secondfactor/codes.py",
            "device.digests = left", "pass",
            "tests/portal/test_secondfactor.py"
            "::test_a_recovery_code_works_once_however_it_is_written"),
    Defence("a session ends when nobody does anything", "portal/sessions/models.py",
            "minutes=settings.SESSION_IDLE_MINUTES", "days=999",
            "tests/portal/test_sessions.py"
            "::test_a_session_ends_after_half_an_hour_without_doing_anything"),
    Defence("a session ends after its hours", "portal/sessions/models.py",
            "hours=settings.SESSION_HOURS", "days=999",
            "tests/portal/test_sessions.py"
            "::test_a_session_ends_after_twelve_hours_however_busy"),
    Defence("passwords have a length", "portal/passwords.py",
            "if len(normalized(password)) < least:", "if False:",
            "tests/portal/test_passwords.py"
            "::test_a_bad_password_is_refused_with_its_reason"),
    Defence("idle accounts are disabled", "portal/sessions/idle.py",
            "user.is_active, user.idle_from = False, None", "user.idle_from = None",
            "tests/portal/test_idle_accounts.py"
            "::test_who_has_not_signed_in_for_45_days_is_disabled"),
    # Roles hold on every path
    Defence("roles: rights end at the section", "news/permissions.py",
            "or article.category_id in limit", "or True",
            "tests/news/test_workflow.py::test_rights_end_at_the_section"),
    # Uploads cannot hurt
    Defence("uploads: judged by content and not by name", "news/files.py",
            "_suffix(file, PurePosixPath(name).suffix[1:].lower())", "name[-3:]",
            "tests/news/test_files.py::test_other_files_are_refused"),
    Defence("uploads: text that is SVG or HTML", "news/files.py",
            ' and not text.lstrip().startswith("<")', "",
            "tests/news/test_files.py::test_other_files_are_refused"),
    Defence("uploads: programs in a PDF", "news/files.py",
            'suffix == "pdf" and pdf.is_active(head + file.read())', "False",
            "tests/news/test_pdf.py"
            "::test_a_pdf_that_does_more_is_refused_in_a_sentence"),
    Defence("uploads: pixels are limited before decoding", "news/decode.py",
            "width * height > limit or max(width, height) > MAX_SIDE", "False",
            "tests/news/test_images.py"
            "::test_too_many_pixels_are_refused_before_one_is_decoded"),
    Defence("uploads: private until their article is public", "news/views.py",
            'article__in=Article.objects.published().values("pk")', "",
            "tests/news/test_files.py"
            "::test_files_of_articles_that_are_not_public_do_not_exist"),
    # Injected spam is found
    Defence("seals: a changed row", "portal/integrity/rows.py",
            "source.fits(key, *sealed, contents)", "True",
            "tests/portal/test_integrity.py"
            "::test_what_was_planted_is_named_with_its_place[title]"),
    Defence("seals: of this row and no other", "portal/integrity/keys.py",
            "canonical([name, contents])", "canonical(contents)",
            "tests/portal/test_integrity_seals.py"
            "::test_the_seal_of_another_row_does_not_fit"),
    Defence("seals: made with the secret key", "portal/integrity/keys.py",
            "secret=secret, algorithm", 'secret="known", algorithm',
            "tests/portal/test_integrity_seals.py"
            "::test_a_seal_made_with_another_key_does_not_fit"),
    Defence("audit_site: other pages for search engines",
            "portal/integrity/visiting.py",
            "if read.obeyed != plain.obeyed or read.body != plain.body", "if False",
            "tests/portal/test_integrity.py"
            "::test_what_was_planted_is_named_with_its_place[cloaked for a robot]"),
    Defence("audit_site: links that nobody entered", "portal/integrity/markup.py",
            "not may_lead_to(address, self.explains)", "False",
            "tests/portal/test_integrity_markup.py"
            "::test_what_no_page_of_ours_holds_is_named"),
    Defence("audit_site: files that no row names", "portal/integrity/folders.py",
            "found.append(Finding(kind, str(path), what, expected))", "pass",
            "tests/portal/test_integrity.py"
            "::test_what_was_planted_is_named_with_its_place[PHP among the pictures]"),
    Defence("links to domains that nobody vouched for", "news/link_check.py",
            "host != own_host and not is_under(host, TRUSTED)", "False",
            "tests/news/test_checklist.py"
            "::test_only_a_trusted_domain_and_what_is_below_it_is_trusted"),
    # Who did what is kept
    Defence("log: a change has an entry", "portal/audit/receivers.py",
            "if created or changes:", "if False:",
            "tests/portal/test_audit.py"
            "::test_adding_changing_and_deleting_say_what_was_and_what_is"),
    # Database away; disk full
    Defence("database away: the form is handed back", "portal/unavailable.py",
            "_sent(request) if is_form else []", "[]",
            "tests/portal/test_unavailable.py"
            "::test_what_an_editor_typed_comes_back_when_the_database_is_away"),
    Defence("disk full: no half file", "news/storage.py",
            "os.remove(path)", "pass",
            "tests/news/test_storage.py"
            "::test_a_file_for_which_there_is_no_room_leaves_nothing"),
    # A backup and an upgrade that are proved
    Defence("backup: a flipped byte", "portal/backup/archive.py",
            'digest.hexdigest() != self.manifest["members"][name][1]', "False",
            "tests/portal/test_backup_archive.py"
            "::test_no_flipped_byte_changes_what_is_read"),
    Defence("backup: a name that leads out of its folder", "portal/backup/archive.py",
            'and ".." not in path.parts', "",
            "tests/portal/test_backup_archive.py::test_a_hostile_member_is_refused"),
    Defence("backup --verify: rows that differ", "portal/backup/proving.py",
            "figures.get(table) != told.get(table)", "False",
            "tests/portal/test_backup.py"
            "::test_rows_that_are_not_those_backed_up_are_noticed"),
    Defence("restore: only into an empty place", "portal/backup/restoring.py",
            "if not is_harmless:", "if False:",
            "tests/portal/test_backup.py::test_a_place_that_is_not_empty_is_refused"),
    Defence("restore: the server refuses a half one", "portal/serve.py",
            "if is_unfinished(settings.DATA_DIR):", "if False:",
            "tests/portal/test_backup_command.py"
            "::test_the_server_refuses_a_half_restore"),
    Defence("upgrade: pages that differ need a word",
            "portal/management/commands/upgrade.py",
            "if not (found.is_same or accept or self.agrees()):", "if False:",
            "tests/portal/test_upgrade.py::test_pages_that_differ_need_a_word"),
    Defence("upgrade: the old version shows the same", "portal/upgrade/steps.py",
            "not is_stopped and (seen.rewritten or not seen.is_same)", "False",
            "tests/portal/test_upgrade.py"
            "::test_an_old_version_that_cannot_go_on_asks_to_be_stopped"),
    # The program can write nothing but its data
    Defence("sandbox: a unit writes its data alone", "deploy/portal.service",
            "ProtectSystem=strict", "ProtectSystem=false",
            "tests/test_deploy.py::test_a_unit_lets_nothing_be_written_but_the_data"),
    # No reader in a log; refuses to start unsafe; healthy or not
    Defence("log: no key of a leader's link", "portal/logs.py",
            '_KEYS.sub(r"\\1…", text)', "text",
            "tests/portal/test_logs.py"
            "::test_keys_of_leaders_and_addresses_of_people_are_left_out"),
    Defence("settings: a weak secret", "portal/settings.py",
            "IS_PUBLIC and _is_weak(SECRET_KEY)", "False",
            "tests/portal/test_settings.py"
            "::test_unsafe_or_wrong_setting_is_refused_naming_it"),
    Defence("readyz: a migration that is not applied", "portal/health.py",
            '"migrations: not all are applied" if plan else None', "None",
            "tests/portal/test_pages.py"
            "::test_readyz_notices_a_migration_that_was_not_applied"),
    Defence("metrics: for few networks", "portal/metrics.py",
            "return any(address in network for network in settings.METRICS_NETWORKS)",
            "return True",
            "tests/portal/test_metrics.py::test_only_networks_of_the_settings_see_it"),
    # Visits that one can defend
    Defence("visits: only pages that the site has printed", "stats/tokens.py",
            "if not _is_ours(message, mac, secrets):", "if False:",
            "tests/stats/test_beacon.py::test_a_page_nobody_printed_is_not_counted"),
    Defence("visits: one visitor makes at most so many", "stats/counting.py",
            "(begins and state.visits >= MAX_VISITS_A_DAY)", "False",
            "tests/stats/test_counting.py"
            "::test_one_visitor_cannot_make_more_than_300_views_or_60_visits_a_day"),
]  # fmt: skip


def copy_to(tree: Path) -> None:
    """Copy what git knows and the compiled catalogues: no secrets, data or caches."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.check_output(command, cwd=ROOT, text=True)
    catalogues = ROOT.glob("*/locale/*/LC_MESSAGES/*.mo")
    for path in [*(ROOT / name for name in listing.split("\0")), *catalogues]:
        if path.is_file():
            copy = tree / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


def run_tests(tree: Path, tests: list[str], seconds: float | None = None):
    """Return pytest's exit status and what it said; raises TimeoutExpired."""
    # A compiled file is known by the time and size of its source: both may stay.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-x", *tests],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip
    return done.returncode, done.stdout


def verdict(tree: Path, defence: Defence) -> str:
    """Take a defence out, run its test, put it back."""
    file = tree / defence.file
    whole = file.read_text()
    file.write_text(whole.replace(defence.text, defence.without))
    try:
        status, said = run_tests(tree, [defence.test], SECONDS)
    except subprocess.TimeoutExpired:
        return f"NOT JUDGED, no end within {SECONDS} s"
    finally:
        file.write_text(whole)
    if status == 0:
        return "STILL PASSES"
    # 1 is also the status of a fixture that fails.
    if status == 1 and FAILED.search(said) and not BROKEN.search(said):
        return SEEN
    return f"{said}\nNOT JUDGED, pytest ended with {status}"


def run(chosen: list[Defence], tree: Path) -> int:
    copy_to(tree)
    tests = sorted({defence.test for defence in chosen})
    status, said = run_tests(tree, tests)
    if status:
        print(f"{said}\nWith every defence in its place pytest ended with {status}.")
        return 1
    print(f"With every defence in its place all {len(tests)} tests pass.", flush=True)
    seen = 0
    for defence in chosen:
        found = verdict(tree, defence)
        seen += found == SEEN
        print(f"{found}: {defence.name}", flush=True)
    print(f"{seen} of {len(chosen)} seen to fail.")
    return int(seen < len(chosen))


def main(words: list[str]) -> int:
    chosen = [d for d in DEFENCES if not words or any(word in d.name for word in words)]
    if not chosen:
        print("No defence has such a name.", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="portal-defences-") as folder:
            return run(chosen, Path(folder))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
