"""Hostile HTML: for the tests of the sanitiser, a browser and `make bench`."""

# Name, what is pasted, and what is left; None where only its harmlessness counts.
CASES = [
    ("script", "<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
    ("script in pieces", "<scr<script>ipt>alert(1)</script>", None),
    ("event handler", '<p onclick="alert(1)">a</p>', "<p>a</p>"),
    ("handler on a link", '<a href="/x" onmouseover=alert(1)>a</a>', None),
    ("javascript address", '<a href="javascript:alert(1)">a</a>', "<p>a</p>"),
    (
        "javascript with entities",
        '<a href="&#106;avascript:alert(1)">a</a>',
        "<p>a</p>",
    ),
    ("javascript with a tab", '<a href="java\tscript:alert(1)">a</a>', "<p>a</p>"),
    ("javascript in capitals", '<a href=" JaVaScRiPt:alert(1)">a</a>', "<p>a</p>"),
    ("vbscript", '<a href="vbscript:x">a</a>', "<p>a</p>"),
    ("data address", '<a href="data:text/html,<script>1</script>">a</a>', "<p>a</p>"),
    ("file address", '<a href="file:///etc/passwd">a</a>', "<p>a</p>"),
    ("backslashes", '<a href="/\\evil.example">a</a>', "<p>a</p>"),
    ("a false host", '<a href="https://so.gov.vn@evil.example/">a</a>', "<p>a</p>"),
    ("picture with a handler", "<img src=x onerror=alert(1)>", ""),
    (
        "picture of elsewhere",
        '<p>a<img src="https://evil.example/x.gif"></p>',
        "<p>a</p>",
    ),
    ("svg", "<svg><script>alert(1)</script></svg>a", "<p>a</p>"),
    ("svg handler", "<svg onload=alert(1)>a</svg>b", "<p>b</p>"),
    ("mathml", "<math><mtext><img src=x onerror=alert(1)></mtext></math>a", "<p>a</p>"),
    ("iframe", '<iframe srcdoc="<script>1</script>"></iframe>a', "<p>a</p>"),
    ("object and embed", "<object data=x></object><embed src=x>a", "<p>a</p>"),
    ("style element", "<style>p{display:none}</style><p>a</p>", "<p>a</p>"),
    ("style attribute", '<p style="position:fixed">a</p>', "<p>a</p>"),
    ("hidden text", '<span style="display:none">cá cược</span>', ""),
    ("class and id", '<p class="MsoNormal" id="main">a</p>', "<p>a</p>"),
    (
        "form",
        '<form action="//evil"><input name=a><button>b</button></form>',
        "<p>b</p>",
    ),
    ("meta refresh", '<meta http-equiv=refresh content="0;url=//evil">a', "<p>a</p>"),
    ("base", '<base href="//evil"><p>a</p>', "<p>a</p>"),
    ("template", "<template><script>alert(1)</script></template>a", "<p>a</p>"),
    ("comment", "<!--[if gte mso 9]><xml><w:x/></xml><![endif]-->a", "<p>a</p>"),
    ("unclosed comment", "a<!-- <script>alert(1)", "<p>a</p>"),
    (
        "mutation by noscript",
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>a',
        None,
    ),
    (
        "mutation by mathml",
        "<math><mtext><table><mglyph><style><!--</style>"
        '<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        None,
    ),
    (
        "mutation by svg",
        '<svg></p><style><a title="</style><img src onerror=alert(1)>">',
        None,
    ),
    (
        "mutation by form",
        "<form><math><mtext></form><form><mglyph><style></math>"
        "<img src onerror=alert(1)>",
        None,
    ),
    ("paragraph in a button", "<p><button><p>a</p></button></p>", "<p>a</p>"),
    ("attribute that closes", '<a href="/x&quot;&gt;<script>1</script>">a</a>', None),
    ("null", "<scr\0ipt>alert(1)</scr\0ipt>", None),
    ("lone surrogate", "a\ud800b", "<p>ab</p>"),
    ("zero width", "<p>a\u200bb\u2060c\ufeffd</p>", "<p>a bc d</p>"),
    ("direction marks", "<p>a\u202egnp.exe\u202c</p>", "<p>agnp.exe</p>"),
    ("zero width as entity", "<p>&#8203;&nbsp;&zwnj;</p>", ""),
    ("not equal to a bracket", "<p>\u0338script</p>", None),
    # Mutation: harmless as it is read first, a script as it is read again.
    (
        "mutation by a title in noscript",
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
        '<p>"&gt;</p>',
    ),
    (
        "mutation by a table that throws out its content",
        "<table><math><mi><style><!--</mi></style><img src=x onerror=alert(1)>"
        "--></table>a",
        None,
    ),
    (
        "mutation by foster parents",
        '<table><a href="javascript:alert(1)">a<td>b</table>',
        None,
    ),
    (
        "mutation by annotation-xml",
        '<math><annotation-xml encoding="text/html"><style><img src=x '
        "onerror=alert(1)></style></annotation-xml></math>a",
        "<p>a</p>",
    ),
    (
        "mutation by a foreign object",
        "<svg><foreignObject><p><style><!--</style><a title='--><img src=x "
        "onerror=alert(1)>'></foreignObject></svg>a",
        "<p>a</p>",
    ),
    (
        "mutation by desc",
        "<svg><desc><noscript><img title='</noscript><img src=x onerror=alert(1)>'>"
        "</desc></svg>a",
        "<p>a</p>",
    ),
    (
        "mutation by a template in a table",
        "<table><template><img src=x onerror=alert(1)></template></table>a",
        "<p>a</p>",
    ),
    (
        "mutation by nested forms",
        "<form><div></form><form><style></form><img src=x onerror=alert(1)>",
        None,
    ),
    (
        "mutation by a select",
        "<select><template><style><!--</style><a rel=--></template></select>"
        "<img src=x onerror=alert(1)>",
        None,
    ),
    (
        "mutation by selectedcontent",
        "<select><button><selectedcontent></selectedcontent></button>"
        "<option><img src=x onerror=alert(1)></select>a",
        "<p>a</p>",
    ),
    (
        "mutation by an xmp",
        "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>a",
        None,
    ),
    (
        "mutation by a textarea",
        "<textarea></textarea><img src=x onerror=alert(1)></textarea>a",
        "<p>a</p>",
    ),
    ("mutation by plaintext", "<plaintext><img src=x onerror=alert(1)>", None),
    ("an empty comment", "<!--><img src=x onerror=alert(1)>-->a", "<p>a</p>"),
    ("a comment that is no end", "<!-- --!><img src=x onerror=alert(1)>a", "<p>a</p>"),
    ("a comment made by another", "<!<!-- -->-- ><img src=x onerror=alert(1)>a", None),
    ("a bogus comment", "<!x><?y></ z><img src=x onerror=alert(1)>a", "<p>a</p>"),
    ("a CDATA section", "<![CDATA[<img src=x onerror=alert(1)>]]>a", None),
    (
        "a CDATA section in a drawing",
        "<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>a",
        "<p>a</p>",
    ),
    # Tags and attributes that are written oddly
    ("a slash for a blank", "<img/src=x/onerror=alert(1)>a", "<p>a</p>"),
    ("no blank between attributes", '<img src="x"onerror="alert(1)">a', "<p>a</p>"),
    ("an equals sign first", '<p ="><img src=x onerror=alert(1)>">a</p>', None),
    ("a grave for a quote", "<img src=`x` onerror=alert(1)>a", "<p>a</p>"),
    ("a tag without end", "a<img src=x onerror=alert(1) ", "<p>a</p>"),
    ("a tag in a tag", "<<img src=x onerror=alert(1)>", None),
    ("a null in a handler", "<p on\0click=alert(1)>a</p>", "<p>a</p>"),
    ("a form feed", "<img\x0csrc=x\x0conerror=alert(1)>a", "<p>a</p>"),
    ("escaped tags", "&lt;img src=x onerror=alert(1)&gt;", None),
    ("tags escaped twice", "&amp;lt;script&amp;gt;alert(1)", None),
    ("an attribute of a figure", '<figure data-image="1" onclick=alert(1)>', None),
    (
        "words of a figure",
        '<figure data-image="1" data-alt="&quot;&gt;&lt;img onerror=alert(1)&gt;">'
        "<figcaption>&lt;script&gt;alert(1)&lt;/script&gt;</figcaption></figure>",
        None,
    ),
    ("a false number of a figure", '<figure data-image="1&quot; onload=&quot;x">', ""),
    ("a handler on the body", "<body onload=alert(1)>a", "<p>a</p>"),
    ("a marquee", "<marquee onstart=alert(1)>a</marquee>", "<p>a</p>"),
    ("details", "<details open ontoggle=alert(1)>a</details>", "<p>a</p>"),
    ("a link to styles", '<link rel=stylesheet href="//evil.example/x.css">a', None),
    ("an import map", '<script type="importmap">{}</script>a', "<p>a</p>"),
    ("a picture in CSS", '<p style="background:url(//evil.example)">a</p>', "<p>a</p>"),
    ("a portal", "<portal src=//evil.example></portal>a", "<p>a</p>"),
    ("a frame set", "<frameset><frame src=javascript:alert(1)></frameset>a", None),
    # Addresses
    ("an address with a null", '<a href="java\0script:alert(1)">a</a>', "<p>a</p>"),
    ("an address after a control", '<a href="\x01javascript:alert(1)">a</a>', None),
    (
        "an address with line ends",
        '<a href="jav&#x0A;ascript&Tab;:alert(1)">a</a>',
        "<p>a</p>",
    ),
    (
        "an address with wide blanks",
        '<a href="\u3000javascript:alert(1)">a</a>',
        "<p>a</p>",
    ),
    (
        "an address with entities without end",
        '<a href="&#0000106&#0000097vascript&colon;alert(1)">a</a>',
        "<p>a</p>",
    ),
    ("a zero-width address", '<a href="java\u200bscript:alert(1)">a</a>', None),
    ("a nested scheme", '<a href="view-source:javascript:alert(1)">a</a>', "<p>a</p>"),
    ("a blob", '<a href="blob:https://so.gov.vn/1">a</a>', "<p>a</p>"),
    ("a data address in pieces", '<a href="DaTa:text/html;base64,x">a</a>', "<p>a</p>"),
    (
        "the protocol of the page",
        '<a href="//evil.example/">a</a>',
        '<p><a href="https://evil.example/" rel="noopener">a</a></p>',
    ),
    ("one slash after a scheme", '<a href="https:/evil.example">a</a>', "<p>a</p>"),
    ("three slashes", '<a href="https:///evil.example">a</a>', "<p>a</p>"),
    ("a backslash for a host", '<a href="https:\\\\evil.example">a</a>', "<p>a</p>"),
    ("a tab in slashes", '<a href="/\t/evil.example">a</a>', None),
    (
        "a password",
        '<a href="https://so.gov.vn:443@evil.example/">a</a>',
        "<p>a</p>",
    ),
    (
        "a name in punycode stays as it can be seen",
        '<a href="https://xn--o-hmb.vn/">a</a>',
        '<p><a href="https://xn--o-hmb.vn/" rel="noopener">a</a></p>',
    ),
    ("a broken address", '<a href="https://[::1/">a</a>', "<p>a</p>"),
    # Frames
    ("a frame of elsewhere", '<iframe src="https://evil.example/"></iframe>a', None),
    ("a frame with a script", '<iframe src="javascript:alert(1)"></iframe>a', None),
    (
        "a frame with a document",
        '<iframe src="https://youtu.be/dQw4w9WgXcQ" srcdoc="<script>1</script>"'
        ' onload=alert(1) title="&quot;&gt;&lt;script&gt;">x</iframe>',
        '<figure data-embed="youtube:dQw4w9WgXcQ"><figcaption>"&gt;&lt;script&gt;'
        "</figcaption></figure>",
    ),
    (
        "a false host of a frame",
        '<iframe src="https://www.youtube.com.evil.example/embed/dQw4w9WgXcQ">',
        "",
    ),
    (
        "a false name in a frame",
        '<iframe src="https://www.youtube.com@evil.example/embed/dQw4w9WgXcQ">',
        "",
    ),
    ("a frame that never ends", "<iframe><p>a</p><script>alert(1)</script>", ""),
    (
        "a false reference",
        '<figure data-embed="youtube:x&quot;onload=1"><figcaption>a</figcaption>'
        "</figure>",
        "",
    ),
    ("an unknown provider", '<figure data-embed="evil:dQw4w9WgXcQ"></figure>', ""),
    # What nobody sees
    ("hidden by an attribute", "<p>a</p><div hidden>cá cược</div>", "<p>a</p>"),
    ("no display", '<p style="DISPLAY : none !important">cá cược</p>', ""),
    ("not visible", '<p style="visibility:hidden">cá cược</p>', ""),
    ("without ink", '<p style="opacity:0.0">cá cược</p>', ""),
    ("of no size", '<span style="font-size:0px">cá cược</span>a', "<p>a</p>"),
    ("of one pixel", '<font style="font-size: 1px">cá cược</font>', ""),
    ("of no size in short", '<p style="font:0/0 a">cá cược</p>', ""),
    (
        "far outside",
        '<div style="position:absolute;left:-9999px"><a href="https://evil.example">'
        "cá cược</a></div>",
        "",
    ),
    ("indented away", '<h2 style="text-indent:-999em">cá cược</h2>', ""),
    (
        "a hanging indent of Word",
        '<p style="margin-left:141.75pt;text-indent:-141.75pt">Thời gian: 8 giờ</p>',
        "<p>Thời gian: 8 giờ</p>",
    ),
    (
        "indented further than it was moved",
        '<p style="margin:0 0 0 100pt;text-indent:-900pt">cá cược</p>',
        "",
    ),
    (
        "in a box of no height",
        '<div style="height:0;overflow:hidden">cá cược</div>',
        "",
    ),
    ("cut away", '<span style="clip:rect(0 0 0 0)">cá cược</span>', ""),
    ("hidden by Word", "<span style='mso-hide:all'>cá cược</span>", ""),
    ("with a comment", '<p style="display:/**/none">cá cược</p>', ""),
    ("hidden in a cell", "<table><tr><td>a<td hidden>cá cược</table>", None),
    (
        "small around large",
        '<div style="font-size:0"><p style="font-size:16px">a</p> </div>',
        "<p>a</p>",
    ),
    ("a small size is seen", '<p style="font-size:10.5pt">a</p>', "<p>a</p>"),
    ("a negative margin is seen", '<p style="margin-left:-18pt">a</p>', "<p>a</p>"),
    (
        "letters nobody sees",
        "<p>a\U000e0041\U000e0042\u3164\u034f\ufe0f\U000e0101b</p>",
        "<p>a\ufe0fb</p>",
    ),
    ("letters like others stay", "<p>cá сược</p>", "<p>cá сược</p>"),
    ("a tower of marks", f"<p>a{chr(0x316) * 500}b</p>", f"<p>a{chr(0x316) * 8}b</p>"),
]


def _times(unit: str, around: str = "{}", size: int = 2**20) -> str:
    """Return a megabyte of `unit`."""
    return around.format(unit * ((size - len(around)) // len(unit.encode())))


# A megabyte each; most are refused, all are answered soon.
HEAVY = {
    "less than": _times("<"),
    "ampersands": _times("&"),
    "open bold": _times("<b>"),
    "open tables": _times("<table>"),
    "open lists": _times("<ul><li>"),
    "cells": _times("<td>", "<table><tr>{}"),
    "text between rows": _times("a<b></b>", "<table>{}"),
    "paragraphs": _times("<p>"),
    "breaks": _times("<br> "),
    "attributes": "<p " + " ".join(f"a{n}" for n in range(140_000)) + ">a",
    "one attribute": _times("x", '<p title="{}">a'),
    "long tags": ("<p " + "a " * 4_000 + ">a") * 120,
    "bold that end tags seem to close": _times('<b title="</b>">'),
    "lists that end tags seem to close": _times('<ul title="</ul>">'),
    "lists closed by another name": _times("<ul></ul-x>"),
    "lists closed in comments": _times("<ul><!</ul>"),
    "lists closed in open comments": _times("<ul><!-- > </ul> --!>"),
    "lists closed in a drawing": _times("<g><![CDATA[></g>]]>", "<svg>{}"),
    "cells in a drawing": _times("<td>", "<svg>{}"),
    "tags behind a false quote": _times("<i>", '<p ="> {} ">'),
    "bold that scopes keep open": _times("<b><marquee></b></marquee>"),
    "wrong order": _times("<b><i>a</b></i>"),
    "fonts": "".join(f"<font a={n}><p>a" for n in range(50_000)),
    "open comments": _times("<!--"),
    "open instructions": _times("<?a"),
    "open tags": _times("<a "),
    "frames": _times("<iframe>"),
    "hidden": _times('<i style="display:none">'),
    "marks on one letter": "a" + "\u0301\u0327\u0323" * 170_000,
    "nothing visible": _times("\u200b"),
    "nulls": _times("\0"),
}
