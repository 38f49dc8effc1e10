"""Call the implementations of every hook through a table compiled once per generation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from threading import get_ident
from time import perf_counter
from typing import Any, NamedTuple, get_type_hints

from blog.db import Tally, savepoint, tally
from blog.kinds import Kind, SpecInfo
from blog.moderation import Action, Verdict
from blog.platform.answers import WrongAnswer, checker, plain, text_kinds
from blog.platform.check import parameters
from blog.platform.costs import Stat, measuring
from blog.platform.nests import Bound, Nest
from blog.platform.report import Report

Call = Callable[..., Any]
MOST_VERDICTS = 100


class UnknownHook(AttributeError):
    """A hook was called that nobody declared."""


class Answer(NamedTuple):
    """Hold one plugin's answer to a collecting hook."""

    plugin: str
    value: Any


@dataclass(frozen=True, slots=True)
class Implementation:
    """Hold one plugin's function for a hook and the names of the arguments it takes."""

    plugin: str
    function: Call
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """Hold a declared hook and its implementations in the order in which they run."""

    name: str
    info: SpecInfo
    arguments: tuple[str, ...]
    returns: Any
    implementations: tuple[Implementation, ...] = ()

    @classmethod
    def declared(cls, function: Call, implementations: Iterable[Implementation] = ()) -> Hook:
        """Read a hook from its declaration."""
        return cls(
            function.__name__,
            function.palabre_hook,  # type: ignore[attr-defined]
            tuple(one.name for one in parameters(function)),
            _returns(function),
            tuple(implementations),
        )


@lru_cache(maxsize=1000)
def _returns(function: Call) -> Any:
    return get_type_hints(function).get("return", Any)


class PluginFailed(RuntimeError):
    """A plugin raised, and whoever asked it has to know."""


class HookTable:
    """Call hooks by name: ``hooks.posts_loaded(posts)``, arguments in the declared order.

    What a plugin raises is contained and recorded; what it means for the others is said by the
    hook's kind.
    """

    def __init__(self, hooks: Iterable[Hook], report: Report) -> None:
        self._hooks = {hook.name: hook for hook in hooks}
        self._report = report
        self._nests = {name: Nest(name, report) for name in self._hooks}
        for hook in self._hooks.values():
            setattr(self, hook.name, _compiled(hook, report, self._nests[hook.name]))

    def __getattr__(self, name: str) -> Call:
        near = get_close_matches(name, self._hooks, 1)
        mend = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownHook(f"no hook is called {name!r}{mend}")

    def __iter__(self) -> Any:
        return iter(self._hooks.values())

    def implements(self, plugin: str, name: str) -> bool:
        """Tell whether a plugin takes part in a hook."""
        return any(one.plugin == plugin for one in self._hooks[name].implementations)

    def ask(self, plugin: str, name: str, *arguments: Any) -> Any:
        """Ask one plugin alone; ``None`` when it fails or takes no part."""
        hook = self._hooks[name]
        only = tuple(one for one in hook.implementations if one.plugin == plugin)
        alone = Hook(hook.name, hook.info, hook.arguments, hook.returns, only)
        return _first(alone, self._report, self._nests[name])(*arguments)

    def require(self, plugin: str, name: str, *arguments: Any) -> Any:
        """Ask one plugin alone; raise ``PluginFailed`` when it fails, which is recorded."""
        for one in self._hooks[name].implementations:
            if one.plugin == plugin:
                picked = dict(zip(self._hooks[name].arguments, arguments, strict=False))
                try:
                    with self.measuring(plugin, name):
                        answer = one.function(**{key: picked[key] for key in one.arguments})
                    if answer is not None:
                        answer = checker(name, self._hooks[name].returns)(answer)
                except BaseException as error:
                    self._report.failed(plugin, name, error)
                    raise PluginFailed(f"{plugin} failed in {name}") from error
                return answer
        return None

    def hold(self, absent: Mapping[str, Iterable[str]]) -> None:
        """Let judging hooks hold for plugins that cannot be asked: hook to plugins.

        For whoever builds a generation, before anybody calls.
        """
        for name, plugins in absent.items():
            setattr(self, name, _holding(getattr(self, name), plugins))

    def measuring(self, plugin: str, place: str) -> AbstractContextManager[None]:
        """Add what is done below to the costs of a plugin, in a job or a command."""
        return measuring(self._report.stat(plugin, place))

    def failed(self, plugin: str, place: str, error: BaseException) -> None:
        """Record what a plugin raised outside of a hook, in a job or a field of a form."""
        self._report.failed(plugin, place, error)


