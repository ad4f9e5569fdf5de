"""Word files for tests, written by hand as Word writes them.

A document is a list of XML strings from the functions here; `docx` puts them into a
package with styles, numbering, relationships and pictures.
"""

import io
import struct
import zipfile
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw

OFFICE = "http://schemas.openxmlformats.org"
W = f"{OFFICE}/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{OFFICE}/officeDocument/2006/relationships" '
    f'xmlns:wp="{OFFICE}/drawingml/2006/wordprocessingDrawing" '
    f'xmlns:a="{OFFICE}/drawingml/2006/main" '
    f'xmlns:pic="{OFFICE}/drawingml/2006/picture" '
    f'xmlns:c="{OFFICE}/drawingml/2006/chart" '
    f'xmlns:m="{OFFICE}/officeDocument/2006/math" '
    f'xmlns:mc="{OFFICE}/markup-compatibility/2006" '
    'xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:'
    'office"'
)

STYLES = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="{W}">
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="FONT" w:hAnsi="FONT"/></w:rPr>
</w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>
</w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/>
<w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="56"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Subtitle"><w:name w:val="Subtitle"/></w:style>
<w:style w:type="paragraph" w:styleId="u1"><w:name w:val="heading 1"/>
<w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="u2"><w:name w:val="heading 2"/>
<w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="u3"><w:name w:val="heading 3"/></w:style>
<w:style w:type="paragraph" w:styleId="Muc"><w:name w:val="Mục của Sở"/>
<w:basedOn w:val="u2"/></w:style>
<w:style w:type="paragraph" w:styleId="Chuthich"><w:name w:val="caption"/>
<w:rPr><w:i/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="SapoDam"><w:name w:val="Sapo đậm"/>
<w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="KyTen"><w:name w:val="Ký tên"/>
<w:pPr><w:jc w:val="right"/></w:pPr></w:style>
<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/></w:style>
</w:styles>"""

NUMBERING = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""

CONTENT_TYPES = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="{OFFICE}/package/2006/content-types">
<Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Default Extension="jpeg" ContentType="image/jpeg"/>
<Default Extension="emf" ContentType="image/x-emf"/>
<Override PartName="/word/document.xml" ContentType=
"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""

PACKAGE_RELS = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="{OFFICE}/package/2006/relationships">
<Relationship Id="rId1" Type="{OFFICE}/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""


# Paragraphs


def run(text: str, bold=False, italic=False, font="", style="") -> str:
    properties = f'<w:rStyle w:val="{style}"/>' if style else ""
    if font:
        properties += f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>'
    properties += ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    words = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.split("\n")
    )
    return f"<w:r><w:rPr>{properties}</w:rPr>{words}</w:r>"


def p(*content, style="", align="", item=None, indent=0, **marks) -> str:
    """A paragraph of runs (XML) and texts; `item` is (numId, level) of a list."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if item:
        number, level = item
        properties += (
            f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        )
    properties += f'<w:ind w:left="{indent}"/>' if indent else ""
    properties += f'<w:jc w:val="{align}"/>' if align else ""
    inside = "".join(
        one if one.startswith(("<w:", "<m")) else run(one, **marks) for one in content
    )
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def link(relationship: str, text: str) -> str:
    inside = run(text, style="Hyperlink")
    return f'<w:hyperlink r:id="{relationship}">{inside}</w:hyperlink>'


# Pictures


def drawing(relationship: str, descr="", crop="") -> str:
    """A run with a picture in the line, as Word 2010 and later write it."""
    return (
        "<w:r><w:drawing><wp:inline><wp:extent/>"
        f'<wp:docPr id="1" name="Picture 1" descr={quoteattr(descr)}/>'
        f"<a:graphic><a:graphicData>{_pic(relationship, crop)}"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def _pic(relationship: str, crop="", descr="") -> str:
    name = f'<pic:nvPicPr><pic:cNvPr id="0" name="x" descr={quoteattr(descr)}/>'
    return (
        f"<pic:pic>{name}</pic:nvPicPr><pic:blipFill>"
        f'<a:blip r:embed="{relationship}"/>{crop}</pic:blipFill></pic:pic>'
    )


def vml(relationship: str, alt="") -> str:
    """A picture as Word 97 to 2007 wrote it."""
    return (
        f"<w:r><w:pict><v:shape alt={quoteattr(alt)}>"
        f'<v:imagedata r:id="{relationship}" o:title="x"/></v:shape></w:pict></w:r>'
    )


def group(*relationships: str) -> str:
    """Pictures grouped with an arrow, with the vector copy for older Words."""
    pics = "".join(_pic(r, descr=f"ảnh {r}") for r in relationships)
    shapes = "".join(
        f'<v:shape><v:imagedata r:id="{r}"/></v:shape>' for r in relationships
    )
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wpg"><w:drawing><wp:anchor>'
        '<wp:docPr id="2" name="Group"/><a:graphic><a:graphicData>'
        f"<wpg:wgp>{pics}<wps:wsp/></wpg:wgp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:group>{shapes}</v:group></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def text_box(*paragraphs: str) -> str:
    inside = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor>'
        '<wp:docPr id="3" name="Text Box"/><a:graphic><a:graphicData><wps:wsp>'
        f"<wps:txbx>{inside}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        "</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
        f"{inside}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>"
        "</w:r>"
    )


