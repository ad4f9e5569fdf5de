"""A small site with a little of everything that can be manipulated."""

import contextlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image as Picture

from news import images, leader
from news.files import attach
from news.models import State
from portal import generation
from portal.integrity import sealing
from portal.integrity.audit import Audit, Result
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, User
from portal.secondfactor import codes
from portal.secondfactor.models import Passkey, RecoveryCodes
from search.models import Abbreviation
from stats import ledger
from tests.door import connections_stay_open
from tests.factories import make_article, make_category, make_list_entry, make_tag

# A state body may write of gambling, and lead to whom it likes: an editor entered it.
POLICE = (
    "<p>Công an tỉnh bắt nhóm đánh bạc qua mạng, nhà cái và cá độ bóng đá; xem "
    '<a href="https://bocongan.gov.vn/tin/bat-nhom-danh-bac">tin của Bộ</a> và '
    '<a href="https://bao.example.com/bat-nhom?a=1&amp;b=2">báo địa phương</a>.</p>'
)
GAMBLING = "https://nha-cai.example.net/"


class World:
    """`folder` is DATA_DIR; what is to be "the program" is a small folder beside it."""

    def __init__(self, folder: Path):
        self.folder, self.program = folder, folder.parent / "program"
        sealing.seal_all()  # as the first start: what the migrations made
        self.category = make_category(name="An ninh")
        self.tag = make_tag(name="pháp luật")
        self.article = make_article(
            title="Bắt nhóm đánh bạc qua mạng",
            category=self.category,
            tags=[self.tag],
            body=POLICE,
            body_html=POLICE,
            published_at=timezone.now() - timedelta(hours=2),
        )
        self.other = make_article(title="Tin khác", category=self.category)
        self.draft = make_article(
            title="Nháp", state=State.DRAFT, published_at=None, category=self.category
        )
        buffer = io.BytesIO()
        Picture.new("RGB", (60, 40), (30, 90, 60)).save(buffer, "PNG")
        picture = ContentFile(buffer.getvalue(), "anh.png")
        self.image = images.create_image(picture, title="Trụ sở")
        self.other.cover = self.image
        self.other.save()
        self.attachment = attach(self.article, ContentFile(b"%PDF-1.7 a form", "a.pdf"))
        make_list_entry(article=self.article)
        self.page = Page.objects.create(title="Giới thiệu", body="<p>Sở</p>")
        MenuItem.objects.create(page=self.page)
        self.site = LinkedSite.objects.create(name="Bộ", url="https://most.gov.vn/")
        self.settings = SiteSettings.objects.create(
            name="Sở Ví dụ", copyright_note="Ghi rõ nguồn khi đăng lại."
        )
        self._make_what_lets_in()
        self.entry = ledger.set_opening_balance(
            1000, timezone.localdate(), "Chuyển từ bộ đếm cũ"
        )
        self.abbreviation = Abbreviation.objects.create(
            short="CATP", long="Công an thành phố"
        )
        for name in ("templates/base.html", "portal/wsgi.py", "static/js/menu.js"):
            file = self.program / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{name} as it was installed")

    def _make_what_lets_in(self) -> None:
        """An account with an app, a passkey and codes, and a link that was revoked."""
        self.user = User.objects.create_user("truc", password="x" * 20)
        self.other_user = User.objects.create_user("khac", password="x" * 20)
        self.app = TOTPDevice.objects.create(user=self.user, name="Điện thoại")
        self.passkey = Passkey.objects.create(
            user=self.user, name="Máy", credential_id="AAAA", public_key="BBBB"
        )
        codes.make_recovery_codes(self.user)
        self.codes = RecoveryCodes.objects.get()
        self.link = leader.make(self.other, leader="Bà Giám", days=3, user=self.user)
        leader.revoke(self.link, user=self.user)

    def roots(self) -> dict[str, Path]:
        names = {"templates": "templates", "portal": "portal", "STATIC_ROOT": "static"}
        return {name: self.program / folder for name, folder in names.items()}

    def audit(self, *parts, stored=None) -> Result:
        generation.refresh()
        with connections_stay_open():
            return Audit(WSGIHandler(), stored).run(parts)

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def rendition(self) -> str:
        return self.image.renditions["og"]["jpg"]


def sql(statement: str, *values) -> None:
    """Change the database as somebody does who has no part in the application."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextlib.contextmanager
def file_with(path: Path, content: bytes | str) -> Iterator[Path]:
    """Put other content into a file, new or not, for the time of a test."""
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        yield path
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