def _compiled(hook: Hook, report: Report, nest: Nest) -> Call:
    return _KINDS[hook.info.kind](hook, report, nest)


def _bind(hook: Hook, report: Report) -> tuple[Bound, ...]:
    return tuple(
        Bound(one.plugin, _picking(hook, one), report.stat(one.plugin, hook.name))
        for one in hook.implementations
    )


def _picking(hook: Hook, one: Implementation) -> Call:
    """Give a function that takes all arguments and passes on those that are wanted."""
    function = one.function
    if one.arguments == hook.arguments:
        return function
    indexes = [hook.arguments.index(name) for name in one.arguments]
    if not indexes:
        return lambda *_: function()
    if len(indexes) == 1:
        index = indexes[0]
        return lambda *arguments: function(arguments[index])
    return lambda *arguments: function(*[arguments[index] for index in indexes])


def _measured(stat: Stat, started: float, sent: int, counted: Tally) -> float:
    """Add a call to what a plugin cost; give the time at which the next one starts."""
    ended = perf_counter()
    took = ended - started
    stat.calls += 1
    stat.seconds += took
    if took > stat.limit or counted.statements != sent:
        stat.notice(took, sent, counted)
    return ended


def _filter(hook: Hook, report: Report, nest: Nest) -> Call:
    bound, check = _bind(hook, report), checker(hook.name, hook.returns)
    if not bound:
        return lambda value, *_: value

    under_way, entered = nest.under_way, nest.entered

    def call(value: Any, *rest: Any) -> Any:
        counted, me = tally(), get_ident()
        started, sent = perf_counter(), counted.statements
        outer = under_way.get(me)
        under_way[me] = turns = iter(bound) if outer is None else nest.inside(me, outer, bound)
        try:
            for plugin, function, stat in turns:
                try:
                    answer = function(value, *rest)
                    if answer is not None:
                        value = check(answer)
                except BaseException as error:
                    report.failed(plugin, hook.name, error)
                # As in _measured, which would cost as much as calling a plugin that does nothing.
                ended = perf_counter()
                took, started = ended - started, ended
                stat.calls += 1
                stat.seconds += took
                if took > stat.limit or counted.statements != sent:
                    sent = stat.notice(took, sent, counted)
        finally:
            if outer is None and not entered:
                del under_way[me]
            else:
                nest.leave(me, outer)
        return value

    return call


def _collect(hook: Hook, report: Report, nest: Nest) -> Call:
    under_way, entered, returns = nest.under_way, nest.entered, hook.returns
    bound, check, texts = _bind(hook, report), checker(hook.name, returns), text_kinds(returns)
    if not bound:
        return lambda *_: ()

    def call(*arguments: Any) -> Sequence[Answer]:
        answers = []
        counted, me = tally(), get_ident()
        started, sent = perf_counter(), counted.statements
        outer = under_way.get(me)
        under_way[me] = turns = iter(bound) if outer is None else nest.inside(me, outer, bound)
        try:
            for plugin, function, stat in turns:
                try:
                    answer = function(*arguments)
                    if answer is not None:
                        if type(answer) not in texts or not answer.isascii():
                            answer = check(answer)
                        answers.append(_new(Answer, (plugin, answer)))
                except BaseException as error:
                    report.failed(plugin, hook.name, error)
                # As in _measured.
                ended = perf_counter()
                took, started = ended - started, ended
                stat.calls += 1
                stat.seconds += took
                if took > stat.limit or counted.statements != sent:
                    sent = stat.notice(took, sent, counted)
        finally:
            if outer is None and not entered:
                del under_way[me]
            else:
                nest.leave(me, outer)
        return answers

    return call


