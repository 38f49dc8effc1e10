"""While developing, every page of the admin has room for the bar that says what failed."""

from blog.testing import SiteUnderTest


def test_every_page_is_shown_while_developing(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    site.wsgi.debug = True
    with site.context():
        rules = list(site.wsgi.served().app.url_map.iter_rules())
    pages = {
        one.rule
        for one in rules
        if one.rule.startswith("/admin") and not one.arguments and "GET" in (one.methods or ())
    }

    assert "/admin/plugins" in pages
    assert {one: owner.get(one).status_code for one in pages} == dict.fromkeys(pages, 200)
