"""Comments: taking them, answering them, showing them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import event

from blog import (
    CommentKind,
    CommentRow,
    PostRow,
    PostStatus,
    Status,
    comments,
    importing,
    now,
    posts,
    writing,
)
from blog.importing import ImportedComment
from blog.models import PluginState
from blog.platform import states
from blog.testing import SiteUnderTest, hidden_fields

ITEM = re.compile(r'<li id="comment-(\d+)"')
ONWARD = re.compile(r'<a (?:class="comment-rest"|rel="next")[^>]*href="([^"]*)"')


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site of the core alone."""
    return make_site([])


def test_reply_to_a_held_comment_is_refused(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow]
) -> None:
    held = comment(post, status=Status.PENDING)

    response = site.comment(post, "Bonjour", parent=held)

    assert response.status_code == 409
    assert "Bonjour" in response.text


def test_a_comment_waits_and_only_its_author_sees_it(site: SiteUnderTest, post: PostRow) -> None:
    response = site.comment(post, "Bonjour à tous", author="Ama")

    assert response.status_code == 303
    assert "Bonjour à tous" in site.follow(response).text
    assert "Bonjour à tous" not in site.get(post.path).text


def test_the_same_form_sent_twice_adds_one_comment(site: SiteUnderTest, post: PostRow) -> None:
    first = site.comment(post, "Bonjour", author="Ama")
    second = site.comment(post, "Bonjour", author="Ama")

    assert second.status_code == 303
    assert second.headers["Location"] == first.headers["Location"]


@pytest.mark.needs("threads")
def test_replies_are_nested_in_lists(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow]
) -> None:
    first = comment(post, "un")
    second = comment(post, "deux", parent=first)
    comment(post, "trois", parent=second)
    comment(post, "quatre")

    page = site.get(post.path).text.partition('<div id="comments"')[2]

    assert page.count('<ol class="children">') == 2
    assert page.count("<ol") == page.count("</ol>")
    assert page.count("<li ") == page.count("</li>")
    assert page.index("deux") < page.index("trois") < page.index("quatre")


# Taking


