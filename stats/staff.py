"""Editors are not readers: their browsers carry `nocount=1` and report nothing.

The cookie is a readable preference, not an identity; the beacon needs no session to
honour it. It is set in the back office only, where the session cookie lives.
"""

COOKIE = "nocount"
MAX_AGE_SECONDS = 365 * 86400


class NoCountMiddleware:
    """Set the cookie for signed-in staff under /admin/; needs `request.user`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if (
            request.path.startswith("/admin/")
            and request.COOKIES.get(COOKIE) != "1"
            and request.user.is_staff
        ):
            response.set_cookie(
                COOKIE,
                "1",
                max_age=MAX_AGE_SECONDS,
                path="/",
                secure=request.is_secure(),
                samesite="Lax",
            )
        return response
