"""Take the pages of plugins into an application, so that a failure stays with its plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from blog import errors
from blog.comments import CommentNotFound
from blog.identity import NotAllowed
from blog.platform import interrupts
from blog.platform.context import hooks
from blog.platform.costs import ROUTE, measuring
from blog.platform.dispatch import PluginFailed
from blog.platform.report import Report
from blog.posts import PostMoved, PostNotFound

Call = Callable[..., Any]
AROUND = "around requests"
# What a plugin may say around a request on purpose: no, not here, or somewhere else.
REFUSALS = (HTTPException, CommentNotFound, NotAllowed, PostMoved, PostNotFound)


class NameTaken(ValueError):
    """A plugin's blueprint replaces what templates call by a name that was there before."""


class WrongAnswer(TypeError):
    """A plugin's function around a request answered what Flask cannot use."""


def add(app: Flask, report: Report) -> None:
    """Register the blueprint of each plugin, and contain what it does to the pages of others."""
    for answer in hooks.routes():
        plugin, blueprint = answer.plugin, answer.value
        before = _Registered(app)
        try:
            if blueprint.name != plugin:
                raise ValueError(f"the blueprint is called {blueprint.name!r}, not {plugin!r}")
            app.register_blueprint(blueprint)
        except BaseException as error:  # two plugins at one name, or a broken rule
            report.failed(plugin, "routes", error)
        _Containment(app, plugin, report).contain(before)


class _Registered:
    """Remember what an application had before a blueprint came."""

    def __init__(self, app: Flask) -> None:
        self.lengths = {
            (name, scope): len(functions)
            for name in _WRAPPERS
            for scope, functions in getattr(app, name).items()
        }
        self.handlers = {key: one for _, key, one in _handlers(app)}
        self.views = set(app.view_functions)
        env = app.jinja_env
        self.names: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("filter", env.filters, dict(env.filters)),
            ("name", env.globals, dict(env.globals)),
            ("test", env.tests, dict(env.tests)),
        ]


class _Containment:
    """Wrap the functions that a plugin's blueprint brought."""

    def __init__(self, app: Flask, plugin: str, report: Report) -> None:
        self._app = app
        self._plugin = plugin
        self._report = report
        self._names = frozenset[str]()

    def contain(self, before: _Registered) -> None:
        """Wrap what is new, and give back the names that were taken."""
        for name, (wrapper, scoped) in _WRAPPERS.items():
            for scope, functions in getattr(self._app, name).items():
                if scope is None or scoped:
                    known = before.lengths.get((name, scope), 0)
                    functions[known:] = [wrapper(self, one) for one in functions[known:]]
        for handlers, key, function in list(_handlers(self._app)):
            if before.handlers.get(key) is not function:
                handlers[key[-1]] = self._handler(function)
        for endpoint in self._app.view_functions.keys() - before.views:
            view = self._app.view_functions[endpoint]
            self._app.view_functions[endpoint] = self._view(view)
        for kind, now, then in before.names:
            self._give_back(kind, now, then)
        self._names = frozenset(before.names[1][2])  # of the core and of plugins before

    def before(self, function: Call) -> Call:
        """Contain what may answer instead of a page."""

        def call() -> Any:
            answer = function()
            return None if answer is None else self._app.make_response(answer)

        return self._around(function, call, lambda: None)

    def after(self, function: Call) -> Call:
        """Contain what changes an answer: a failure leaves it as it is."""

        def call(response: Response) -> Response:
            answer = function(response)
            if not isinstance(answer, Response):
                raise WrongAnswer(f"must answer a response, not such a {type(answer).__name__}")
            return answer

        return self._around(function, call, lambda response: response)

    def teardown(self, function: Call) -> Call:
        """Contain what happens when the page is over; nothing can be refused any more."""
        return self._around(function, function, lambda *_: None, refusals=())

    def values(self, function: Call) -> Call:
        """Contain what changes the values of addresses: a failure leaves them as they were."""

        def call(endpoint: str | None, values: dict[str, Any] | None) -> None:
            kept = dict(values or {})
            try:
                function(endpoint, values)
            except BaseException:
                if values is not None:
                    values.clear()
                    values.update(kept)
                raise

        return self._around(function, call, lambda *_: None)

    def context(self, function: Call) -> Call:
        """Contain what adds names to templates: it may not take those of the core."""

        def call() -> dict[str, Any]:
            answer = function()
            if not isinstance(answer, dict):
                raise WrongAnswer(f"must answer a dict, not such a {type(answer).__name__}")
            taken = sorted(answer.keys() & self._names)
            if taken:
                self._report.failed(self._plugin, AROUND, _taken("name", taken))
            return {name: value for name, value in answer.items() if name not in self._names}

        return self._around(function, call, dict, refusals=())

    def _handler(self, function: Call) -> Call:
        """Contain a page for an error: when it fails, the core's own is shown."""

        def call(error: Exception) -> Any:
            return self._app.make_response(function(error))

        return self._around(function, call, errors.answer, refusals=())

    def _view(self, function: Call) -> Call:
        """Measure a page of a plugin's own; its errors get a page, also what ends a program."""
        stat = self._report.stat(self._plugin, ROUTE)

        @wraps(function)
        def call(*arguments: Any, **values: Any) -> Any:
            try:
                with measuring(stat):
                    return function(*arguments, **values)
            except Exception:
                raise
            except BaseException as error:
                interrupts.heed(error)
                raise PluginFailed(f"ended with {type(error).__name__}") from error

        return call

    def _around(
        self,
        function: Call,
        call: Call,
        otherwise: Call,
        refusals: tuple[type[Exception], ...] = REFUSALS,
    ) -> Call:
        place = f"{AROUND}: {getattr(function, '__name__', type(function).__name__)}"
        stat = self._report.stat(self._plugin, AROUND)

        def contained(*arguments: Any) -> Any:
            try:
                with measuring(stat):
                    return call(*arguments)
            except refusals:
                raise
            except BaseException as error:
                self._report.failed(self._plugin, place, error)
                return otherwise(*arguments)

        return contained

    def _give_back(self, kind: str, now: dict[str, Any], then: dict[str, Any]) -> None:
        taken = [name for name, one in then.items() if now.get(name) is not one]
        if taken:
            now.update({name: then[name] for name in taken})
            self._report.failed(self._plugin, "routes", _taken(kind, taken))


# How each of Flask's lists is contained, and whether also where a plugin means its own pages
# alone. What stands before its own pages may guard them, so there a failure is an error page.
_WRAPPERS: dict[str, tuple[Callable[[_Containment, Call], Call], bool]] = {
    "before_request_funcs": (_Containment.before, False),
    "after_request_funcs": (_Containment.after, True),
    "teardown_request_funcs": (_Containment.teardown, True),
    "url_value_preprocessors": (_Containment.values, False),
    "url_default_functions": (_Containment.values, False),
    "template_context_processors": (_Containment.context, False),
}


def _handlers(app: Flask) -> Iterator[tuple[dict[Any, Any], tuple[Any, ...], Call]]:
    for scope, codes in app.error_handler_spec.items():
        for code, handlers in codes.items():
            for cls, function in handlers.items():
                yield handlers, (scope, code, cls), function


def _taken(kind: str, names: list[str]) -> NameTaken:
    listed = ", ".join(map(repr, names))
    return NameTaken(f"replaces the {kind} {listed} of templates: give it a name of its own")
