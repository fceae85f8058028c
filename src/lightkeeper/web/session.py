"""A named user per browser session. It is a name in the log, not a proof of identity."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from lightkeeper.errors import InputError, NotAllowed

COOKIE = "lightkeeper_session"
MAX_NAME = 80
MAX_SESSIONS = 1000
READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who is at the screen."""

    name: str


class Sessions:
    """Open sessions of this server; they end with it."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}

    def open(self, name: str, response: Response) -> User:
        """Start a session under a name and set its cookie."""
        name = " ".join(name.split())
        if not name or len(name) > MAX_NAME:
            raise InputError(f"a name has 1 to {MAX_NAME} characters; give yours")
        if len(self._users) >= MAX_SESSIONS:
            self._users.pop(next(iter(self._users)))
        token = secrets.token_urlsafe(24)
        self._users[token] = User(name=name)
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return self._users[token]

    def find(self, token: str | None) -> User | None:
        """Return the user of a cookie's token."""
        return None if token is None else self._users.get(token)


def is_foreign_write(request: Request) -> bool:
    """Return True for a change that a page of another origin asks for.

    A browser names the origin of every page that writes; a program names none.
    """
    origin = request.headers.get("origin")
    if origin is None or request.method in READS:
        return False
    return origin != f"{request.url.scheme}://{request.headers.get('host', '')}"


def sessions_of(request: Request) -> Sessions:
    """Return the server's sessions."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def user_of(request: Request) -> User | None:
    """Return who is at the screen, None if nobody said."""
    return sessions_of(request).find(request.cookies.get(COOKIE))


def require_user(user: Annotated[User | None, Depends(user_of)]) -> User:
    """Return who is at the screen; refuse what a named person must do."""
    if user is None:
        raise NotAllowed("the log keeps who did it; give your name first (POST /api/session)")
    return user
