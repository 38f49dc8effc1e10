"""Answer people who log in, log out and set the site up."""

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from blog import (
    Identity,
    SignIn,
    asset,
    console,
    control,
    csrf_exempt,
    generation,
    identity,
    ngettext,
    render,
    settings,
    speaking,
    welcome,
)
from blog import gettext as _

from . import services
from .forms import LANGUAGES, LoginForm, SetupForm, local_path, of_browser, spoken, zones
from .models import User

bp = Blueprint("accounts", __name__)
ADMIN = "/admin/"
LINK = Markup('<p class="accounts-log-in"><a href="{path}" rel="nofollow">{text}</a></p>')
STYLE = Markup('<link rel="stylesheet" href="{}">')
SIGNED_IN = Markup(
    '<form class="accounts-log-out" method="post" action="{path}"><p><span>{who}</span> {admin}'
    '<input type="hidden" name="csrf_token" value="{token}">'
    '<button type="submit">{text}</button></p></form>'
)


@bp.route("/login/", methods=["GET", "POST"])
@csrf_exempt
def login() -> ResponseReturnValue:
    """Log a person in and lead to where they wanted to go."""
    form = LoginForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next"))
        return render("accounts/login.html", form=form)
    if not form.validate():
        return render("accounts/login.html", form=form), 422
    name, password = form.typed("name"), form.typed("password")
    asker = services.asker(name, request.remote_addr or "")
    try:
        user = services.log_in(name, password, asker, settings["accounts"].attempts)
    except services.TooManyAttempts as many:
        return _pause(form, many.seconds)
    if user is None:
        form.password.errors = [_("Name and password do not belong together. Please try again.")]
        return render("accounts/login.html", form=form), 422
    begin(user, stays=form.remember.data)
    return redirect(local_path(form.next.data) or home(services.identity_of(user)), 303)


@bp.post("/logout/")
def logout() -> ResponseReturnValue:
    """Log a person out, here and wherever else they are logged in."""
    services.end_sessions(session)
    session.clear()
    return redirect("/", 303)


@bp.route("/setup/<token>", methods=["GET", "POST"])
@csrf_exempt
def set_up(token: str) -> ResponseReturnValue:
    """Make whoever was given a link the owner of a site that has none, in their own language."""
    before = settings["core"].language
    with speaking(spoken()):
        try:
            services.check_link(token)
            form = SetupForm(data=of_browser())
            if request.method == "POST" and form.validate():
                return _begin_site(token, form, before)
        except services.LinkGone:
            return _gone()
        shown = render(
            "accounts/setup.html",
            form=form,
            languages=LANGUAGES,
            zones=zones(form.typed("timezone")),
        )
        return shown, 422 if form.problems() else 200


@bp.get("/wp-login.php")
def wordpress_login() -> ResponseReturnValue:
    """Lead those who know the address of WordPress to ours."""
    return redirect(url_for("accounts.login"), 301)


def begin(user: User, *, stays: bool = False) -> None:
    """Begin a session; whatever the browser brought from before is dropped."""
    session.clear()
    session[services.SESSION] = [user.id, user.stamp]
    session.permanent = stays


def home(who: Identity) -> str:
    """Give the address where a person goes after logging in."""
    return ADMIN if has_admin() and services.works(who) else "/"


def has_admin() -> bool:
    """Tell whether a plugin answers at the address of the admin."""
    return "admin" in current_app.blueprints


def way_in(path: str) -> SignIn:
    """Give the log-in form that comes back to a path, or what a site without an owner needs."""
    if services.has_owner():
        return SignIn(url_for("accounts.login", next=local_path(path) or None))
    return SignIn(sentence=no_owner())


def no_owner() -> Markup:
    """Say how a site without an owner gets one."""
    sentence = _(
        "This site has no owner yet. On the machine that runs it, this command gives a link,"
        " valid for 30 minutes, that makes you its owner:"
    )
    return Markup("{} <code>{}</code>").format(sentence, _command())


def style() -> Markup | None:
    """Bring the look of the way out, to those alone who see it."""
    return STYLE.format(asset("accounts", "accounts.css")) if identity.current().id else None


def way_into() -> Markup | None:
    """Give the way in to anonymous readers, unless the owner hides it."""
    if identity.current().id or not settings["accounts"].footer:
        return None
    return LINK.format(path=url_for("accounts.login"), text=_("Log in"))


def way_out() -> Markup | None:
    """Say who is signed in, with the admin and the way out."""
    who = identity.current()
    if not who.id:
        return None
    link = Markup('<a href="{}">{}</a> ').format(ADMIN, _("Admin"))
    return SIGNED_IN.format(
        path=url_for("accounts.logout"),
        who=who.name,
        admin=link if has_admin() and services.works(who) else "",
        token=generate_csrf(),
        text=_("Log out"),
    )


def _begin_site(token: str, form: SetupForm, before: str) -> ResponseReturnValue:
    user = services.made(form.typed("name"), form.typed("password"), services.OWNER)
    services.set_up(token, user)
    with identity.acting_as(services.identity_of(user)), speaking(form.typed("language")):
        if form.typed("language") != before:
            welcome.say_again()
        control.store(form.settings())
    begin(user)
    return redirect(home(services.identity_of(user)), 303)


def _gone() -> ResponseReturnValue:
    title = _("This link was used or is too old")
    text = _log_in_instead() if services.has_owner() else no_owner()
    return render("error.html", status=403, title=title, text=text, body_class="error"), 403


def _log_in_instead() -> Markup:
    sentence = _("This site has an owner. Who has forgotten the password makes a new one with:")
    link = Markup('<a href="{}">{}</a>').format(url_for("accounts.login"), _("Log in"))
    return Markup("{} <code>palabre users password</code>. {}").format(sentence, link)


def _command() -> str:
    """Give the command for a new link, with folders only where no stranger reads it."""
    if not current_app.debug:
        return "palabre setup-link"
    here = console.Context(generation().instance)
    return here.command_line("setup-link", "--address", request.host_url.rstrip("/"))


def _pause(form: LoginForm, seconds: int) -> ResponseReturnValue:
    minutes = -(-seconds // 60)
    form.password.errors = [
        ngettext(
            "Too many attempts failed. Please try again in %(num)s minute.",
            "Too many attempts failed. Please try again in %(num)s minutes.",
            minutes,
        )
    ]
    return render("accounts/login.html", form=form), 429, {"Retry-After": str(seconds)}
