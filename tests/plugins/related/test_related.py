"""Below a post stand others that are like it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from blog import PostStatus, posts
from blog.testing import SiteUnderTest

Make = Callable[..., SiteUnderTest]
RIVER = "La pirogue descend le fleuve, le pêcheur pose ses filets dans la lagune."
SHORE = "Un pêcheur répare ses filets près de la lagune, sa pirogue attend."
HOUSE = "Le maçon monte un mur de briques, puis il couvre le toit de tôle."


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["related", "search", "members"])


def shown(site: SiteUnderTest, path: str) -> list[str]:
    """Give the titles below a post."""
    section = re.search(r'<section class="related".*?</section>', site.get(path).text, re.DOTALL)
    return re.findall(r"<a [^>]*>(.*?)</a>", section[0]) if section else []


def test_posts_that_share_words_stand_below_each_other(site: SiteUnderTest) -> None:
    river = site.write_post("Le fleuve", RIVER, language="fr")
    house = site.write_post("La maison", HOUSE, language="fr")
    shore = site.write_post("La rive", SHORE, language="fr")
    site.work()

    assert shown(site, river.path) == ["La rive"]
    assert shown(site, shore.path) == ["Le fleuve"]
    assert shown(site, house.path) == []


def test_words_of_other_letters_count_however_long_they_are(site: SiteUnderTest) -> None:
    first = site.write_post("Раз", "Возможности предприимчивости")
    site.write_post("Два", "Возможности предприимчивости и другое")
    site.work()

    assert shown(site, first.path) == ["Два"]


def test_no_more_are_shown_than_the_owner_wants(site: SiteUnderTest) -> None:
    written = [site.write_post(f"Le fleuve {n}", RIVER, language="fr") for n in range(6)]
    site.work()
    assert len(shown(site, written[0].path)) == 3
    site.set("related", most=1)
    assert len(shown(site, written[0].path)) == 1


@pytest.mark.parametrize("values", [{"status": PostStatus.DRAFT}, {"guard": "members"}])
def test_what_is_not_for_everyone_is_left_out(site: SiteUnderTest, values: dict[str, Any]) -> None:
    river = site.write_post("Le fleuve", RIVER, language="fr")
    site.write_post("La rive", SHORE, language="fr", **values)
    site.work()

    assert shown(site, river.path) == []


def test_what_is_withdrawn_or_deleted_goes_at_once(site: SiteUnderTest) -> None:
    river = site.write_post("Le fleuve", RIVER, language="fr")
    shore = site.write_post("La rive", SHORE, language="fr")
    site.work()
    with site.context():
        posts.set_status([shore.id], PostStatus.TRASH)
    assert shown(site, river.path) == []
    with site.context():
        posts.delete([shore.id])
    site.spend_night()

    assert site.get(river.path).status_code == 200
    assert site.errors() == []


def test_a_page_costs_one_statement_more(make_site: Make) -> None:
    site = make_site(["related", "search"])
    river = site.write_post("Le fleuve", RIVER, language="fr")
    for number in range(5):
        site.write_post(f"La rive {number}", SHORE, language="fr")
    site.work()
    cost = site.statements(river.path)
    site.disable("related")

    assert cost == site.statements(river.path) + 1


def test_what_came_while_it_was_off_is_compared(site: SiteUnderTest) -> None:
    site.disable("related")
    river = site.write_post("Le fleuve", RIVER, language="fr")
    site.write_post("La rive", SHORE, language="fr")
    site.enable("related")
    site.work()

    assert shown(site, river.path) == ["La rive"]


def test_what_nobody_could_compare_is_compared_at_night(make_site: Make) -> None:
    site = make_site(["related"])
    river = site.write_post("Le fleuve", RIVER, language="fr")
    site.write_post("La rive", SHORE, language="fr")
    site.work()
    assert shown(site, river.path) == []
    site.enable("search")
    site.spend_night()

    assert shown(site, river.path) == ["La rive"]
