"""`make lint`: format, lint, templates, migrations and deployment settings."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable


def templates() -> list[str]:
    files = subprocess.run(
        ["git", "ls-files", "*.html"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    return files or [str(p) for p in (ROOT / "templates").rglob("*.html")]


def steps(data_dir: str):
    """Yield (name, command, extra environment) of each check."""
    public = {
        "DATA_DIR": data_dir,
        "BIND": "0.0.0.0",
        "SITE_URL": "https://portal.example.vn",
        "TRUSTED_PROXIES": "1",
        "SECRET_KEY": "only-for-this-check-" + "x" * 40,
    }
    yield "ruff check", [PYTHON, "-m", "ruff", "check", "."], {}
    yield "ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."], {}
    djade = [str(Path(PYTHON).with_name("djade")), "--check", "--target-version", "5.2"]
    yield "djade", [*djade, *templates()], {}
    yield (
        "makemigrations --check",
        [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
        {"DATA_DIR": data_dir},
    )
    yield (
        "check --deploy",
        [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        public,
    )


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as data_dir:
        for name, command, extra in steps(data_dir):
            print(f"--- {name}", flush=True)
            environment = {**os.environ, **extra}
            if subprocess.run(command, cwd=ROOT, env=environment).returncode:
                failed.append(name)
    print(f"lint: không đạt {', '.join(failed)}" if failed else "lint: đạt")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
