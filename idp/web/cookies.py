"""The provider's cookies: their names, their flags, and how they are cleared.

All ports of localhost share one cookie jar, hence the long names. Lax: a Strict cookie would be missing on the way back from an ENT or
from FranceConnect. Those that open something have no lifetime of their own: closing the browser of a shared phone drops them, and the
server ends what they open. The two that open nothing last half a year.
"""

from flask import Request
from werkzeug.wrappers import Response

_KNOWN_SECONDS = 180 * 24 * 3600
_LANGUAGE_SECONDS = 180 * 24 * 3600
_LEAVING_SECONDS = 600


class BrowserCookie:
    """One cookie: a secret that this browser alone holds.

    Args:
        name: Without its prefix.
        secure: Whether the issuer is https.
        lasts: Lifetime in seconds; None: until the browser is closed.
    """

    def __init__(self, name: str, *, secure: bool, lasts: int | None = None) -> None:
        # RFC 6265bis section 4.1.3.2: a `__Host-` cookie is Secure, has path / and no Domain, so that no sister site can set it.
        self.name = f"__Host-{name}" if secure else name
        self._secure = secure
        self._lasts = lasts

    def read(self, request: Request) -> str | None:
        """Return what this browser sent, or None; an empty cookie is none."""
        return request.cookies.get(self.name) or None

    def keep(self, response: Response, value: str | None, *, lasts: bool = True) -> None:
        """Give the browser a new value; None changes nothing. Without `lasts`, until it is closed, whatever the cookie's lifetime."""
        if value is not None:
            response.set_cookie(
                self.name,
                value,
                max_age=self._lasts if lasts else None,
                secure=self._secure,
                httponly=True,
                samesite="Lax",
                path="/",
            )

    def forget(self, response: Response) -> None:
        """Make the browser drop the cookie."""
        response.delete_cookie(self.name, secure=self._secure, httponly=True, samesite="Lax", path="/")


def language_cookie(*, secure: bool) -> BrowserCookie:
    """Return the cookie that remembers a language, which pages without any journey set too."""
    return BrowserCookie("preau_idp_langue", secure=secure, lasts=_LANGUAGE_SECONDS)


class Cookies:
    """Every cookie that the provider sets.

    Attributes:
        activation: An activation under way.
        recovery: A recovery under way.
        visit: A sign-in page, and the ENT's request behind it.
        session: A signed-in person.
        accounts: Other persons who are signed in here, where an ENT lets people choose among accounts.
        leaving: Where a browser goes once it has signed out of FranceConnect.
        known: Who signed in here before: opens nothing, but strangers who guess at that person's password do not slow this browser down.
        language: In which language this browser reads; says nothing of anybody.
    """

    def __init__(self, *, secure: bool) -> None:
        self.activation = BrowserCookie("preau_idp_activation", secure=secure)
        self.recovery = BrowserCookie("preau_idp_recovery", secure=secure)
        self.visit = BrowserCookie("preau_idp_visit", secure=secure)
        self.session = BrowserCookie("preau_idp_session", secure=secure)
        self.accounts = BrowserCookie("preau_idp_comptes", secure=secure)
        self.leaving = BrowserCookie("preau_idp_leaving", secure=secure, lasts=_LEAVING_SECONDS)
        self.known = BrowserCookie("preau_idp_known", secure=secure, lasts=_KNOWN_SECONDS)
        self.language = language_cookie(secure=secure)

    def keep_signed_in(self, response: Response, session: str | None, accounts: str | None) -> None:
        """Give the browser its current session and those beside; None changes nothing, "" says that there are none."""
        self.session.keep(response, session)
        if accounts == "":
            self.accounts.forget(response)
        else:
            self.accounts.keep(response, accounts)