@pytest.mark.exact_site("spam holds it too, with its own reason", beside=["spam"])
def test_a_comment_is_held_until_somebody_looks(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    bare.comment(post, "Bonjour")

    stored = bare.stored(1)

    assert stored.status == Status.PENDING
    assert [one["plugin"] for one in stored.reasons] == ["core"]


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_a_comment_is_published_where_the_owner_says_so(bare: SiteUnderTest) -> None:
    bare.set("core", comments_publish=True)
    post = bare.write_post()

    response = bare.comment(post, "Bonjour", author="Ama")

    assert response.headers["Location"] == f"{post.path}?comment=1#comment-1"
    assert "Bonjour" in bare.get(post.path).text


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_only_the_text_is_needed_and_no_name_is_shown_as_anonymous(bare: SiteUnderTest) -> None:
    bare.set("core", comments_publish=True)
    post = bare.write_post()
    bare.comment(post, "Bonjour")

    assert '<b class="fn p-name">Anonymous</b>' in bare.get(post.path).text


def test_an_email_is_kept_and_never_shown(bare: SiteUnderTest) -> None:
    bare.set("core", comments_publish=True)
    post = bare.write_post()
    page = bare.follow(bare.comment(post, "Bonjour", email="ama@example.org"))

    assert bare.stored(1).email == "ama@example.org"
    assert "ama@example.org" not in page.text


def test_numbers_are_of_each_post_and_never_given_twice(bare: SiteUnderTest) -> None:
    one, two = bare.write_post("Un"), bare.write_post("Deux")
    order = enumerate((one, two, one, two, one))
    numbers = [bare.write_comment(post, f"Numéro {n}.").number for n, post in order]
    last = bare.write_comment(one, "cinq")
    with bare.context():
        comments.set_status([last.id], Status.TRASH)
        comments.remove([last.id])

    assert numbers == [1, 1, 2, 2, 3]
    assert bare.write_comment(one, "six").number == last.number + 1


def test_comments_close_so_many_days_after_publication(bare: SiteUnderTest) -> None:
    bare.set("core", comments_days=14)
    young = bare.write_post("Un", published_at=now() - timedelta(days=13))
    old = bare.write_post("Deux", published_at=now() - timedelta(days=15))
    exempt = bare.write_post("Trois", published_at=now() - timedelta(days=15), comments_days=0)

    assert bare.comment(young, "Bonjour").status_code == 303
    assert bare.comment(exempt, "Bonjour").status_code == 303
    assert bare.comment(old, "Bonjour").status_code == 403
    assert "Comments are closed." in bare.get(old.path).text


def test_a_waiting_comment_is_not_shown_without_its_key(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    place = bare.comment(post, "Bonjour").headers["Location"].partition("#")[0]
    other = bare.write_comment(post, "Autre", status=Status.PENDING)

    assert "awaiting moderation" in bare.get(place).text
    assert "Bonjour" not in bare.get(place.partition("&key=")[0]).text
    assert "Bonjour" not in bare.get(place[:-1] + ("0" if place[-1] != "0" else "1")).text
    assert "Autre" not in bare.get(place.replace("comment=1", f"comment={other.number}")).text


def test_approval_shows_a_comment_to_everyone_and_counts_it(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    bare.comment(post, "Bonjour")
    with bare.context():
        comments.set_status([1], Status.PUBLISHED)

    html = bare.get(post.path).text

    assert "Bonjour" in html
    assert "one thought on" in html


def test_a_count_follows_every_change_of_status(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    one, two = bare.write_comment(post, "un"), bare.write_comment(post, "deux")
    with bare.context():
        comments.set_status([one.id, two.id], Status.SPAM)
        comments.set_status([two.id], Status.PUBLISHED)
        comments.set_status([two.id], Status.PUBLISHED)

        assert posts.get(post.id).comment_count == 1


# Pages


@pytest.mark.exact_site("without threads", beside=["threads"])
def test_without_threads_comments_are_a_flat_list_in_their_order(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    first = bare.write_comment(post, "un")
    bare.write_comment(post, "deux")
    bare.write_comment(post, "trois", parent=first)

    html = bare.get(post.path).text

    assert html.index("un</p>") < html.index("deux</p>") < html.index("trois</p>")
    assert '<ol class="children">' not in html
    assert "comment-reply-link" not in html


@pytest.mark.parametrize("plugins", [[], ["threads"]])
def test_every_comment_is_reached_by_the_links_onward(
    make_site: Callable[..., SiteUnderTest], plugins: list[str]
) -> None:
    site = small_pages(make_site, plugins)
    post = site.write_post()
    tops = [site.write_comment(post, f"Numéro {n}.") for n in range(4)]
    for n in range(5):
        site.write_comment(post, f"Réponse {n}.", parent=tops[0])

    seen = walk(site, post.path)

    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 9


@pytest.mark.parametrize("plugins", [[], ["threads"]])
def test_the_permalink_of_a_comment_shows_it(
    make_site: Callable[..., SiteUnderTest], plugins: list[str]
) -> None:
    site = small_pages(make_site, plugins)
    post = site.write_post()
    first = site.write_comment(post, "un")
    said = [site.write_comment(post, f"Numéro {n}.", parent=first) for n in range(8)]
    said += [site.write_comment(post, f"Autre {n}.") for n in range(8)]

    missing = [
        row.number
        for row in said
        if f'id="comment-{row.number}"' not in site.get(f"{post.path}?comment={row.number}").text
    ]

    assert missing == []


def test_a_later_page_is_not_for_search_engines(make_site: Callable[..., SiteUnderTest]) -> None:
    site = small_pages(make_site, [])
    post = site.write_post()
    for n in range(5):
        site.write_comment(post, f"Numéro {n}.")

    html = site.get(f"{post.path}?after=3").text

    assert '<meta name="robots" content="noindex, follow">' in html
    assert f'<link rel="canonical" href="http://localhost{post.path}">' in html
    assert f'<a href="{post.path}#comments">First comments</a>' in html


def test_statements_stay_the_same_however_many_comments(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    sent: list[str] = []
    event.listen(bare.wsgi.database.reader, "before_cursor_execute", lambda *a: sent.append(a[2]))
    counts = []
    for n in range(6):
        bare.write_comment(post, f"Numéro {n}.")
        bare.get(post.path)
        sent.clear()
        bare.get(post.path)
        counts.append(len(sent))

    assert len(set(counts)) == 1
    assert counts[0] <= 6


def test_pingbacks_are_items_of_their_own_kind(bare: SiteUnderTest) -> None:
    post = bare.write_post()
    with bare.context(), importing.batch() as batch:
        batch.comments("test", post.id, [imported(CommentKind.PINGBACK)])

    html = bare.get(post.path).text

    assert re.search(r'<li id="comment-\d+" class="pingback ', html)
    assert "one thought on" in html


def imported(kind: CommentKind) -> ImportedComment:
    return ImportedComment(
        original="1",
        parent=None,
        number=1,
        author="Un blog",
        email="",
        url="https://blog.example/",
        body="Il en parle.",
        status=Status.PUBLISHED,
        kind=kind,
        created_at=now(),
    )


def small_pages(make_site: Callable[..., SiteUnderTest], plugins: list[str]) -> SiteUnderTest:
    """Make a site whose threads have three comments a page."""
    site = make_site(plugins)
    (site.instance / "config.toml").write_text("comments_per_page = 3\n", "utf-8")
    return SiteUnderTest(site.instance, site.environ)


def walk(site: SiteUnderTest, path: str) -> list[str]:
    """Read a thread from its first page by its links onward; give the ids of the items."""
    waiting, known, seen = [path], set[str](), []
    while waiting:
        here = waiting.pop()
        if here in known:
            continue
        known.add(here)
        html = site.get(here).text
        seen += [one for one in ITEM.findall(html) if one not in seen or "rest=" not in here]
        waiting += [unescape(one).partition("#")[0] for one in ONWARD.findall(html)]
    return seen


@pytest.mark.exact_site("spam holds it too, with its own reason", beside=["spam"])
def test_what_a_missing_judge_might_have_held_is_held(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([], comments_publish=True)
    (site.instance / "plugins" / "judge.py").write_text("syntax error", "utf-8")
    post = site.write_post()
    with site.wsgi.database_only(), writing() as write:
        write.add(PluginState(name="judge", enabled=True, behind=False, reason=""))
        states.bump(write)

    response = site.comment(post, "Bonjour")

    assert "key=" in response.headers["Location"]
    assert "judge" in site.stored(1).reasons[0]["text"]


def test_a_post_withdrawn_meanwhile_takes_no_comment(site: SiteUnderTest, post: PostRow) -> None:
    form = hidden_fields(site.get(post.path).text)
    with site.context():
        posts.set_status([post.id], PostStatus.DRAFT)

    response = site.post(f"/comments/{post.id}", {**form, "comment": "Bonjour"})

    assert response.status_code == 404
    with site.context():
        assert sum(comments.counts().values()) == 0


def test_the_id_of_a_deleted_comment_is_never_given_again(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow]
) -> None:
    gone = comment(post, "un", status=Status.TRASH)
    with site.context():
        comments.remove([gone.id])

    assert comment(post, "deux").id > gone.id


@pytest.mark.parametrize("place", ["?comment=77#", "?replytocom=77#", "?after=1#", "?rest=50#"])
def test_every_page_of_a_thread_costs_eight_statements_at_most(
    site: SiteUnderTest, post: PostRow, place: str
) -> None:
    found = [
        ImportedComment(
            original=str(number),
            parent="1" if 1 < number < 120 else None,
            number=number,
            author="Afi",
            email="",
            url="",
            body="Bonjour",
            status=Status.PUBLISHED,
            kind=CommentKind.COMMENT,
            created_at=now(),
        )
        for number in range(1, 130)
    ]
    with site.context(), importing.batch() as batch:
        batch.comments("test", post.id, found)

    # Six of the core and the thread, one each for the terms and the related posts.
    assert site.statements(f"{post.path}{place}") <= 8
