"""Switching and setting plugins."""

from blog import settings
from blog.testing import SiteUnderTest, hidden_fields

SECRET = '''"""Keep a key."""
# /// plugin
# title = "Keeper"
# version = "1.0"
# api = 1
# reach.secrets = ["key"]
# ///
from wtforms import BooleanField, IntegerField, PasswordField, SelectField
from wtforms.validators import NumberRange
from blog import SettingsForm

class Settings(SettingsForm):
    key = PasswordField("Key", default="")
    loud = BooleanField("Loud", default=True)
    most = IntegerField("Most", default=3, validators=[NumberRange(1, 9)], description="Up to 9.")
    kind = SelectField("Kind", choices=[("a", "A"), ("b", "B")], default="a")
'''
FRAGILE = '''"""Break."""
# /// plugin
# title = "Fragile"
# version = "1.0"
# api = 1
# ///
from blog import hookimpl

@hookimpl
def slot_footer():
    raise RuntimeError("a broken footer")
'''
NEEDY = '''"""Need."""
# /// plugin
# title = "Needy"
# version = "1.0"
# api = 1
# requires = ["threads"]
# ///
'''


def test_each_plugin_is_shown_with_what_it_touches(owner: SiteUnderTest) -> None:
    page = owner.get("/admin/plugins").text
    for shown in ("Nest replies under the comments", "threads_node", "comes with Palabre"):
        assert shown in page


def test_a_plugin_turned_off_stops_for_the_next_reader(site, owner, send, post) -> None:
    assert 'class="share"' in site.get(post.path).text
    send(owner, "/admin/plugins/share/off")
    assert 'class="share"' not in site.get(post.path).text
    send(owner, "/admin/plugins/share/on")
    assert 'class="share"' in site.get(post.path).text


def test_turning_off_asks_when_others_would_stop(site, owner, send) -> None:
    site.place("needy", NEEDY)
    asked = send(owner, "/admin/plugins/threads/off")
    assert "Needy" in asked.text
    with site.context() as current:
        assert current.plugin("threads") is not None
    send(owner, "/admin/plugins/threads/off", sure="yes")
    with site.context() as current:
        assert current.plugin("threads") is None
        assert current.plugin("needy") is None
    assert "threads" in owner.get("/admin/plugins").text


def test_a_plugin_that_cannot_be_turned_on_says_why(site, owner, send) -> None:
    (site.instance / "plugins" / "broken.py").write_text("nonsense(", "utf-8")
    send(owner, "/admin/plugins/broken/on")
    page = owner.get("/admin/plugins").text
    assert "That plugin stays off: broken" in page


def test_a_plugin_that_is_not_there_is_no_error_of_the_server(owner, send) -> None:
    assert send(owner, "/admin/plugins/nowhere/off").status_code == 404
    assert send(owner, "/admin/plugins/nowhere/on").status_code == 303
    assert owner.get("/admin/plugins/nowhere/settings").status_code == 404


def test_errors_are_shown_with_their_traceback_until_forgotten(site, owner, send) -> None:
    site.place("fragile", FRAGILE)
    site.get("/")
    site.wsgi.housekeep()
    page = owner.get("/admin/plugins/fragile").text
    assert "RuntimeError: a broken footer" in page
    assert "Traceback" in page
    assert "a broken footer" in owner.get("/admin/").text
    site.wsgi.housekeep()
    send(owner, "/admin/plugins/fragile/forget")
    send(owner, "/admin/plugins/fragile/off")
    send(owner, "/admin/plugins/fragile/forget")
    site.wsgi.housekeep()
    send(owner, "/admin/plugins/fragile/forget")
    assert "a broken footer" not in owner.get("/admin/plugins/fragile").text


def test_settings_are_made_from_the_plugins_form_and_kept(site, owner, send) -> None:
    site.place("keeper", SECRET)
    path = "/admin/plugins/keeper/settings"
    assert "Up to 9." in owner.get(path).text
    assert send(owner, path, most="7", kind="b", key="sesame").status_code == 303
    with site.context() as current:
        kept = current.settings["keeper"]
        assert (kept.most, kept.kind, kept.loud, kept.key) == (7, "b", False, "sesame")


def test_a_secret_is_never_shown_and_stays_when_left_empty(site, owner, send) -> None:
    site.place("keeper", SECRET)
    path = "/admin/plugins/keeper/settings"
    send(owner, path, most="7", kind="b", key="sesame")
    assert "sesame" not in owner.get(path).text
    send(owner, path, most="8", kind="b", key="")
    with site.context() as current:
        assert current.settings["keeper"].key == "sesame"


