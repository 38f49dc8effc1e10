"""Keep users, check passwords, count attempts, hand out links that set a site up."""

import secrets
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from blog import (
    Identity,
    hooks,
    identity,
    links,
    markup,
    network_of,
    now,
    session,
    take_turns,
    writing,
)
from blog import gettext as _

from .models import Attempt, Link, User

OWNER, MODERATOR, MEMBER = "owner", "moderator", "member"
ROLES = (OWNER, MODERATOR, MEMBER)
# Who may one of these has something to do in the admin.
WORK = (identity.WRITE, identity.MODERATE, identity.MANAGE)
NAME_LENGTH = 60
PASSWORD_LEAST, PASSWORD_MOST = 10, 1000
WINDOW = timedelta(minutes=15)
LINK_AGE = timedelta(minutes=30)
# So many times more attempts may come from one network, with whatever names.
NETWORK_FACTOR = 5
SESSION = "accounts"


class BadUser(ValueError):
    """A name or password cannot be taken; the message says why."""


class LinkGone(LookupError):
    """A link that sets the site up is unknown, used or too old, or the site has an owner."""


class TooManyAttempts(RuntimeError):
    """Too many attempts to log in failed; try again after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"try again in {seconds} seconds")


class Asker(NamedTuple):
    """Count attempts under keyed hashes: of name and network together, and of the network."""

    both: str
    network: str


# Who is there


def users() -> list[User]:
    """List every user, the first one first."""
    return list(session.scalars(select(User).order_by(User.id)))


def named(name: str) -> User | None:
    """Find a user by name, whatever its case."""
    return session.scalar(select(User).where(User.key == fold(name)))


def has_owner() -> bool:
    """Tell whether the site has an owner already."""
    return session.scalar(select(User.id).where(User.role == OWNER).limit(1)) is not None


def who(kept: Mapping[str, Any]) -> Identity | None:
    """Find who a session belongs to; ``None`` where the password was changed since."""
    user_id, stamp = kept.get(SESSION) or (0, "")
    user = session.get(User, user_id) if user_id else None
    if user is None or not secrets.compare_digest(user.stamp, stamp):
        return None
    return identity_of(user)


def identity_of(user: User) -> Identity:
    """Give what the site knows of a user who is signed in."""
    name = user.display_name or user.name
    return Identity(f"accounts:{user.id}", name, permissions_of(user.role), user.email)


def works(who: Identity) -> bool:
    """Tell whether somebody has something to do in the admin; members have not."""
    return any(who.may(one) for one in WORK)


def permissions_of(role: str) -> frozenset[str]:
    """Give what a role may do: an owner everything, others what names their role."""
    declared = [*identity.PERMISSIONS]
    for answer in hooks.permissions():
        declared += answer.value
    return frozenset(one.name for one in declared if role == OWNER or role in one.roles)


# Changing who is there


def add(name: str, password: str, role: str, *, email: str = "", display_name: str = "") -> User:
    """Add a user; raise ``BadUser``."""
    user = made(name, password, role, email=email, display_name=display_name)
    try:
        with writing() as write:
            write.add(user)
    except IntegrityError:
        raise BadUser(taken()) from None
    return user


def made(name: str, password: str, role: str, *, email: str = "", display_name: str = "") -> User:
    """Make a user that is not stored yet; raise ``BadUser``."""
    name = markup.clean_line(name)
    problem = name_problem(name) or password_problem(password)
    if problem:
        raise BadUser(problem)
    return User(
        name=name,
        key=fold(name),
        display_name=markup.clean_line(display_name)[:100],
        email=markup.clean_line(email)[:100],
        password=_hashed(password),
        role=role,
        stamp=_stamp(),
    )


def set_password(name: str, password: str) -> None:
    """Change a password, which ends the user's sessions; raise ``BadUser``."""
    problem = password_problem(password)
    if problem:
        raise BadUser(problem)
    hashed = _hashed(password)
    with writing() as write:
        user = write.scalar(select(User).where(User.key == fold(name)))
        if user is None:
            raise BadUser(_("There is no user %(name)s.", name=name))
        user.password, user.stamp = hashed, _stamp()


def taken() -> str:
    """Say that a name is somebody's already."""
    return _("Somebody has this name already. Please choose another one.")


def name_problem(name: str) -> str:
    """Say why a name cannot be taken; nothing when it can."""
    name = markup.clean_line(name)
    if not name:
        return _("Please give a name.")
    if len(name) > NAME_LENGTH:
        return _("A name may have %(most)s characters at most.", most=NAME_LENGTH)
    return ""


