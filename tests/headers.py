"""What the headers of every answer have to say, wherever it comes from."""

from portal import security

EXACTLY = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "permissions-policy": security.PERMISSIONS_POLICY,
    "cross-origin-opener-policy": "same-origin",
}
REFERRER = ("strict-origin-when-cross-origin", "no-referrer")
# Where embeds of videos and maps may come from; nothing else of anybody else's.
EMBEDS = {
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
    "https://www.google.com/maps/embed",
}


def complaints(sent: list[tuple[str, str]]) -> list[str]:
    """Return what the headers of an answer lack to be worth A+."""
    names = [name.lower() for name, _ in sent]
    said = {name.lower(): value for name, value in sent}
    found = [
        f"{name} twice" for name in set(names) - {"set-cookie"} if names.count(name) > 1
    ]
    found += [f"{k}: {said.get(k)}" for k, v in EXACTLY.items() if said.get(k) != v]
    if said.get("referrer-policy") not in REFERRER:
        found.append(f"referrer-policy: {said.get('referrer-policy')}")
    # Pictures may be shown by other sites; nothing else.
    allowed = {"same-origin"} | (
        {"cross-origin"} if said.get("content-type", "").startswith("image/") else set()
    )
    if said.get("cross-origin-resource-policy") not in allowed:
        found.append(f"corp: {said.get('cross-origin-resource-policy')}")
    return found + policy_complaints(said.get("content-security-policy", ""))


def policy_complaints(policy: str) -> list[str]:
    directives = {
        words[0]: set(words[1:])
        for part in policy.split(";")
        if (words := part.split())
    }
    found = []
    if directives.get("default-src") != {"'none'"}:
        found.append("default-src")
    if directives.get("frame-ancestors") != {"'none'"}:
        found.append("frame-ancestors")
    if "sandbox" not in directives:  # a page
        for name in ("base-uri", "object-src"):
            if directives.get(name) != {"'none'"}:
                found.append(name)
        if directives.get("form-action") != {"'self'"}:
            found.append("form-action")
    for name, values in directives.items():
        sources = values - {"'none'", "'self'"}
        sources -= {"data:"} if name == "img-src" else set()
        sources -= EMBEDS if name == "frame-src" else set()
        if sources:
            found.append(f"{name}: {sources}")
    return found
