"""What the four steps of an exercise ask, and the answers; everything is read off the source."""

import shlex
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Module, Raise, Span, Symbol
from analyzer.static import describe, walkthrough
from analyzer.static.main_definitions import main_definitions
from analyzer.static.repository_map import RepositoryMap, Topic
from analyzer.static.text import cite, code, count, fence, listing

METHODS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """Four steps in Markdown, with goals, criteria and answers."""

    goals: tuple[str, ...]
    setup: str
    steps: tuple[str, str, str, str]
    criteria: tuple[str, ...]
    answers: tuple[str, ...]


def exercise(repo_map: RepositoryMap, topic: Topic) -> Exercise:
    """The exercise for a topic: on its Python definitions where it has any, else on its files."""
    ideas = main_definitions(repo_map, topic)
    rest = [symbol for symbol in repo_map.top_symbols(topic) if symbol not in ideas]
    symbols = [symbol for symbol in [*ideas, *rest] if symbol.kind in {Kind.CLASS, Kind.FUNCTION}]
    python = [
        s for s in symbols if repo_map.links.modules[s.span.path].language == "python" and importable(repo_map, s)
    ]
    public = [symbol for symbol in python if symbol.is_public] or python
    if public:
        return _python(repo_map, topic, public[0])
    return _files(repo_map, topic, symbols[0] if symbols else None)


def importable(repo_map: RepositoryMap, symbol: Symbol) -> bool:
    """Whether the module's name can stand in an import statement."""
    name = repo_map.links.modules[symbol.span.path].name
    return bool(name) and all(part.isidentifier() for part in name.split("."))


def _import(repo_map: RepositoryMap, symbol: Symbol) -> str:
    name = repo_map.public_name(symbol)
    return f"from {name.rpartition('.')[0]} import {symbol.name}"


def _setup(repo_map: RepositoryMap, symbol: Symbol) -> str:
    module = repo_map.links.modules[symbol.span.path]
    runner = "python"
    prefix = ""
    commands: list[str] = []
    if _installable(repo_map):
        text = "Install the checkout into a virtual environment of its own, then check that the code can be imported:"
        runner = ".venv/bin/python"
        commands = ["python -m venv .venv", f"{runner} -m pip install -e ."]
    else:
        text = "Work in the root of the checkout. Check that the code can be imported:"
        depth = len(module.name.split(".")) + module.path.endswith("__init__.py")
        folders = module.path.split("/")[:-depth]
        prefix = f"PYTHONPATH={shlex.quote('/'.join(folders))} " if folders else ""
    commands.append(f'{prefix}{runner} -c "{_import(repo_map, symbol)}"')
    note = (
        "If it fails, the message names what is missing: install that first. The steps below use the same interpreter."
    )
    kept = f" Keep {code(prefix)} in front of it." if prefix else ""
    return f"{text}\n\n{fence('console', commands)}\n\n{note}{kept}"


def _installable(repo_map: RepositoryMap) -> bool:
    """Whether pip can build the checkout: a build system is declared, or there is a setup.py."""
    project = repo_map.snapshot.files.get("pyproject.toml", ())
    return "setup.py" in repo_map.snapshot.files or any(line.strip() == "[build-system]" for line in project)


def _python(repo_map: RepositoryMap, topic: Topic, symbol: Symbol) -> Exercise:
    central = walkthrough.central_function(repo_map, topic)
    guard = _guard(repo_map, symbol)
    questions, answers = _predictions(repo_map, symbol, central)
    return Exercise(
        goals=(
            f"Explain what {code(symbol.name)} is and name what it offers.",
            "Predict from the source alone what Python will say about it, and check yourself.",
            "Prove one behaviour with a test of your own."
            if guard
            else f"Extend {code(symbol.name)} without changing its file.",
        ),
        setup=_setup(repo_map, symbol),
        steps=(
            _read(symbol, central),
            "Answer on paper before you run anything:\n\n" + "\n".join(f"{n}. {q}" for n, q in enumerate(questions, 1)),
            _try(repo_map, symbol),
            _extend(repo_map, symbol, guard),
        ),
        criteria=(
            "your answers to step 2 were written down before step 3",
            "the script of step 3 ran, and you can explain each difference between its output and your answers",
            "the code of step 4 runs, and fails when you break what it is about",
        ),
        answers=(*answers, _extension_answer(symbol, guard)),
    )


