"""What Microsoft Word puts on the clipboard, written by hand after its ways."""


def item(marker: str, text: str, level: int = 1) -> str:
    """Return a paragraph of a list: its marker is text in a span of its own."""
    return (
        "<p class=MsoListParagraphCxSpMiddle style='margin-left:36.0pt;mso-add-space:"
        f"auto;text-indent:-18.0pt;mso-list:l0 level{level} lfo1'>"
        "<![if !supportLists]><span lang=VI style='mso-fareast-font-family:Calibri'>"
        f"<span style='mso-list:Ignore'>{marker}<span style='font:7.0pt \"Times New "
        "Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span>"
        f"<![endif]><span lang=VI style='font-size:14.0pt'>{text}<o:p></o:p></span></p>"
        "\r\n"
    )


WORD = (
    """<html xmlns:v="urn:schemas-microsoft-com:vml"
xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15">
<link rel=File-List href="file:///C:/Users/A/AppData/Local/Temp/clip_filelist.xml">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument>
</xml><![endif]-->
<style><!-- p.MsoNormal {margin:0cm; font-size:14.0pt;} @list l0:level1
{mso-level-text:"\\00B7";} --></style></head>
<body lang=EN-US style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='text-align:center'><span lang=VI style='color:#C00000'>Kế hoạch <b>chuyển
đổi số</b><o:p></o:p></span></h1>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal style='text-align:justify'><b style='mso-bidi-font-weight:normal'>
<span lang=VI>Sáng nay</span></b><span lang=VI>, <span style='font-style:italic;
color:red'>hội nghị</span> khai mạc tại hội trường.&nbsp;&nbsp;<img width=300 height=200
src="file:///C:/Users/A/AppData/Local/Temp/clip_image001.png" v:shapes="Picture_1">
<a href="javascript:alert(1)">xem thêm</a><o:p></o:p></span></p>
"""
    + item("·", "Mục tiêu")
    + item("o", "Hạ tầng", 2)
    + item("o", "Dữ liệu", 2)
    + item("·", "Giải pháp")
    + "<p class=MsoNormal><span lang=VI>Lộ trình:<o:p></o:p></span></p>"
    + item("1.", "Khảo sát")
    + item("2.", "Triển khai")
    + """<p class=MsoCaption><span lang=VI>Bảng 1. Kinh phí</span></p>
<div align=center><table class=MsoTableGrid border=1 cellspacing=0
style='border-collapse:collapse;border:none;mso-border-alt:solid windowtext .5pt'>
<tr style='mso-yfti-irow:0'><td width=400 colspan=2 valign=top
style='width:300pt;background:#D9E2F3'><p class=MsoNormal>Nguồn<o:p></o:p></p></td>
</tr>
<tr><td rowspan=2><p class=MsoNormal>Ngân sách</p></td><td><p>5 tỷ</p></td></tr>
<tr><td><p class=MsoNormal><span style='mso-spacerun:yes'>&nbsp;</span>3 tỷ</p></td>
</tr>
</table></div>
<p class=MsoNormal>Hết.</p>
<!--EndFragment--></body></html>"""
)