def chart() -> str:
    return (
        '<w:r><w:drawing><wp:inline><wp:docPr id="4" name="Chart"/><a:graphic>'
        '<a:graphicData><c:chart r:id="rIdChart"/></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def photograph(colour="teal", size=(640, 400), kind="JPEG") -> bytes:
    picture = Image.new("RGB", size, colour)
    ImageDraw.Draw(picture).ellipse((20, 20, size[0] // 2, size[1] // 2), fill="white")
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def emf() -> bytes:
    """The head of an enhanced metafile."""
    return struct.pack("<II", 1, 88) + bytes(32) + b" EMF" + bytes(60)


# Tables


def cell(*content: str, span=1, merge="", **marks) -> str:
    properties = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    if merge:
        properties += f'<w:vMerge w:val="{merge}"/>'
    inside = "".join(
        one if one.startswith("<w:p>") else p(one, **marks) for one in content
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside or '<w:p/>'}</w:tc>"


def table(*rows: list[str], header=False) -> str:
    """A table of rows of cells; a text is a cell with that text."""
    out = []
    for number, row in enumerate(rows):
        cells = "".join(one if one.startswith("<w:tc>") else cell(one) for one in row)
        mark = "<w:trPr><w:tblHeader/></w:trPr>" if header and number == 0 else ""
        out.append(f"<w:tr>{mark}{cells}</w:tr>")
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(out)}</w:tbl>"


# Packages


def docx(
    *body: str,
    pictures: dict[str, bytes] | None = None,
    links: dict[str, str] | None = None,
    font="Times New Roman",
    footnotes="",
    **parts,
) -> bytes:
    """A .docx. `pictures` and `links` are by relationship; `parts` replace parts.

    A part of the name `word__document` is word/document.xml; None leaves it out.
    """
    kind = f"{OFFICE}/officeDocument/2006/relationships"
    relations = [("rIdStyles", f"{kind}/styles", "styles.xml", "")]
    files: dict[str, bytes | str | None] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": PACKAGE_RELS,
        "word/document.xml": document(*body),
        "word/styles.xml": STYLES.replace("FONT", font),
        "word/numbering.xml": NUMBERING,
    }
    for number, (key, data) in enumerate((pictures or {}).items(), 1):
        suffix = "emf" if data[40:44] == b" EMF" else "jpeg"
        files[f"word/media/image{number}.{suffix}"] = data
        relations.append((key, f"{kind}/image", f"media/image{number}.{suffix}", ""))
    for key, address in (links or {}).items():
        mode = ' TargetMode="External"'
        relations.append((key, f"{kind}/hyperlink", address, mode))
    if footnotes:
        files["word/footnotes.xml"] = (
            f"<w:footnotes {NAMESPACES}>{footnotes}</w:footnotes>"
        )
    rows = "".join(
        f'<Relationship Id="{key}" Type="{type}" Target={quoteattr(target)}{mode}/>'
        for key, type, target, mode in relations
    )
    files["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{rows}'
        "</Relationships>"
    )
    for name, content in parts.items():
        files[f"{name.replace('__', '/')}.xml"] = content
    return archive(files)


def document(*body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f"<w:document {NAMESPACES}><w:body>{''.join(body)}<w:sectPr/></w:body>"
        "</w:document>"
    )


def archive(files: dict[str, bytes | str | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            if content is not None:
                packed.writestr(name, content)
    return out.getvalue()
