"""What a browser would send for the form of a page, read from its HTML."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self, action_end: str):
        super().__init__()
        self.wanted, self.inside = action_end, False
        self.sent: dict[str, list[str]] = {}
        self.names: set[str] = set()
        self.select = self.textarea = None
        self.first, self.is_multiple = None, False

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = (attrs.get("id") or "").endswith(self.wanted)
        if not self.inside:
            return
        name = attrs.get("name")
        if name and tag in ("input", "select", "textarea"):
            self.names.add(name)
        if tag == "input" and name:
            self._input(name, attrs)
        elif tag == "select":
            self.select, self.first = name, None
            self.is_multiple = "multiple" in attrs
        elif tag == "option" and self.select:
            if self.first is None:
                self.first = attrs.get("value", "")
            if "selected" in attrs:
                self._add(self.select, attrs.get("value", ""))
        elif tag == "textarea" and name:
            self.textarea, self.sent[name] = name, [""]

    def _input(self, name, attrs):
        kind = attrs.get("type", "text")
        if kind in ("submit", "button", "file", "image"):
            return
        if kind in ("checkbox", "radio") and "checked" not in attrs:
            return
        self._add(name, attrs.get("value", "on" if kind == "checkbox" else ""))

    def _add(self, name, value):
        self.sent.setdefault(name, []).append(value)

    def handle_data(self, data):
        if self.textarea:
            self.sent[self.textarea][0] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.textarea:
            # The line break after the tag is no text.
            text = self.sent[self.textarea][0]
            self.sent[self.textarea][0] = text.removeprefix("\r").removeprefix("\n")
            self.textarea = None
        elif tag == "select":
            is_open = self.select and self.select not in self.sent
            if is_open and not self.is_multiple and self.first is not None:
                self.sent[self.select] = [self.first]
            self.select = None


def read(page: str, form_id_ends="_form") -> tuple[dict[str, list[str]], set[str]]:
    """Return (what is sent, the names of all fields) of the form with such an id."""
    form = _Form(form_id_ends)
    form.feed(page)
    return {k: v for k, v in form.sent.items() if "__prefix__" not in k}, form.names
