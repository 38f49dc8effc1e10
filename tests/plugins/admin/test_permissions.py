"""Nobody gets into the admin who may not."""

from flask import current_app
from werkzeug.routing import Rule

from blog.testing import SiteUnderTest

MODERATED = {"admin.comments", "admin.comment"}


def rules(site: SiteUnderTest) -> list[Rule]:
    with site.context():
        found = list(current_app.url_map.iter_rules())
    return [one for one in found if one.endpoint.startswith("admin.")]


def answers(person: SiteUnderTest, number: int) -> dict[str, int]:
    found = {}
    for rule in rules(person):
        path = rule.rule.replace("<int(max=2147483647):number>", str(number))
        path = path.replace("<name>", "threads")
        if "GET" in (rule.methods or ()):
            found[rule.endpoint] = person.get(path).status_code
        if "POST" in (rule.methods or ()):
            found[f"POST {rule.endpoint}"] = person.post(path).status_code
    return found


def test_no_page_answers_an_anonymous_reader(site: SiteUnderTest, post, comment) -> None:
    said = comment(post)
    found = answers(site, said.id)
    assert len(found) > 15
    assert {code for code in found.values() if code < 300} == set()


def test_a_moderator_sees_the_comments_alone(moderator: SiteUnderTest, post, comment) -> None:
    said = comment(post)
    found = answers(moderator, said.id)
    assert {name for name, code in found.items() if code == 200} == MODERATED


def test_a_moderator_who_opens_the_admin_goes_to_the_comments(moderator: SiteUnderTest) -> None:
    assert moderator.get("/admin/").headers["Location"] == "/admin/comments"


def test_a_form_without_token_changes_nothing(owner: SiteUnderTest, post) -> None:
    answer = owner.post("/admin/posts/change", {"ids": post.id, "do": "trash"})
    assert answer.status_code == 422
    assert owner.get(post.path).status_code == 200


def test_what_is_not_there_is_404(owner: SiteUnderTest) -> None:
    for page in ("posts", "comments"):
        for number in (0, 99, 2**31 - 1, 2**31, 10**30):
            assert owner.get(f"/admin/{page}/{number}").status_code == 404


def test_the_only_door_is_closed_only_after_a_question(owner: SiteUnderTest, send) -> None:
    asked = send(owner, "/admin/plugins/accounts/off")
    assert "palabre plugins enable accounts" in asked.text
    assert owner.get("/admin/").status_code == 200


def test_plugins_are_the_owners_alone(moderator: SiteUnderTest) -> None:
    for page in ("plugins", "plugin-order", "plugin-cost", "plugin-attention", "plugins/threads"):
        assert moderator.get(f"/admin/{page}").status_code == 403
    for page in ("plugins/threads/remove", "plugins/threads/export", "plugins/threads/settings"):
        assert moderator.get(f"/admin/{page}").status_code == 403


def test_a_change_of_plugins_needs_a_token(owner: SiteUnderTest) -> None:
    changes = ("plugins/threads/off", "plugins/threads/remove", "plugin-safety/begin")
    for path in (*changes, "plugin-order/threads/later", "plugins/threads/check"):
        assert owner.post(f"/admin/{path}", {"sure": "yes"}).status_code == 422
