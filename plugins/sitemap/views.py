"""Serve the sitemap (sitemaps.org, 0.9) and what robots are told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from itertools import islice
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect
from flask.typing import ResponseReturnValue

from blog import generation, hooks, links, settings

INDEX = "/sitemap.xml"
OLD = ("/wp-sitemap.xml", "/sitemap_index.xml")
MOST = 50_000  # of a file, by the protocol
OWN = "sitemap"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
Times = Mapping[str, datetime | None]


def blueprint() -> Blueprint:
    """Make the addresses of the sitemap."""
    bp = Blueprint(OWN, __name__)
    bp.add_url_rule(INDEX, "index", _index)
    bp.add_url_rule("/sitemap-<name>.xml", "file", _file)
    bp.add_url_rule("/robots.txt", "robots", _robots)
    for number, rule in enumerate(OLD):
        bp.add_url_rule(rule, f"old{number}", _old)
    return bp


def _index() -> Response:
    """List the files, those of other plugins too."""
    files = {f"/sitemap-{name}.xml": time for name, (_, time) in _files().items()}
    times = [one for one in files.values() if one is not None]
    changed = max(times) if len(times) == len(files) else None  # else it may be later
    return _answer("sitemapindex", "sitemap", files, changed)


def _file(name: str) -> Response:
    owner, changed = _files().get(name) or abort(404)
    addresses: Times = generation().table.ask(owner, "sitemap_addresses", name) or {}
    return _answer("urlset", "url", addresses, changed)


def _files() -> dict[str, tuple[str, datetime | None]]:
    """Give each file with the plugin that named it; one that bears another's name is left out."""
    found = {}
    for answer in hooks.sitemap_files():
        for name, time in answer.value.items():
            if answer.plugin in (OWN, name) or name.startswith(f"{answer.plugin}-"):
                found[name] = (answer.plugin, _time(time))
    return found


def _answer(root: str, item: str, found: Times, changed: datetime | None) -> Response:
    """Send a list; whoever asks again with its date or its tag is answered 304."""
    lines = islice((_line(item, path, time) for path, time in found.items()), MOST)
    xml = f'{HEAD}<{root} xmlns="{SCHEMA}">\n{"".join(lines)}</{root}>\n'
    response = Response(xml, content_type="text/xml; charset=utf-8")
    response.last_modified = changed
    return response


def _line(item: str, path: str, time: datetime | None) -> str:
    address = escape(quote(links.absolute(path), safe=":/?&=#[]"))
    known = _time(time)
    lastmod = f"<lastmod>{_moment(known)}</lastmod>" if known else ""
    return f"<{item}><loc>{address}</loc>{lastmod}</{item}>\n"


def _time(found: object) -> datetime | None:
    """Take a time that a plugin gave, if it is one."""
    return found if isinstance(found, datetime) else None


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _robots() -> Response:
    said = "\n".join(map(_clean, settings[OWN].robots.splitlines())).strip()
    said += f"\n\nSitemap: {links.absolute(INDEX)}\n"
    return Response(said.lstrip(), content_type="text/plain; charset=utf-8")


def _clean(line: str) -> str:
    return "".join(one for one in line if one.isprintable()).rstrip()


def _old() -> ResponseReturnValue:
    return redirect(INDEX, 301)
