"""Language: the owner's catalogue first, then the core's; dates and plurals of the site."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from blog import control, format_date, format_time
from blog.language import format_size, sort_key, speaking, translate, translate_plural
from blog.testing import SiteUnderTest

SOURCE = '''"""Say something."""
from blog import hookimpl, gettext as _
from markupsafe import Markup


@hookimpl
def slot_footer(post):
    """Say it at the foot."""
    return Markup("<p id=said>{} {}</p>").format(_("Reply to %(name)s", name="Ama"), _("Name"))
'''
CATALOGUE = b"""
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8"

msgid "Reply to %(name)s"
msgstr "Rappeler %(name)s"
"""

MakeSite = Callable[..., SiteUnderTest]


@pytest.fixture
def french(make_site: MakeSite) -> SiteUnderTest:
    return make_site([], language="fr")


def place_with_catalogue(site: SiteUnderTest) -> None:
    """Place a plugin that has a word of its own for something the core says too."""
    from io import BytesIO

    folder = site.instance / "plugins" / "echo"
    words = folder / "translations" / "fr" / "LC_MESSAGES"
    words.mkdir(parents=True)
    manifest = 'title = "Echo"\nsummary = "Say something."\nversion = "1.0"\napi = 1\n'
    (folder / "plugin.toml").write_text(manifest, "utf-8")
    (folder / "__init__.py").write_text(SOURCE, "utf-8")
    with (words / "messages.mo").open("wb") as file:
        write_mo(file, read_po(BytesIO(CATALOGUE), locale="fr"))
    site.enable("echo")


def test_a_plugin_speaks_its_own_catalogue_first_then_the_core_s(french: SiteUnderTest) -> None:
    place_with_catalogue(french)

    assert "<p id=said>Rappeler Ama Nom</p>" in french.get("/").text


def test_a_plugin_never_changes_the_words_of_the_core(french: SiteUnderTest) -> None:
    place_with_catalogue(french)
    post = french.write_post()
    first = french.write_comment(post, author="Ama")

    html = french.get(f"{post.path}?replytocom={first.number}").text

    assert "Répondre à Ama" in html


def test_a_damaged_catalogue_costs_no_page(french: SiteUnderTest) -> None:
    place_with_catalogue(french)
    folder = french.instance / "plugins" / "echo" / "translations" / "fr" / "LC_MESSAGES"
    (folder / "messages.mo").write_bytes(b"\xde\x12\x04\x95 and no more")
    french.disable("echo")
    french.enable("echo")

    assert french.get("/").status_code == 200
    with french.context():
        assert {one.title for one in control.plugins()} >= {"Echo"}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "une réflexion"),
        (1, "une réflexion"),
        (2, "2 réflexions"),
    ],
)
def test_the_french_plural_begins_at_two(french: SiteUnderTest, count: int, text: str) -> None:
    with french.context():
        assert translate_plural("core", "one thought", "%(num)s thoughts", count) == text


def test_a_message_without_translation_is_shown_as_it_is(french: SiteUnderTest) -> None:
    with french.context():
        assert translate("core", "never said %%") == "never said %"


def test_dates_are_of_the_site_s_language_and_zone(make_site: MakeSite) -> None:
    site = make_site([], language="fr", timezone="Africa/Lagos")
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)

    with site.context():
        assert format_date(late) == "2 mars 2026"
        assert format_time(late) == "2 mars 2026, 00:30"


SIZES = [
    (0, "0\xa0octet", "0 bytes"),
    (124, "124\xa0octets", "124 bytes"),
    (838_700, "838,7\u202fko", "838.7 kB"),
    (999_960, "1\u202fMo", "1 MB"),
    (4_540_000, "4,5\u202fMo", "4.5 MB"),
    (12 * 10**12, "12\u202f000\u202fGo", "12,000 GB"),
]


@pytest.mark.parametrize(("size", "french_text", "english_text"), SIZES)
def test_sizes_are_written_as_the_language_does(
    french: SiteUnderTest, size: int, french_text: str, english_text: str
) -> None:
    with french.context():
        found = french.wsgi.served().app.jinja_env.filters["size"](size)
        with speaking("en"):
            assert (found, format_size(size)) == (french_text, english_text)


def test_plugins_are_sorted_by_the_title_that_is_shown(french: SiteUnderTest) -> None:
    with french.context():
        titles = [one.title for one in control.plugins()]

    assert sorted(["Zoé", "écho", "Eau", "Été", "Étang"], key=sort_key) == [
        "Eau",
        "écho",
        "Étang",
        "Été",
        "Zoé",
    ]
    assert titles == sorted(titles, key=sort_key)
    assert titles.index("Indésirables") < titles.index("Médias") < titles.index("Sauvegarde")


def test_a_change_of_language_shows_at_once(french: SiteUnderTest) -> None:
    assert '<html lang="fr"' in french.get("/").text
    french.set("core", language="en")

    assert '<html lang="en"' in french.get("/").text
    assert "No post yet." in french.get("/").text


def test_the_french_page_of_a_post_has_no_english_left(french: SiteUnderTest) -> None:
    post = french.write_post("Sous l’arbre", author="Ama")
    french.write_comment(post, "Bonjour")

    html = french.get(post.path).text

    for label in (
        "Aller au texte",
        "Une réflexion au sujet de “Sous l’arbre”",
        "Anonyme",
        "dit\u00a0:",
        "Laisser un commentaire",
        "Seul le texte est nécessaire.",
        "Commentaire",
        "Nom",
        "E-mail",
        "Site web",
        "Envoyer le commentaire",
    ):
        assert label in html
    words = re.sub(r"<[^>]*>", "\n", html).split("\n")
    for left in ("Leave", "Reply", "Anonymous", "says", "Website", "Newer", "Skip"):
        assert not any(left in one for one in words)


def test_the_welcome_is_in_the_site_s_language(french: SiteUnderTest) -> None:
    from blog.welcome import say_welcome

    say_welcome(french.wsgi)

    html = french.get("/").text
    assert "Bienvenue sous l’arbre" in html
    assert "conversation sous l’arbre du village" in html


@pytest.mark.needs("accounts", "feeds")
def test_whoever_sets_up_in_english_leaves_the_site_french(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    from blog_plugins.accounts import services

    french = make_site(language="fr")
    with french.context():
        link = f"/setup/{services.make_link()}"
    assert "Feed of posts" in french.get(link, headers={"Accept-Language": "en"}).text

    assert "Flux des articles" in french.get("/").text
