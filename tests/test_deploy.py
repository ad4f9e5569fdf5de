"""What lies in deploy/ and around it says the same as the program and keeps its word.

No image is built here and no systemd runs: what can be read without them is.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from portal import security, serve
from search import extraction

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "portal.service").read_text()
UNITS = sorted(path.name for path in DEPLOY.glob("portal*.service"))
KINDS = ("service", "socket", "timer")
NIGHTLY = [name for name in UNITS if name != "portal.service"]
PROGRAM = "/srv/portal/app/.venv/bin/python"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
NGINX = (DEPLOY / "nginx.conf").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
VARIABLES = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.M))
ANALYZE = shutil.which("systemd-analyze")


# systemd


def unit_settings(name: str = "portal.service") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    text = (DEPLOY / name).read_text()
    for setting, value in re.findall(r"^(\w+)=(.*)$", text, re.M):
        found.setdefault(setting, []).append(value)
    return found


@pytest.fixture
def units(tmp_path):
    """The folder of the units as they are on a host: their program exists."""
    for file in [f for kind in KINDS for f in DEPLOY.glob(f"portal*.{kind}")]:
        text = file.read_text().replace(PROGRAM, sys.executable)
        # systemd makes one of a template when it is asked for.
        name = file.name.replace("@.", "@portal-backup.")
        (tmp_path / name).write_text(text)
    return tmp_path


needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="không có systemd-analyze (Debian: apt-get install systemd)"
)


@needs_systemd
def test_systemd_understands_every_line_of_the_units(units):
    said = subprocess.run(
        [ANALYZE, "verify", "--man=no", *sorted(map(str, units.iterdir()))],
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr.strip()) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_the_units_well_locked_up(units, name):
    """The exposure is below 2.0 of 10; a unit without restrictions has 9.6."""
    unit = units / name.replace("@.", "@portal-backup.")
    said = subprocess.run(
        [
            ANALYZE,
            "security",
            "--offline=true",
            "--threshold=20",
            "--no-pager",
            str(unit),
        ],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout[-500:] + said.stderr


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_lets_nothing_be_written_but_the_data(name):
    found = unit_settings(name)
    assert found["ProtectSystem"] == ["strict"]
    assert found["ReadWritePaths"] == ["/srv/portal/data"]
    assert found["CapabilityBoundingSet"] == [""] == found["AmbientCapabilities"]
    assert found["NoNewPrivileges"] == ["true"]
    environment = " ".join(found["Environment"])
    assert "DATA_DIR=/srv/portal/data " in environment
    assert "STATIC_ROOT=/srv/portal/data/" in environment
    assert {n for n, _ in re.findall(r"(\w+)=(\S+)", environment)} <= VARIABLES


@pytest.mark.parametrize("name", NIGHTLY)
def test_what_runs_by_night_has_the_sandbox_of_the_portal(name):
    unit = unit_settings()
    names = list(unit)
    sandbox = names[names.index("ProtectSystem") : names.index("SystemCallErrorNumber")]
    found = unit_settings(name)
    assert len(sandbox) > 20 and found["User"] == unit["User"]
    assert {n: found.get(n) for n in sandbox} == {n: unit[n] for n in sandbox}


@pytest.mark.parametrize("name", NIGHTLY)
def test_what_runs_by_night_is_a_command_that_there_is(name):
    for line in unit_settings(name)["ExecStart"]:
        program, manage, command, *arguments = line.split()
        assert (program, manage) == (PROGRAM, "manage.py")
        loaded = load_command_class(get_commands()[command], command)
        loaded.create_parser("manage.py", command).parse_args(arguments)


def test_the_sums_of_visits_are_proved_each_night_after_the_audit():
    """What a unit of one shot does in turn ends at the first error."""
    lines = unit_settings("portal-audit.service")["ExecStart"]
    assert [line.split()[2] for line in lines] == ["audit_site", "stats_verify"]


def test_what_fails_by_night_is_mailed():
    for name in ("portal-audit.service", "portal-backup.service"):
        assert unit_settings(name)["OnFailure"] == ["portal-failed@%N.service"]
    found = unit_settings("portal-failed@.service")
    assert "OnFailure" not in found, "a mail that fails is no reason for another"
    assert found["ExecStart"] == [f"{PROGRAM} manage.py mail_failure %i"]
    # Findings are no failure: they have a mail of their own.
    assert "--fail" not in unit_settings("portal-audit.service")["ExecStart"][0].split()


@pytest.mark.parametrize("name", ["portal-audit", "portal-backup"])
def test_a_timer_starts_its_unit_at_night_also_when_the_machine_was_off(name):
    text = (DEPLOY / f"{name}.timer").read_text()
    assert f"{name}.service" in UNITS
    hour = re.search(r"^OnCalendar=\*-\*-\* 0([0-4]):\d\d:00 Asia", text, re.M)
    assert hour and "\nPersistent=true\n" in text


def test_the_port_that_systemd_holds_is_that_of_the_settings_and_of_nginx():
    held = unit_settings("portal.socket")
    example = dict(re.findall(r"^(BIND|PORT|WORKERS)=(.*)$", EXAMPLE, re.M))
    place = f"{example['BIND']}:{example['PORT']}"
    assert held["ListenStream"] == [place] * int(example["WORKERS"])
    assert held["ReusePort"] == ["true"], "or it could not be opened twice"
    assert f"    server {place} max_fails=0;\n" * 2 in NGINX
    assert unit_settings()["Requires"] == ["portal.socket"]


def test_a_command_by_hand_runs_as_the_portal_does():
    """portal-manage is a shell script that systemd-run understands."""
    script = DEPLOY / "portal-manage"
    said = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")
    text, unit = script.read_text(), unit_settings()
    assert f"--uid={unit['User'][0]} --gid={unit['Group'][0]} " in text
    for setting in ("UMask", "EnvironmentFile", "NoNewPrivileges"):
        assert f"--property={setting}={unit[setting][0]} " in text
    said = re.findall(r"--setenv=(\S+)", text)
    assert " ".join(said) == unit["Environment"][0]
    assert f"folder={unit['WorkingDirectory'][0]}\n" in text


def test_the_unit_starts_what_the_program_offers():
    found = unit_settings()
    flags = {line.split()[-1] for line in (*found["ExecStartPre"], *found["ExecStart"])}
    assert flags == {"--prepare", "--serve"}
    assert all(flag in Path(serve.__file__).read_text() for flag in flags)


def test_a_file_being_read_may_limit_its_own_process():
    """search.extraction calls setrlimit, which the unit must not forbid."""
    assert (
        extraction.MEMORY_BYTES
        and "setrlimit" in extraction.limit_process.__code__.co_names
    )
    refused = " ".join(v for v in unit_settings()["SystemCallFilter"] if v[0] == "~")
    assert "@resources" not in refused


# nginx


def test_nginx_sends_the_policies_of_the_program():
    assert f'~^own "{security.policy()}";' in NGINX
    assert f'own "{security.PERMISSIONS_POLICY}";' in NGINX


def test_every_header_of_the_program_is_in_the_snippet_of_nginx():
    snippet = (DEPLOY / "nginx-headers.conf").read_text()
    sent = set(re.findall(r"^add_header ([\w-]+) \$(?:\w+) always;$", snippet, re.M))
    own = set(security.headers()) | {"Strict-Transport-Security"}
    assert sent == own | {"Allow", "Retry-After"}
    values = set(re.findall(r"\$(\w+)", snippet.split("\n", 3)[3]))
    assert values <= set(re.findall(r"^map \S+ \$(\w+) \{$", NGINX, re.M))


def test_a_location_with_a_header_of_its_own_has_the_others_too():
    """nginx forgets inherited headers where one is added."""
    for block in re.split(r"\n    location ", NGINX)[1:]:
        block = block.split("\n    location ")[0]
        if "add_header " in block:
            assert "include snippets/portal-headers.conf;" in block, block[:60]
        if "proxy_pass " in block and "error_page " in block:
            assert "429 @busy" in block and "413 @too_large" in block, block[:60]


def rate(zone: str) -> float:
    return float(re.search(rf"zone={zone}:\w+ rate=(\d+)r/s", NGINX)[1])


def test_an_office_of_500_people_behind_one_address_is_not_shut_out():
    people = 500
    # All sign in within ten minutes; a tenth search within the same minute, and a
    # search is one page and eight suggestions.
    assert rate("portal_sign_in") >= people / 600
    assert rate("portal_searches") >= people / 10 / 60
    assert rate("portal_suggestions") >= people / 10 * 8 / 60
    assert int(re.search(r"limit_conn portal_busy (\d+);", NGINX)[1]) >= people / 5


# Containers


def copied() -> list[str]:
    """What the Dockerfile takes from this folder."""
    lines = re.findall(r"^COPY (?!--from)(.+) (\S+)$", DOCKERFILE, re.M)
    return [source for sources, _target in lines for source in sources.split()]


def test_everything_the_image_needs_is_there_and_let_through():
    assert all((ROOT / name).exists() for name in copied())
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*", "nothing by default"
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    assert let_through == set(copied())
    assert not any(name.startswith((".env", "var", ".git")) for name in copied())


def test_the_program_is_whole_with_what_the_image_has(tmp_path):
    app = tmp_path / "app"
    app.mkdir()
    for name in copied():
        source = ROOT / name
        skip = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, app / name, ignore=skip)
        else:
            shutil.copy(source, app / name)
    said = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi; print(portal.wsgi.__file__)"],
        cwd=app,
        env={"DATA_DIR": str(tmp_path / "data"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == str(app / "portal" / "wsgi.py"), said.stderr[-2000:]


def test_the_image_has_a_python_that_fits_and_its_user_is_not_root():
    versions = set(re.findall(r"^FROM python:(\d+)\.(\d+)-slim", DOCKERFILE, re.M))
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert wanted["requires-python"] == ">=3.11"
    assert len(versions) == 1 and all(int(minor) >= 11 for _, minor in versions)
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.M)
    assert users == ["portal"]
    after = DOCKERFILE.split("USER portal")[1]
    assert "RUN" not in after and "COPY" not in after
    assert "--require-hashes" in DOCKERFILE and "--only-binary :all:" in DOCKERFILE
    assert not re.search(r"curl|wget|https?://", DOCKERFILE)


def test_settings_of_the_containers_are_those_of_the_program():
    said = re.search(r"^ENV PATH.*?(?=^USER)", DOCKERFILE, re.M | re.S)[0]
    names = set(re.findall(r"\b([A-Z_]+)=", said))
    assert names - {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"} <= VARIABLES
    portal = re.search(r"^  portal:\n(.*?)^  database:", COMPOSE, re.M | re.S)[1]
    block = portal.split("environment:")[1].split("volumes:")[0]
    assert set(re.findall(r"^      ([A-Z_]+):", block, re.M)) <= VARIABLES
    # What compose takes from .env beyond the program's own.
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) == {
        *("POSTGRES_PASSWORD", "CERTIFICATES", "ACME_FOLDER")
    }
    assert "${POSTGRES_PASSWORD:?}" in COMPOSE, "no password by default"


def test_the_containers_are_read_only_without_rights_and_look_after_themselves():
    services = re.split(r"^  (?=\w+:$)", COMPOSE.split("services:")[1], flags=re.M)[1:]
    services = [s.split("\nnetworks:")[0] for s in services if "image:" in s]
    assert len(services) == 3
    for service in services:
        assert "<<: *sandbox" in service
        assert "cap_add" not in service and "privileged" not in service
        assert "healthcheck:" in service or "build: ." in service
    shared = COMPOSE.split("services:")[0]
    for promise in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
        assert promise in shared
    assert "HEALTHCHECK" in DOCKERFILE and "EXPOSE 8000" in DOCKERFILE
    assert re.findall(r'^      - "(\d+:\d+)"$', COMPOSE, re.M) == ["80:80", "443:443"]
    for image in re.findall(r"^    image: (\S+)", COMPOSE, re.M):
        assert image == "cong-tin" or re.fullmatch(r"\w+:\d+(\.\d+)?-bookworm", image)


def test_containers_without_rights_of_root_can_write_their_tmpfs():
    """Docker gives one to root, with the mode that its folder has in the image."""
    lists = re.findall(r"^    tmpfs:.*\n((?:      - .*\n)+)", COMPOSE, re.M)
    folders = [line.split()[1] for part in lists for line in part.splitlines()]
    assert len(lists) == 3 and "/var/cache/nginx:mode=1777" in folders
    assert all(":mode=1777" in folder for folder in folders)


def test_what_compose_mounts_exists_or_is_the_operators():
    for source in re.findall(r"^      - \./(\S+?):", COMPOSE, re.M):
        assert source == "nginx-site.conf" or (ROOT / source).is_file()
    assert "10001" in DOCKERFILE and 'user: "101:10001"' in COMPOSE


@pytest.mark.parametrize(("answer", "status"), [(b"HTTP/1.1 200 OK", 0), (None, 1)])
def test_the_health_check_tells_a_ready_portal_from_none(answer, status):
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve_once():
            connection, _ = server.accept()
            with connection:
                assert b"GET /readyz" in connection.recv(4096)
                connection.sendall(answer + b"\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve_once, daemon=True)
        if answer:
            thread.start()
        else:
            server.close()
        said = subprocess.run(
            [sys.executable, str(DEPLOY / "healthcheck.py")],
            env={"PORT": str(port)},
            capture_output=True,
        )
        assert said.returncode == status
        if answer:
            thread.join(timeout=10)


# Debian's security updates


NEEDRESTART = """
our %nrconf = (restart => 'i', override_rc => {qr(^dbus) => 0});
my $file = shift; my $text = do { local (@ARGV, $/) = $file; <> };
eval $text; die $@ if $@;
for my $service (@ARGV) {
    my $restart = 1;  # as needrestart itself goes through its table
    for my $pattern (keys %{$nrconf{override_rc}}) {
        next unless $service =~ /$pattern/;
        $restart = $nrconf{override_rc}->{$pattern}; last;
    }
    print "$service\\n" if $restart and $nrconf{restart} eq 'a';
}
"""


def test_a_library_that_was_replaced_restarts_services_and_cuts_no_work_off():
    """needrestart's own default lists only, when nobody sits there."""
    perl = shutil.which("perl")  # dpkg needs it, so every Debian has it
    if perl is None:
        pytest.skip("không có perl")
    kept = ["portal-backup.service", "portal-audit.service", "run-u12.service"]
    restarted = ["portal.service", "nginx.service", "postgresql@15-main.service"]
    file = DEPLOY / "52portal-needrestart.conf"
    said = subprocess.run(
        [perl, "-we", NEEDRESTART, str(file), *kept, *restarted, "dbus.service"],
        capture_output=True,
        text=True,
    )
    assert (said.stdout.split(), said.stderr) == (restarted, "")


