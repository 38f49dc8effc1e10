"""Import rules that import-linter cannot say."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import blog

ROOT = Path(__file__).resolve().parents[2]


def _imports(folder: str) -> Iterator[tuple[str, str, str]]:
    """List absolute imports of a folder: place, module, and each name taken from it."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        place = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((f"{place}:{node.lineno}", name.name, "") for name in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                module = node.module or ""
                yield from ((f"{place}:{node.lineno}", module, name.name) for name in node.names)


def test_plugins_import_public_names_of_the_blog_only() -> None:
    wrong = [
        f"{place}: {module} {name}"
        for place, module, name in _imports("plugins")
        if module.startswith("blog.") or (module == "blog" and name not in ("", *blog.__all__))
    ]

    assert wrong == []


def test_plugins_import_themselves_relatively() -> None:
    wrong = [
        f"{place}: {module}"
        for place, module, _ in _imports("plugins")
        if module.partition(".")[0] in ("blog_plugins", "plugins")
    ]

    assert wrong == []


def test_nobody_imports_a_plugin_by_its_folder_and_so_loads_it_twice() -> None:
    wrong = [
        f"{place}: {module}"
        for folder in ("blog", "tests", "scripts", "benchmarks")
        for place, module, _ in _imports(folder)
        if module.partition(".")[0] == "plugins"
    ]

    assert wrong == []


def test_everything_imported_is_installed_with_the_blog() -> None:
    lock = (ROOT / "requirements" / "run.txt").read_text()
    installed = set(re.findall(r"^([\w.-]+)==", lock, flags=re.MULTILINE)) | {"palabre"}
    homes = packages_distributions()
    # Whoever tests a plugin has pytest, and whoever opens a page of it Playwright.
    exempt = "blog/testing/"

    wrong = [
        f"{place}: {module}"
        for folder in ("blog", "plugins")
        for place, module, _ in _imports(folder)
        if (top := module.partition(".")[0]) not in sys.stdlib_module_names
        and not (top in ("pytest", "playwright") and place.startswith(exempt))
        and not installed & {name.lower().replace("_", "-") for name in homes.get(top, ())}
    ]

    assert wrong == []
