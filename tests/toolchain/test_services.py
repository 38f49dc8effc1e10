"""The programs that tests use are there and do what the fixtures say."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page
from sqlalchemy import create_engine, text

from tests.services.postgres import Server
from tests.services.sqlite import Files

GOOD = '<!DOCTYPE html><html lang="fr"><title>Palabre</title><h1>Sous l’arbre</h1></html>'


def test_each_database_of_the_run_takes_statements(backend: str, database_url: str) -> None:
    engine = create_engine(database_url)

    assert engine.dialect.name.startswith(backend)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1

    engine.dispose()


def test_a_copied_database_holds_the_rows_of_its_template(
    databases: Files | Server, database_url: str
) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tree (name text)"))
        connection.execute(text("INSERT INTO tree VALUES ('baobab')"))
    engine.dispose()

    copy = create_engine(databases.create(database_url))

    with copy.connect() as connection:
        assert connection.scalar(text("SELECT name FROM tree")) == "baobab"
    copy.dispose()


@pytest.mark.postgres
def test_postgres_is_a_real_server(postgres_url: str) -> None:
    with create_engine(postgres_url).connect() as connection:
        assert str(connection.scalar(text("SELECT version()"))).startswith("PostgreSQL")


@pytest.mark.browser
def test_browser_shows_a_page(page: Page) -> None:
    page.set_content(GOOD)

    assert page.inner_text("h1") == "Sous l’arbre"


@pytest.mark.browser
def test_browser_reaches_no_other_machine(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://palabre.invalid/")


@pytest.mark.browser
def test_axe_finds_a_picture_without_text(page: Page, axe: Callable[[Page], list[str]]) -> None:
    page.set_content(f'{GOOD}<main><img src="/tree.png"></main>')

    assert any(line.startswith("image-alt: img") for line in axe(page))


@pytest.mark.html
def test_html_checker_passes_a_good_page(vnu: Callable[[str], list[str]]) -> None:
    assert vnu(GOOD) == []


@pytest.mark.html
def test_html_checker_finds_an_unclosed_element(vnu: Callable[[str], list[str]]) -> None:
    assert any("Unclosed element “em”" in line for line in vnu(GOOD.replace("<h1>", "<h1><em>")))