def test_nginx_hands_its_ports_over_when_a_library_was_replaced():
    """Stopped and started by needrestart it refused 3 readers of 1,455, in a trial."""
    script = DEPLOY / "portal-needrestart-nginx"
    said = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")
    text = script.read_text()
    place = re.search(r"^# (/etc/needrestart/restart.d/\S+): ", text, re.M)[1]
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert f"install -m 0755 deploy/{script.name} {place}\n" in operations
    assert text.endswith("service nginx upgrade\n")


def test_apt_understands_what_it_is_given():
    apt_config = shutil.which("apt-config")
    if apt_config is None:
        pytest.skip("không có apt-config (Debian: apt)")
    file = DEPLOY / "52portal-unattended-upgrades"
    said = subprocess.run(
        [apt_config, "-c", str(file), "dump"], capture_output=True, text=True
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert 'APT::Periodic::Unattended-Upgrade "1";' in said.stdout
    assert 'Unattended-Upgrade::Automatic-Reboot-Time "04:30";' in said.stdout
    found = re.findall(r'Unattended-Upgrade::Origins-Pattern:: "(.+)";', said.stdout)
    assert found and all("label=Debian-Security" in one for one in found)
    assert "\n#clear Unattended-Upgrade::Origins-Pattern;\n" in file.read_text()


def test_every_file_that_debian_reads_is_put_in_place_by_the_walk_through():
    operations = (ROOT / "docs" / "operations.md").read_text()
    for file in DEPLOY.glob("52portal-*"):
        place = re.search(r"^(?://|#) (/etc/\S+/)" + file.name, file.read_text())[1]
        assert f"cp deploy/{file.name} {place}\n" in operations
