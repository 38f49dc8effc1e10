"""Setting the site, and its overview."""

import pytest

from blog import config, control, welcome
from blog.testing import SiteUnderTest


@pytest.fixture
def set_site(owner: SiteUnderTest, send):
    """Send the settings of the site."""

    def set_site(**fields: str):
        return send(owner, "/admin/settings", **fields)

    return set_site


def test_a_new_title_is_there_for_the_next_reader(site, set_site) -> None:
    assert set_site(title="Le Fromager").status_code == 303
    assert "Le Fromager" in site.get("/").text


def test_a_new_language_speaks_at_once(owner, set_site) -> None:
    set_site(language="fr")
    assert "Réglages" in owner.get("/admin/settings").text


WRONG = [
    ("timezone", "Africa/Nowhere"),
    ("timezone", "../../etc/passwd"),
    ("site_url", "no address"),
    ("permalink", "/{nonsense}/"),
    ("permalink", "/{slug.__class__}/{"),
    ("posts_per_page", "0"),
    ("posts_per_page", "many"),
    ("comments_days", "-1"),
    ("plugin_failures", "-1"),
    ("plugin_failure_minutes", "0"),
    ("plugin_budget", "soon"),
    ("language", "xx"),
    ("title", "x" * 300),
]


def test_a_wrong_setting_is_said_beside_its_field_and_nothing_is_lost(site, set_site) -> None:
    for field, value in WRONG:
        answer = set_site(**{"tagline": "Gardé", field: value})
        assert answer.status_code == 422, (field, value)
        assert f'id="{field}-error"' in answer.text
        assert "Gardé" in answer.text
    assert "Gardé" not in site.get("/").text


def test_every_setting_that_the_database_may_hold_has_its_field(owner) -> None:
    page = owner.get("/admin/settings").text
    assert [name for name in config.stored_names() if f'name="{name}"' not in page] == []


def test_what_plugins_may_do_is_kept(site, set_site) -> None:
    set_site(plugin_failures="7", plugin_failure_minutes="3", plugin_budget="900")
    with site.context():
        kept = control.stored_settings()
    assert (kept["plugin_failures"], kept["plugin_failure_minutes"]) == (7, 3)
    assert kept["plugin_budget"] == 900


def test_groups_are_named_in_the_plural(owner, set_site, site, post) -> None:
    site.comment(post, "Bonjour")
    set_site(language="fr")
    assert ">Indésirables <span" in owner.get("/admin/comments").text
    assert ">Publiés <span" in owner.get("/admin/posts").text
    assert 'status-published">Publié</span>' in owner.get("/admin/posts").text
    assert "<dt>Programmés</dt>" in owner.get("/admin/").text


def test_an_address_elsewhere_is_asked_about_before_it_locks_out(site, owner, set_site) -> None:
    answer = set_site(site_url="https://example.org")
    assert answer.status_code == 422
    assert 'name="sure"' in answer.text
    assert set_site(site_url="https://example.org", sure="on").status_code == 303


def test_another_scheme_is_another_address(set_site) -> None:
    assert set_site(site_url="https://localhost").status_code == 422
    assert set_site(site_url="http://localhost").status_code == 303


def test_a_pinned_setting_is_shown_with_its_place_and_not_changed(make_site) -> None:
    from tests.conftest import signed_in

    site = make_site()
    (site.instance / "config.toml").write_text('title = "Fixe"\n', "utf-8")
    again = SiteUnderTest(site.instance, site.environ)
    owner = signed_in(again, "Afi", "owner")
    page = owner.get("/admin/settings").text
    assert "config.toml" in page
    assert 'name="title"' not in page
    again.close()


def test_the_example_goes_in_one_click(site, owner, send) -> None:
    welcome.say_welcome(site.wsgi)
    assert "Remove the example" in owner.get("/admin/").text
    send(owner, "/admin/welcome/remove")
    page = owner.get("/admin/").text
    assert "The example is gone" in page
    assert "Remove the example" not in page
    assert "Welcome under the tree" not in site.get("/").text


def test_the_overview_counts_what_waits(site, owner, post) -> None:
    site.comment(post, "Bonjour")
    assert "One comment waits for you." in owner.get("/admin/").text