def test_a_wrong_setting_is_said_beside_its_field(site, owner, send) -> None:
    site.place("keeper", SECRET)
    answer = send(owner, "/admin/plugins/keeper/settings", most="70", kind="a")
    assert answer.status_code == 422
    assert 'id="most-error"' in answer.text
    assert 'value="70"' in answer.text


def test_a_form_that_raises_is_contained(site, owner, send) -> None:
    raising = "    def validate_most(self, field):\n        raise RuntimeError('own fault')\n"
    site.place("keeper", SECRET + raising)
    answer = send(owner, "/admin/plugins/keeper/settings", most="7", kind="b")
    assert answer.status_code == 422
    assert "RuntimeError: own fault" in answer.text


def test_a_setting_that_is_pinned_is_shown_with_its_place(site, owner, send) -> None:
    (site.instance / "config.toml").write_text("[plugins.threads]\ndepth = 3\n", "utf-8")
    again = SiteUnderTest(site.instance, site.environ)
    again.client = owner.client
    again.client.application = again.wsgi
    page = again.get("/admin/plugins/threads/settings").text
    assert "config.toml" in page
    assert 'name="depth"' not in page
    again.close()


def test_a_plugin_of_another_adds_its_page_to_the_navigation(site, owner) -> None:
    site.place(
        "ledger",
        '''"""Keep a ledger."""
# /// plugin
# title = "Ledger"
# version = "1.0"
# api = 1
# reach.routes = ["/admin/ledger"]
# ///
from flask import Blueprint
from blog import MenuItem, hookimpl, identity

bp = Blueprint("ledger", __name__)

@bp.get("/admin/ledger")
def page():
    return "ledger"

@hookimpl
def routes():
    return bp

@hookimpl(optionalhook=True)
def admin_pages():
    return [MenuItem("Ledger", "ledger.page", identity.MANAGE),
            MenuItem("Gone", "ledger.nowhere", identity.MANAGE)]
''',
    )
    page = owner.get("/admin/").text
    assert 'href="/admin/ledger"' in page
    assert "Gone" not in page


def test_a_secret_says_whether_it_is_set_and_is_never_shown(owner: SiteUnderTest) -> None:
    owner.place("keeper", SECRET)
    assert "Not set." in owner.get("/admin/plugins/keeper/settings").text
    owner.set("keeper", key="very-secret-word")

    page = owner.get("/admin/plugins/keeper/settings").text
    assert "Set, and never shown." in page
    assert "very-secret-word" not in page


def test_settings_are_tested_with_what_is_typed_and_not_saved(owner: SiteUnderTest) -> None:
    post = owner.write_post()
    owner.write_comment(post, "Visit my casino")
    owner.write_comment(post, "A quiet word")
    path = "/admin/plugins/spam/settings"
    typed = {
        **hidden_fields(owner.get(path).text),
        "links_hold": "2",
        "links_spam": "10",
        "words_action": "spam",
        "words": "casino",
        "rate_minute": "3",
        "rate_ten_minutes": "10",
        "test-settings": "1",
    }

    page = owner.post(path, typed)

    assert page.status_code == 200
    assert "Published comments that hold a blocked word: casino (1)" in page.text
    with owner.context():
        assert settings["spam"].words == ""


def test_any_host_is_said_in_words(owner: SiteUnderTest) -> None:
    path = owner.instance / "plugins" / "keeper.py"
    path.write_text(SECRET.replace("# reach.", '# reach.hosts = ["*"]\n# reach.'))

    assert "any host" in owner.get("/admin/plugins").text


BROKEN_FIELD = '''"""Break at showing a setting."""
# /// plugin
# title = "Odd"
# version = "1.0"
# api = 1
# ///
from wtforms import IntegerField
from blog import SettingsForm

class Broken(IntegerField):
    def __call__(self, **_):
        raise SystemExit("it cannot be shown")

class Settings(SettingsForm):
    most = Broken("Most", default=3)
'''


def test_settings_that_cannot_be_shown_are_the_plugins_failure(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    site.place("odd", BROKEN_FIELD)

    answer = owner.get("/admin/plugins/odd/settings")

    assert answer.status_code == 303
    assert "it cannot be shown" in owner.follow(answer).text
    assert {one.plugin for one in site.errors()} == {"odd"}