def _read(symbol: Symbol, central: Symbol | None) -> str:
    what = f"Read {code(symbol.qualname)} in {cite(symbol.span)}"
    if symbol.line_count > 80:  # noqa: PLR2004
        what += ": first only the signatures and the first line of each docstring, so that you see its shape"
    also = ""
    if central is not None and central.key != symbol.key:
        also = f" Then read {code(central.qualname + '()')} in {cite(central.span)} once from top to bottom."
    return f"{what}.{also} Mark every name that you have not met before, and look up where it is defined."


def _predictions(repo_map: RepositoryMap, symbol: Symbol, central: Symbol | None) -> tuple[list[str], list[str]]:
    questions: list[str] = []
    answers: list[str] = []
    if symbol.kind is Kind.CLASS:
        members = _own_public(repo_map, symbol)
        questions.append(f"Which public names does the body of {code(symbol.name)} define as methods or properties?")
        shown = listing([code(name) for name in members[:METHODS_SHOWN]])
        more = len(members) - METHODS_SHOWN
        answers.append(
            (f"{len(members)}: {shown}" + (f" and {more} more" if more > 0 else "") if members else "None")
            + f" ({cite(symbol.span)})."
        )
        bases = [base for base in symbol.bases if "=" not in base]
        questions.append(f"Which classes does {code(symbol.name)} extend directly?")
        told = listing([code(base) for base in bases]) if bases else f"None but {code('object')}"
        head = Span(path=symbol.span.path, start=symbol.span.start, end=symbol.head_end)
        answers.append(f"{told} ({cite(head)}).")
    else:
        named = [p for p in symbol.parameters if p.name not in {"self", "cls"}]
        required = [p.name for p in named if not p.default and not p.star]
        questions.append(f"Which parameters must every call of {code(symbol.name)} give, and which may it leave out?")
        optional = [p.name for p in named if p.default or p.star]
        head = Span(path=symbol.span.path, start=symbol.span.start, end=symbol.head_end)
        answers.append(
            f"Required: {listing([code(name) for name in required]) or 'none'}; optional: "
            f"{listing([code(name) for name in optional]) or 'none'} ({cite(head)})."
        )
        questions.append(
            f"What is {code(symbol.name)}: a plain function, a generator, a coroutine or a context manager?"
        )
        answers.append(f"It is {describe.nature(repo_map, symbol)} ({cite(symbol.span)}).")
    if central is not None:
        reached = _reached(repo_map, central)
        if reached:
            questions.append(
                f"Which definitions of this repository does {code(central.qualname + '()')} call or create?"
            )
            answers.append(f"{listing(reached)}.")
    return questions, answers


def _reached(repo_map: RepositoryMap, symbol: Symbol) -> list[str]:
    found: dict[str, str] = {}
    for call in symbol.calls:
        target = repo_map.links.resolve_call(symbol, call)
        if target is not None and target.kind is not Kind.CONSTANT and target.key != symbol.key:
            line = Span(path=symbol.span.path, start=call.line, end=call.line)
            found.setdefault(target.key, f"{code(target.qualname)} ({cite(line)})")
    return list(found.values())[:METHODS_SHOWN]


def _own_public(repo_map: RepositoryMap, symbol: Symbol) -> list[str]:
    return list(dict.fromkeys(m.name for m in repo_map.members(symbol) if not m.name.startswith("_")))


def _try(repo_map: RepositoryMap, symbol: Symbol) -> str:
    lines = [_import(repo_map, symbol), ""]
    if symbol.kind is Kind.CLASS:
        lines += [
            f"print([name for name, value in vars({symbol.name}).items() if not name.startswith('_')])",
            f"print([base.__name__ for base in {symbol.name}.__mro__])",
        ]
        note = (
            "The first list may hold more than methods: class attributes are names too. The second is the order in "
            "which Python looks for a name: the class, then everything that it extends, directly or not."
        )
    else:
        lines = ["import inspect", "", *lines]
        lines += [
            f"print(inspect.signature({symbol.name}))",
            f"print(inspect.isgeneratorfunction({symbol.name}), inspect.iscoroutinefunction({symbol.name}))",
        ]
        note = "A decorator may change what is printed: compare with the line above the definition."
    lead = f"Save this as {code('try_it.py')} and run it with the interpreter from above:"
    return f"{lead}\n\n{fence('python', lines)}\n\n{note}"


