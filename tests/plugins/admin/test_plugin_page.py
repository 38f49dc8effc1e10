"""One plugin whole: what it touches, needs and costs, how good it is, and what was wrong."""

import pytest

from blog.testing import SiteUnderTest

from .test_plugins import FRAGILE, NEEDY, SECRET

WRONG = FRAGILE.replace("slot_footer", "slot_footr")


@pytest.fixture
def needy(site: SiteUnderTest) -> None:
    """Place a plugin that needs another one, both off."""
    (site.instance / "plugins" / "needy.py").write_text(NEEDY, "utf-8")
    site.disable("threads")


def test_what_a_plugin_touches_is_shown_before_it_is_on(site, owner) -> None:
    (site.instance / "plugins" / "keeper.py").write_text(SECRET, "utf-8")
    page = owner.get("/admin/plugins/keeper").text
    for shown in ("Needs secrets", "<dd>key</dd>", "placed in this site’s folder", "Try it first"):
        assert shown in page


def test_a_plugin_that_is_not_there_has_no_page(owner: SiteUnderTest) -> None:
    for page in ("", "/remove", "/export"):
        assert owner.get(f"/admin/plugins/nowhere{page}").status_code == 404


def test_one_button_turns_on_all_that_is_needed(site, owner, send, needy) -> None:
    assert "Turn on, and what it needs first" in owner.get("/admin/plugins/needy").text
    send(owner, "/admin/plugins/needy/on", needed="yes")
    with site.context() as current:
        assert current.plugin("threads") is not None
        assert current.plugin("needy") is not None


def test_the_list_leads_to_the_page_where_what_is_needed_is_said(owner, send, needy) -> None:
    answer = send(owner, "/admin/plugins/needy/on")
    assert answer.headers["Location"] == "/admin/plugins/needy"
    assert "Needy needs Threads first." in owner.follow(answer).text


def test_what_would_stop_is_named(site, owner) -> None:
    site.place("needy", NEEDY)
    page = owner.get("/admin/plugins/threads").text
    assert "<dt>Needed by</dt><dd>Needy</dd>" in page


def test_a_change_goes_back_to_the_page_that_it_was_made_on(owner, send) -> None:
    answer = send(owner, "/admin/plugins/share/off", back="/admin/plugins/share")
    assert answer.headers["Location"] == "/admin/plugins/share"


def test_turning_on_is_undone_with_one_button(site, owner, send) -> None:
    site.disable("share")
    told = owner.follow(send(owner, "/admin/plugins/share/on")).text
    assert 'action="/admin/plugins/share/off"' in told
    assert "Turn it off again" in told


def test_a_plugin_is_tried_by_its_owner_alone(site, owner, send, post) -> None:
    site.disable("share")
    assert send(owner, "/admin/plugins/share/try").headers["Location"] == "/"
    assert 'class="share"' in owner.get(post.path).text
    assert 'class="share"' not in site.get(post.path).text


def test_a_plugin_that_cannot_be_tried_says_why(site, owner, send) -> None:
    (site.instance / "plugins" / "wrong.py").write_text("nonsense(", "utf-8")
    told = owner.follow(send(owner, "/admin/plugins/wrong/try")).text
    assert "It cannot be tried: wrong" in told


def test_mistakes_are_shown_with_their_mend_and_no_path_of_the_machine(site, owner, send) -> None:
    (site.instance / "plugins" / "wrong.py").write_text(WRONG, "utf-8")
    page = send(owner, "/admin/plugins/wrong/check").text
    assert "slot-unknown" in page
    assert "wrong.py:10" in page
    assert str(site.instance) not in page


def test_a_grade_is_given_by_the_checker_alone(owner, send) -> None:
    assert "Grade" not in owner.get("/admin/plugins/threads").text
    assert "No mistake was found." in send(owner, "/admin/plugins/threads/check").text


def test_looking_at_a_plugin_imports_nothing(site, owner) -> None:
    mark = site.instance / "imported"
    source = FRAGILE + f"\nopen({str(mark)!r}, 'w').close()\n"
    (site.instance / "plugins" / "fragile.py").write_text(source, "utf-8")
    for page in ("", "/remove", "/export"):
        assert owner.get(f"/admin/plugins/fragile{page}").status_code == 200
    assert not mark.exists()


def test_changed_files_are_told_and_taken_by_a_button(site, owner, send) -> None:
    site.place("fragile", FRAGILE)
    (site.instance / "plugins" / "fragile.py").write_text(FRAGILE + "\n# new\n", "utf-8")
    page = owner.get("/admin/plugins").text
    assert "Its files on the disk are not the code that runs." in page
    assert "palabre plugins reload" not in page  # the button does it
    answer = send(owner, "/admin/plugins/fragile/reload")
    assert "its new code is taken" in owner.follow(answer).text


def test_changed_files_with_a_mistake_are_not_taken(site, owner, send) -> None:
    site.place("fragile", FRAGILE)
    (site.instance / "plugins" / "fragile.py").write_text(WRONG, "utf-8")
    told = owner.follow(send(owner, "/admin/plugins/fragile/reload")).text
    assert "The code of Fragile stays as it was:" in told


def test_a_button_leaves_out_what_does_not_come_with_palabre(site, owner, send) -> None:
    site.place("fragile", FRAGILE)
    send(owner, "/admin/plugin-safety/begin")
    assert "Only plugins that come with Palabre run now; the others wait." in (
        owner.get("/admin/plugins").text
    )
    assert 'status-failed">Failed' in owner.get("/admin/plugins/fragile").text
    with site.context() as current:
        assert current.plugin("fragile") is None
    send(owner, "/admin/plugin-safety/end")
    with site.context() as current:
        assert current.plugin("fragile") is not None


def test_a_plugin_whose_file_is_gone_still_has_a_page_and_is_turned_off(site, owner, send) -> None:
    site.place("fragile", FRAGILE)
    (site.instance / "plugins" / "fragile.py").unlink()
    for page in ("", "/remove", "/export"):
        assert owner.get(f"/admin/plugins/fragile{page}").status_code == 200
    send(owner, "/admin/plugins/fragile/remove", sure="yes")
    assert owner.get("/admin/plugins/fragile").status_code == 404


def test_a_plugin_without_manifest_is_checked_all_the_same(site, owner, send) -> None:
    (site.instance / "plugins" / "bare.py").write_text("x = 1\n", "utf-8")
    assert owner.get("/admin/plugins/bare").status_code == 200
    assert "manifest-missing" in send(owner, "/admin/plugins/bare/check").text


def test_pages_stay_where_a_revision_of_a_plugin_is_broken(site, owner) -> None:
    folder = site.instance / "plugins" / "ledger"
    (folder / "migrations").mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Keep a ledger."""\n', "utf-8")
    (folder / "plugin.toml").write_text('title = "Ledger"\nversion = "1.0"\napi = 1\n', "utf-8")
    site.enable("ledger")
    (folder / "migrations" / "0001_tables.py").write_text("nonsense(", "utf-8")
    for page in ("", "plugins", "plugins/ledger", "plugin-attention", "plugins/ledger/remove"):
        assert owner.get(f"/admin/{page}").status_code == 200
