"""Each bundled plugin alone, and all but each: people read, comment, publish and moderate."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from blog import PostRow, Status
from blog.cli import palabre
from blog.testing import SiteUnderTest, hidden_fields
from tests.beside import BUNDLED
from tests.conftest import signed_in

pytestmark = [pytest.mark.slow, pytest.mark.exact_site("it names the plugins of its sites")]
SITES = [
    *(pytest.param([name], id=name) for name in BUNDLED),
    *(
        pytest.param([one for one in BUNDLED if one != name], id=f"all but {name}")
        for name in BUNDLED
    ),
]


@pytest.mark.parametrize("plugins", SITES)
def test_a_blog_is_kept_from_its_first_post_to_its_last_comment(
    make_site: Callable[..., SiteUnderTest], plugins: list[str]
) -> None:
    site = make_site(plugins)
    post = site.write_post("Sous l’arbre", "Un texte.\n\nUn autre.")
    read(site, post)
    comment(site, post)
    moderate(site, post)
    publish(site)
    if {"accounts", "admin"} <= {*plugins}:
        administer(site, post)
    site.work()

    assert [f"{one.plugin} {one.hook}: {one.message}" for one in site.errors()] == []


def read(site: SiteUnderTest, post: PostRow) -> None:
    """Read every page of the core as a stranger does."""
    site.write_comment(post, "Premier mot", author="Ama")
    assert "Sous l’arbre" in site.get("/").text
    shown = site.get(post.path)
    assert shown.status_code == 200
    assert "Premier mot" in shown.text
    for path in (f"{post.path}?comment=1", f"/?p={post.id}"):
        assert site.get(path, follow_redirects=True).status_code == 200, path
    assert site.get("/rien/").status_code == 404


def comment(site: SiteUnderTest, post: PostRow) -> None:
    """Send a comment: its author sees it at once, others do not yet."""
    answer = site.comment(post, "Bonjour de loin", author="Kodjo")
    assert answer.status_code == 303
    assert "Bonjour de loin" in site.follow(answer).text
    assert "Bonjour de loin" not in site.another().get(post.path).text
    assert site.comment(post, "").status_code == 422


def moderate(site: SiteUnderTest, post: PostRow) -> None:
    """Approve what waits from a shell: everybody sees it."""
    assert site.stored(2).status == Status.PENDING
    say(site, "comments", "approve", "2")
    assert "Bonjour de loin" in site.another().get(post.path).text


def publish(site: SiteUnderTest) -> None:
    """Publish from a shell, change it and take it back."""
    number = say(site, "posts", "new", "Du terminal", "--body", "Un *mot*.", "--publish")
    assert "Du terminal" in site.get("/").text
    say(site, "posts", "edit", number, "--title", "Du clavier")
    assert "Du clavier" in site.get(f"/?p={number}", follow_redirects=True).text
    say(site, "posts", "trash", number)
    assert "Du clavier" not in site.get("/").text


def administer(site: SiteUnderTest, post: PostRow) -> None:
    """Log in, look at every page of the admin, write, and mark a comment as spam."""
    owner = signed_in(site, "Afi", "owner")
    for path in ("/admin/", "/admin/posts", f"/admin/posts/{post.id}", "/admin/comments",
                 "/admin/comments/2", "/admin/plugins", "/admin/settings"):  # fmt: skip
        assert owner.get(path).status_code == 200, path
    form = hidden_fields(owner.get("/admin/posts/new").text)
    written = {"title": "De l’atelier", "body": "Enfin.", "do": "publish"}
    assert owner.post("/admin/posts/new", {**form, **written}).status_code == 303
    assert "De l’atelier" in site.get("/").text
    token = {"csrf_token": form["csrf_token"]}
    assert owner.post("/admin/comments/change", {**token, "do": "spam:2"}).status_code == 303
    assert "Bonjour de loin" not in site.another().get(post.path).text


def say(site: SiteUnderTest, *words: str) -> str:
    """Run a command on the site and give what it answers."""
    command = ["--instance", str(site.instance), *words]
    done = CliRunner().invoke(palabre, command, env=dict(site.environ))
    assert done.exit_code == 0, done.output
    return done.stdout.strip()
