"""Abbreviations that public bodies use, to begin with; editors keep the list from here.

Left out are short forms with too many meanings (CT, TT, KH, QĐ) and those that are a
common word without accents (TƯ, CA, AI): each search for them would find too much.
"""

from django.db import migrations

FIRST = """
ANTT = an ninh trật tự
ATGT = an toàn giao thông
ATTP = an toàn thực phẩm
ATTT = an toàn thông tin
BCĐ = Ban Chỉ đạo
BCH = Ban Chấp hành
BHTN = bảo hiểm thất nghiệp
BHXH = bảo hiểm xã hội
BHYT = bảo hiểm y tế
BTV = Ban Thường vụ
CBCC = cán bộ, công chức
CBCCVC = cán bộ, công chức, viên chức
CCB = Cựu chiến binh
CCHC = cải cách hành chính
CCVC = công chức, viên chức
CĐS = chuyển đổi số
CNCH = cứu nạn, cứu hộ
CNTT = công nghệ thông tin
CSDL = cơ sở dữ liệu
CSGT = cảnh sát giao thông
CTMTQG = chương trình mục tiêu quốc gia
ĐBQH = đại biểu Quốc hội
ĐMST = đổi mới sáng tạo
DNNVV = doanh nghiệp nhỏ và vừa
DTTS = dân tộc thiểu số
ĐTN = Đoàn Thanh niên
DVC = dịch vụ công
DVCTT = dịch vụ công trực tuyến
ĐVHC = đơn vị hành chính
GD&ĐT = Giáo dục và Đào tạo
GPMB = giải phóng mặt bằng
GTVT = giao thông vận tải
HĐND = Hội đồng nhân dân
HSSV = học sinh, sinh viên
HTX = hợp tác xã
KCN = khu công nghiệp
KH&CN = Khoa học và Công nghệ
KH&ĐT = Kế hoạch và Đầu tư
KHCN = Khoa học và Công nghệ
KT-XH = kinh tế - xã hội
KTXH = kinh tế - xã hội
LĐLĐ = Liên đoàn Lao động
LĐ-TB&XH = Lao động - Thương binh và Xã hội
LĐTBXH = Lao động - Thương binh và Xã hội
LHPN = Liên hiệp Phụ nữ
LLVT = lực lượng vũ trang
MTTQ = Mặt trận Tổ quốc
NCKH = nghiên cứu khoa học
NN&MT = Nông nghiệp và Môi trường
NN&PTNT = Nông nghiệp và Phát triển nông thôn
NQ/TW = Nghị quyết Trung ương
NSNN = ngân sách nhà nước
NTM = nông thôn mới
OCOP = mỗi xã một sản phẩm
PCCC = phòng cháy, chữa cháy
PCTN = phòng, chống tham nhũng
PCTT = phòng, chống thiên tai
QLNN = quản lý nhà nước
QPAN = quốc phòng, an ninh
QPPL = quy phạm pháp luật
SHTT = sở hữu trí tuệ
TAND = Tòa án nhân dân
THCS = trung học cơ sở
THPT = trung học phổ thông
TN&MT = Tài nguyên và Môi trường
TNCS = Thanh niên Cộng sản
TP.HCM = Thành phố Hồ Chí Minh
TPHCM = Thành phố Hồ Chí Minh
TTg = Thủ tướng Chính phủ
TTHC = thủ tục hành chính
TTXVN = Thông tấn xã Việt Nam
TT&TT = Thông tin và Truyền thông
TW = Trung ương
UBMTTQ = Ủy ban Mặt trận Tổ quốc
UBND = Ủy ban nhân dân
VBQPPL = văn bản quy phạm pháp luật
VH-TT&DL = Văn hóa, Thể thao và Du lịch
VHTTDL = Văn hóa, Thể thao và Du lịch
VKSND = Viện kiểm sát nhân dân
XDNTM = xây dựng nông thôn mới
"""


def rows() -> list[tuple[str, str]]:
    return [tuple(line.split(" = ")) for line in FIRST.strip().splitlines()]


def add(apps, schema_editor):
    Abbreviation = apps.get_model("search", "Abbreviation")
    Abbreviation.objects.using(schema_editor.connection.alias).bulk_create(
        [Abbreviation(short=short, long=long) for short, long in rows()],
        ignore_conflicts=True,
    )


def remove(apps, schema_editor):
    """Take away what was added and is still as it was."""
    Abbreviation = apps.get_model("search", "Abbreviation")
    kept = Abbreviation.objects.using(schema_editor.connection.alias)
    for short, long in rows():
        kept.filter(short=short, long=long).delete()


class Migration(migrations.Migration):
    dependencies = [("search", "0002_index")]
    operations = [migrations.RunPython(add, remove)]