def password_problem(password: str) -> str:
    """Say why a password cannot be taken; nothing when it can."""
    if len(password) < PASSWORD_LEAST:
        return _("A password needs %(least)s characters or more.", least=PASSWORD_LEAST)
    if len(password) > PASSWORD_MOST:
        return _("A password may have %(most)s characters at most.", most=PASSWORD_MOST)
    return ""


def fold(name: str) -> str:
    """Give a name without regard to case and to how its letters are composed."""
    return unicodedata.normalize("NFKC", markup.clean_line(name)).casefold()[:180]


# Logging in


def asker(name: str, address: str) -> Asker:
    """Give the hashes under which attempts with a name from an address are counted."""
    network = network_of(address)
    return Asker(
        links.sign("accounts asker", fold(name), network), links.sign("accounts network", network)
    )


def log_in(name: str, password: str, who_asks: Asker, most: int) -> User | None:
    """Check name and password, as slowly for a name that nobody has; ``None`` when they are wrong.

    Raise ``TooManyAttempts`` after ``most`` failures within the window, even for a password that
    is right: else guessing would go on.
    """
    _count(who_asks, most)
    user = named(name)
    if not is_password(user, password[:PASSWORD_MOST]) or user is None:
        return None
    from . import passwords  # noqa: PLC0415 - no start should pay for what few requests need

    with writing() as write:
        write.execute(delete(Attempt).where(Attempt.asker == who_asks.both))
        if passwords.is_outdated(user.password):
            write.merge(user).password = _hashed(password)
    return user


def end_sessions(kept: Mapping[str, Any]) -> None:
    """End every session of whoever's this is, so that a copy of the cookie is worth nothing."""
    user_id, stamp = kept.get(SESSION) or (0, "")
    if user_id:
        with writing() as write:
            mine = update(User).where(User.id == user_id, User.stamp == stamp)
            write.execute(mine.values(stamp=_stamp()))


def is_password(user: User | None, password: str) -> bool:
    """Tell whether a password is the user's."""
    from . import passwords  # noqa: PLC0415 - no start should pay for what few requests need

    return passwords.is_right(password, user.password if user else passwords.NOBODY)


def forget_old(_payload: Mapping[str, Any]) -> None:
    """Forget attempts and links whose time is over."""
    with writing() as write:
        write.execute(delete(Attempt).where(Attempt.created_at <= now() - WINDOW))
        write.execute(delete(Link).where(Link.expires_at <= now()))


# Setting the site up


def make_link() -> str:
    """Give the token of a new link that sets the site up once, and forget those that are old."""
    token = secrets.token_urlsafe(24)
    with writing() as write:
        write.execute(delete(Link).where(Link.expires_at <= now()))
        write.add(Link(digest=_digest(token), expires_at=now() + LINK_AGE))
    return token


def check_link(token: str) -> None:
    """Raise ``LinkGone`` unless a link is valid still."""
    link = session.get(Link, _digest(token))
    if link is None or link.expires_at <= now() or has_owner():
        raise LinkGone("this link was used or is too old")


def set_up(token: str, owner: User) -> None:
    """Store the owner and use every link up, in one transaction; raise ``LinkGone``.

    Links are locked in one order, so that of two who set up at once only the first does.
    """
    digest = _digest(token)
    with writing() as write:
        query = select(Link).order_by(Link.digest).with_for_update()
        valid = {one.digest for one in write.scalars(query) if one.expires_at > now()}
        if digest not in valid or has_owner():
            raise LinkGone("this link was used or is too old")
        write.execute(delete(Link))
        write.add(owner)


def _count(who_asks: Asker, most: int) -> None:
    """Count an attempt before it is judged, so that many at once cannot pass the limit."""
    since = now() - WINDOW
    limits = (
        (Attempt.asker, who_asks.both, most),
        (Attempt.network, who_asks.network, most * NETWORK_FACTOR),
    )
    with writing() as write:
        take_turns(write, f"log-ins from {who_asks.network}")
        for column, value, limit in limits:
            recent = (column == value, Attempt.created_at > since)
            count, first = write.execute(
                select(func.count(), func.min(Attempt.created_at)).where(*recent)
            ).one()
            if count >= limit:
                raise TooManyAttempts(max(1, int((first + WINDOW - now()).total_seconds()) + 1))
        write.execute(delete(Attempt).where(Attempt.created_at <= since))
        write.add(Attempt(asker=who_asks.both, network=who_asks.network))


def _hashed(password: str) -> str:
    from . import passwords  # noqa: PLC0415 - no start should pay for what few requests need

    return passwords.hashed(password)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _stamp() -> str:
    return secrets.token_hex(16)
