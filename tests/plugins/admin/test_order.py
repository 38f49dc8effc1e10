"""The order of plugins, chosen with buttons."""

from blog.testing import SiteUnderTest

ASKS = '''"""Ask for a place."""
# /// plugin
# title = "Zeal"
# version = "1.0"
# api = 1
# before = ["accounts"]
# ///
'''


def names(site: SiteUnderTest) -> list[str]:
    """Name the plugins in the order in which they run."""
    with site.context() as current:
        return [one.name for one in current.plugins]


def test_the_order_of_each_hook_is_shown(owner: SiteUnderTest) -> None:
    assert "slot_under_comments" in owner.get("/admin/plugin-order").text


def test_a_plugin_is_moved_and_moved_back(site, owner, send) -> None:
    before = names(site)
    told = owner.follow(send(owner, f"/admin/plugin-order/{before[1]}/earlier")).text
    assert names(site)[:2] == [before[1], before[0]]
    assert f'action="/admin/plugin-order/{before[1]}/later"' in told
    send(owner, f"/admin/plugin-order/{before[1]}/later")
    assert names(site) == before


def test_the_first_plugin_stays_the_first(site, owner, send) -> None:
    before = names(site)
    answer = send(owner, f"/admin/plugin-order/{before[0]}/earlier")
    assert answer.status_code == 303
    assert names(site) == before


def test_an_order_against_what_a_plugin_asks_is_said_and_reset(site, owner, send) -> None:
    site.place("zeal", ASKS)
    send(owner, "/admin/plugin-order/zeal/later")
    page = owner.get("/admin/plugin-order").text
    assert "zeal asks to come before accounts" in page
    send(owner, "/admin/plugin-order/reset")
    assert names(site).index("zeal") < names(site).index("accounts")
    assert "You chose this order." not in owner.get("/admin/plugin-order").text


def test_what_is_not_on_has_no_place(owner, send) -> None:
    assert send(owner, "/admin/plugin-order/nowhere/later").status_code == 404