def _guard(repo_map: RepositoryMap, symbol: Symbol) -> tuple[Symbol, Raise] | None:
    """A raise under a written condition, in the definition or one of its members."""
    candidates = repo_map.members(symbol) if symbol.kind is Kind.CLASS else [symbol]
    for function in candidates:
        for raised in function.raises:
            if raised.condition and raised.name[:1].isupper():
                return function, raised
    return None


def _extend(repo_map: RepositoryMap, symbol: Symbol, guard: tuple[Symbol, Raise] | None) -> str:
    if guard is not None:
        function, raised = guard
        where = cite(Span(path=function.span.path, start=function.span.start, end=function.span.end))
        return (
            f"{code(function.qualname)} ({where}) refuses something: it contains {code('raise ' + raised.name)}. Find "
            "the condition, choose the smallest input that meets it, and write a test that expects "
            f"{code(raised.name)}. Then change the input until the condition no longer holds, and watch the test fail."
        )
    if symbol.kind is Kind.CLASS:
        members = [m for m in repo_map.members(symbol) if not m.name.startswith("_") and m.kind is Kind.METHOD]
        if members:
            chosen = max(members, key=lambda member: (repo_map.score(member), -member.span.start))
            return (
                f"Write a subclass of {code(symbol.name)} in your own file that overrides {code(chosen.name)} "
                f"({cite(chosen.span)}): print a line, then hand over to {code('super().' + chosen.name)} with the "
                "same arguments. Use it where the original is used, and see how often the line appears."
            )
        return (
            f"Write a subclass of {code(symbol.name)} in your own file that adds one attribute or method, and a test "
            "that proves that everything else still behaves as before."
        )
    return (
        f"Write a function in your own file that wraps {code(symbol.name)}: it takes the same parameters, prints them, "
        "calls the original and returns its result. Then call it from a test."
    )


def _extension_answer(symbol: Symbol, guard: tuple[Symbol, Raise] | None) -> str:
    if guard is not None:
        function, raised = guard
        line = cite(Span(path=function.span.path, start=raised.line, end=raised.line))
        return f"Step 4: {code(raised.name)} is raised under the condition {code(raised.condition)} ({line})."
    head = Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))
    return f"Step 4: your version has to keep the signature of the original ({cite(head)})."


def _files(repo_map: RepositoryMap, topic: Topic, symbol: Symbol | None) -> Exercise:
    module = repo_map.links.modules[topic.main_path]
    first = module.span
    parts = [s for s in module.symbols if not s.parent][:METHODS_SHOWN]
    answers = [f"{count(module.line_count, 'line')} ({cite(first)})."]
    if parts:
        spans = [
            f"{code(s.name)} ({cite(Span(path=module.path, start=s.span.start, end=s.span.start))})" for s in parts
        ]
        answers.append(f"{listing(spans)}.")
    target = symbol or (parts[0] if parts else None)
    where = cite(target.span) if target is not None else cite(first)
    answers.append(f"Step 4: the lines to compare with are {where}.")
    return Exercise(
        goals=(
            f"Say what {code(module.path)} contributes to the project.",
            "Find its parts from the text alone, and check yourself with a search.",
            "Change one part and predict what else is affected.",
        ),
        setup="Work in the root of the checkout; you need nothing but an editor and git.",
        steps=(
            f"Read {cite(first)} quickly from top to bottom. Write one sentence about each part.",
            "Answer on paper before you search:\n\n1. How long is the file?"
            + ("\n2. Which parts does it define at its top level?" if parts else ""),
            _search(module, target),
            (
                f"Look at {where} again. Decide on a small change there, search for everything that mentions it, and "
                "write down what you would have to change as well."
            ),
        ),
        criteria=(
            "your answers to step 2 were written down before step 3",
            "you can name every place that your change of step 4 touches",
        ),
        answers=tuple(answers),
    )


def _search(module: Module, target: Symbol | None) -> str:
    commands = [f"wc -l -- {shlex.quote(module.path)}"]
    if target is not None and target.name.isidentifier():
        commands.append(f"git grep -n -w -e {target.name}")
    return f"Count and search:\n\n{fence('console', commands)}"
