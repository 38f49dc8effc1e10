"""Watch a page for anything that a text of a stranger makes it do."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request

LISTEN = """
window.__seen = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...all) => window.__seen.push(`${name} ${all}`);
addEventListener("securitypolicyviolation", (event) =>
  window.__seen.push(`policy ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
# What a body may hold is judged by the page as the browser parsed it, not by strings.
JUDGE = """() => {
  const bad = [];
  const say = (one, why) => bad.push(`${why}: ${one.outerHTML.slice(0, 160)}`);
  const strange = "script, style, iframe, object, embed, link, meta, base, math, svg, template,"
    + " form, input, button, select, textarea, video, audio, frame, frameset, noscript, canvas,"
    + " portal, animate, set, marquee, keygen, isindex, xml, applet";
  for (const part of document.querySelectorAll(
    ".entry-content, .comment-content, .comment-author, .entry-title, .entry-summary, td")) {
    const ours = part.matches("td");
    if (!ours) for (const one of part.querySelectorAll(strange)) say(one, "element");
    for (const one of part.querySelectorAll("*")) for (const { name, value } of one.attributes) {
      if (name.startsWith("on") || (name === "style") || name === "srcdoc") say(one, name);
      if (["href", "src", "action", "formaction", "xlink:href", "cite", "data", "poster"]
        .includes(name)) {
        if (!URL.canParse(value, location.href)) continue;
        const scheme = new URL(value, location.href).protocol;
        if (!["http:", "https:", "mailto:"].includes(scheme)) say(one, name);
      }
    }
  }
  for (const one of document.querySelectorAll("li.comment"))
    if (!one.parentElement.matches("ol.comment-list, ol.children")) say(one, "torn list");
  if (document.querySelectorAll("main").length !== 1) bad.push("torn page");
  return bad;
}"""
GLOBALS = "() => Object.keys(window).filter((name) => name !== '__seen')"


class Watch:
    """A reader whose browser tells what pages did.

    ``policy=False`` takes the Content-Security-Policy away, so that only clean text protects.
    """

    def __init__(self, browser: Browser, address: str, *, policy: bool = True) -> None:
        self.context: BrowserContext = browser.new_context(bypass_csp=not policy)
        self.page: Page = self.context.new_page()
        self.address = address
        self.found: list[str] = []
        self.page.add_init_script(LISTEN)
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.found.append(f"error {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.on("popup", lambda page: self.found.append(f"popup {page.url}"))
        self.page.goto(f"{address}/")
        self._usual = set(self.page.evaluate(GLOBALS))

    def look(self, path: str) -> None:
        """Open a page and note all that should not be."""
        answer = self.page.goto(f"{self.address}{path}", wait_until="load")
        if answer is None or answer.status >= 500:
            self.found.append(f"{path}: {answer and answer.status}")
        before = len(self.found)
        self.found += self.page.evaluate("window.__seen")
        self.found += self.page.evaluate(JUDGE)
        self.found += sorted(set(self.page.evaluate(GLOBALS)) - self._usual)
        if not self.page.url.startswith(self.address):
            self.found.append(f"went to {self.page.url}")
        self.found[before:] = [f"{path}: {one}" for one in self.found[before:]]

    def log_in(self, name: str, password: str) -> None:
        """Fill in the log-in form."""
        self.page.goto(f"{self.address}/login/")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("main button[type=submit], main [type=submit]")

    def count(self, selector: str) -> int:
        """Count elements of the page."""
        return self.page.locator(selector).count()

    def next(self) -> str | None:
        """Give the address that leads on."""
        link = self.page.locator("main a[rel=next], .comment-navigation a[rel=next]")
        return link.first.get_attribute("href") if link.count() else None

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()

    def _dialog(self, dialog: Any) -> None:
        self.found.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        harmless = "Failed to load resource", "Mixed Content"
        if message.type == "error" and not message.text.startswith(harmless):
            self.found.append(f"console {message.text}")

    def _request(self, request: Request) -> None:
        """Note whatever is asked of others; the pictures of a post may come from elsewhere."""
        own = request.url.startswith((self.address, "data:image/"))
        if not own and request.resource_type != "image":
            self.found.append(f"asked {request.resource_type} {request.url}")