def _first(hook: Hook, report: Report, nest: Nest) -> Call:
    bound, check = _bind(hook, report), checker(hook.name, hook.returns)
    if not bound:
        return lambda *_: None

    under_way, entered = nest.under_way, nest.entered

    def call(*arguments: Any) -> Any:
        counted, me = tally(), get_ident()
        started = perf_counter()
        outer = under_way.get(me)
        under_way[me] = turns = iter(bound) if outer is None else nest.inside(me, outer, bound)
        try:
            for plugin, function, stat in turns:
                sent = counted.statements
                answer = None
                try:
                    answer = function(*arguments)
                    if answer is not None:
                        answer = check(answer)
                except BaseException as error:
                    answer = None
                    report.failed(plugin, hook.name, error)
                started = _measured(stat, started, sent, counted)
                if answer is not None:
                    return answer
        finally:
            if outer is None and not entered:
                del under_way[me]
            else:
                nest.leave(me, outer)
        return None

    return call


def _judge(hook: Hook, report: Report, _: Nest) -> Call:
    def ask(plugin: str, function: Call, arguments: tuple[Any, ...]) -> list[Answer]:
        return [Answer(plugin, one) for one in _verdicts(hook, function(*arguments))]

    def instead(plugin: str) -> list[Answer]:
        return [Answer(plugin, Verdict.hold(f"{plugin}: {hook.name} failed"))]

    return _each(hook, report, ask, instead)


def _verdicts(hook: Hook, answer: Any) -> list[Verdict]:
    if answer is None:
        return []
    verdicts = [answer] if isinstance(answer, Verdict) else list(islice(answer, MOST_VERDICTS + 1))
    if len(verdicts) > MOST_VERDICTS:  # it may have no end
        raise WrongAnswer(f"{hook.name} must answer {MOST_VERDICTS} verdicts at most")
    for one in verdicts:
        if not isinstance(one, Verdict) or not isinstance(one.action, Action):
            raise WrongAnswer(f"{hook.name} must answer Verdict, not {type(one).__name__}")
    # A reason may be a lazy translation; it is stored, so it is said now.
    return [Verdict(one.action, plain(str(one.reason)), float(one.weight)) for one in verdicts]


def _holding(call: Call, plugins: Iterable[str]) -> Call:
    """Add a verdict to hold for each judge that cannot be asked, as when it fails."""
    absent = [Answer(one, Verdict.hold(f"{one}: cannot judge now")) for one in sorted(plugins)]
    return lambda *arguments: [*call(*arguments), *absent]


def _record(hook: Hook, report: Report, _: Nest) -> Call:
    def tell(_: str, function: Call, arguments: tuple[Any, ...]) -> list[str]:
        with savepoint():
            function(*arguments)
        return []

    return _each(hook, report, tell, lambda plugin: [plugin])


def _event(hook: Hook, report: Report, _: Nest) -> Call:
    def tell(_: str, function: Call, arguments: tuple[Any, ...]) -> list[str]:
        function(*arguments)
        return []

    each = _each(hook, report, tell, lambda _: [])

    def call(*arguments: Any) -> None:
        each(*arguments)

    return call


def _each(
    hook: Hook,
    report: Report,
    ask: Callable[[str, Call, tuple[Any, ...]], list[Any]],
    instead: Callable[[str], list[Any]],
) -> Call:
    """Ask every plugin and gather what they answer, or what stands for one that fails."""
    bound = _bind(hook, report)

    def call(*arguments: Any) -> Sequence[Any]:
        answers: list[Any] = []
        counted = tally()
        started = perf_counter()
        for plugin, function, stat in bound:
            sent = counted.statements
            try:
                answers += ask(plugin, function, arguments)
            except BaseException as error:
                report.failed(plugin, hook.name, error)
                answers += instead(plugin)
            started = _measured(stat, started, sent, counted)
        return answers

    return call


_new: Any = tuple.__new__  # half the time of Answer(…), which every page asks for dozens of times
_KINDS: Mapping[Kind, Callable[[Hook, Report, Nest], Call]] = {
    Kind.FILTER: _filter,
    Kind.COLLECT: _collect,
    Kind.FIRST: _first,
    Kind.JUDGE: _judge,
    Kind.RECORD: _record,
    Kind.EVENT: _event,
}
