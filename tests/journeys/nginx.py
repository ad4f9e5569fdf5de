"""A real nginx with deploy/nginx.conf, filled in as docs/operations.md says."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.conftest import ROOT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
MAIN = """
{modules}
daemon off; {user} worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    include {folder}/portal.conf;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
}}
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_from_disk(self) -> bool:
        """nginx makes its ETag of time and length, the application of a digest."""
        etag = self.headers.get("etag", "")
        return bool(re.fullmatch(r'"[0-9a-f]{1,8}-[0-9a-f]+"', etag))


def ask(port: int, path: str, method="GET", tls=False, body=None, **headers) -> Answer:
    """Return the answer as it is, names of headers in lower case."""
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.timeout = 30
    with contextlib.closing(connection):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())


def filled_in(data_dir: Path, app_port: int, port: int, tls_port: int = 0) -> str:
    """Return deploy/nginx.conf as an operator fills it in, on a loopback port.

    With `tls_port`, as he turns TLS on; certificate and key are in `data_dir`.
    """
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    if tls_port:
        text = re.sub(r".*# without TLS\n", "", text)
        text = text.replace("#tls ", "")
        text = text.replace("listen 443", f"listen 127.0.0.1:{tls_port}")
        text = text.replace("/etc/ssl/portal", str(data_dir))
    text = re.sub(r".*listen \[::\].*\n", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    text = text.replace("server 127.0.0.1:8000 ", f"server 127.0.0.1:{app_port} ")
    text = text.replace("/srv/portal/data", str(data_dir))
    text = text.replace("/var/log/nginx/", "")  # beside its configuration
    return text.replace("so.tinh.gov.vn", "127.0.0.1")


class Nginx:
    """nginx in processes of its own, ended by its process id."""

    def __init__(self, folder: Path, text: str, port: int, modules=()):
        self.folder, self.port, self.process = folder, port, None
        (folder / "snippets").mkdir(parents=True, exist_ok=True)
        shutil.copy(
            ROOT / "deploy" / "nginx-headers.conf",
            folder / "snippets" / "portal-headers.conf",
        )
        (folder / "portal.conf").write_text(text)
        loaded = "".join(f"load_module {module};\n" for module in modules)
        # As root, as which CI runs, the workers would not reach pytest's folders.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            MAIN.format(folder=folder, user=user, modules=loaded)
        )

    @contextlib.contextmanager
    def running(self):
        command = [
            *(NGINX, "-c", str(self.folder / "nginx.conf")),
            *("-e", str(self.folder / "error.log"), "-p", str(self.folder)),
        ]
        with open(self.folder / "said.txt", "ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            self._wait()
            yield self
        finally:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                ask(self.port, "/khong-co")
                return
            time.sleep(0.1)
        said = (self.folder / "said.txt").read_text()
        raise AssertionError(f"no nginx:\n{said}")
