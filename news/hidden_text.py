"""What a pasted page keeps people from seeing.

Gambling links come into public sites this way: the writer pastes an article, and
with it a hidden paragraph. Our sanitiser drops styles, which would make it visible;
so what nobody saw when it was copied is left out. White text on white cannot be told
from white on blue, and stays.
"""

import re

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ZERO = re.compile(r"[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?")
_TINY = re.compile(r"(?:0+(?:\.\d*)?|\.\d+|1(?:\.0*)?(?=px|pt))(?:px|pt|%)?")
_TINY_SHORTHAND = re.compile(r"(?:.*\s)?(?:0+|[01]p[xt])(?:/\S*)?\s.*")
_FAR_AWAY = re.compile(r"-\d{3,}(?:\.\d*)?(?:px|pt|em|rem|vw|vh|%)")
_LENGTH = re.compile(r"(-?)(\d+(?:\.\d*)?)([a-z]+|%)")
_CLIPPED = re.compile(r"rect\((?:\s*[01](?:px)?\s*,?){4}\)|inset\((?:50|100)%.*\)")


def without_hidden(nodes: list, tiny: bool = False) -> list:
    """Return nodes and texts of a tree without those that show nothing."""
    kept = []
    for node in nodes:
        if isinstance(node, str):
            if not tiny:
                kept.append(node)
        elif not is_hidden(node.attrs):
            node.children = without_hidden(node.children, is_tiny(node.attrs, tiny))
            kept.append(node)
    return kept


def is_hidden(attrs: dict[str, str]) -> bool:
    """Whether an element with these attributes shows nothing of what is in it."""
    if "hidden" in attrs:
        return True
    style = _declarations(attrs.get("style", ""))
    if not style:
        return False
    is_zero = {name for name, value in style.items() if _ZERO.fullmatch(value)}
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("mso-hide") == "all"
        or "opacity" in is_zero
        or any(
            _FAR_AWAY.fullmatch(style.get(name, ""))
            for name in ("left", "top", "right", "bottom", "margin-left")
        )
        or (_FAR_AWAY.fullmatch(style.get("text-indent", "")) and not _hangs(style))
        or (
            style.get("overflow", "").startswith(("hidden", "clip"))
            and bool({"height", "width", "max-height", "max-width"} & is_zero)
        )
        or any(
            _CLIPPED.fullmatch(style.get(name, "")) for name in ("clip", "clip-path")
        )
    )


def is_tiny(attrs: dict[str, str], inherited: bool) -> bool:
    """Whether text right in an element is too small to be seen.

    A size is inherited: pages set 0 around boxes that have a size of their own.
    """
    style = _declarations(attrs.get("style", ""))
    if size := style.get("font-size"):
        return bool(_TINY.fullmatch(size))
    if font := style.get("font"):
        return bool(_TINY_SHORTHAND.fullmatch(font))
    return inherited


def _hangs(style: dict[str, str]) -> bool:
    """Whether a line begins no farther left than its paragraph is moved right.

    So Word writes "Thời gian:" with five centimetres between it and the text.
    """
    margin = style.get("margin-left") or style.get("margin", "").rpartition(" ")[2]
    indent, room = _LENGTH.fullmatch(style["text-indent"]), _LENGTH.fullmatch(margin)
    return bool(
        room
        and not room[1]
        and room[3] == indent[3]
        and float(room[2]) >= float(indent[2])
    )


def _declarations(style: str) -> dict[str, str]:
    found = {}
    for declaration in _COMMENT.sub("", style).split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            value = value.lower().replace("!important", "").strip()
            found[name.strip().lower()] = value
    return found
