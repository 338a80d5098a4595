"""A project that shows itself by examples: what they are called is evidence, and what they hold is taught."""

from collections.abc import Callable

from analyzer.code.model import Role
from analyzer.concepts.model import Ground
from analyzer.static.own_examples import further_parts, own_examples, said_of
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]
BODY = "\n\n".join(f"function step{number}(req, res) {{\n  res.send('{number}');\n}}" for number in range(12))
SERVER: Files = {
    "package.json": '{"name": "serve-it", "main": "index.js"}',
    "index.js": "module.exports = require('./lib/serve');\n",
    "lib/serve.js": "exports.serve = function serve(port) {\n  return port;\n};\n" + BODY,
    "examples/README.md": "# Examples\n\n- [route-map](./route-map) - Organizing the routes of a server in one map\n",
    "examples/route-map/index.js": "'use strict'\n\n/**\n * Routes.\n */\n\nconst serve = require('../..');\n\n" + BODY,
    "examples/route-guards/index.js": "const serve = require('../..');\n\nserve(1);\nserve(2);\n",
    "examples/hello-world/index.js": "const serve = require('../..');\n\nserve(1);\nserve(2);\n",
}


def test_what_several_examples_are_called_for_is_a_concept(map_of: MapOf) -> None:
    repo_map = map_of(SERVER)
    (routing,) = [concept for concept in repo_map.concepts if concept.term == "rout"]
    assert {reason.ground for reason in routing.reasons} == {Ground.EXAMPLE}
    assert set(routing.paths) == {"examples/route-map/index.js", "examples/route-guards/index.js"}
    # What shows the whole is no part of it.
    assert not any("hello" in path for concept in repo_map.concepts for path in concept.paths)


def test_an_example_is_shown_in_parts_from_its_first_statement_on(map_of: MapOf) -> None:
    repo_map = map_of(SERVER)
    (routing,) = [concept for concept in repo_map.concepts if concept.term == "rout"]
    long = next(example for example in own_examples(repo_map, routing) if "route-map" in example.span.path)
    assert (long.role, long.text.splitlines()[0]) == (Role.EXAMPLE, "const serve = require('../..');")
    parts = [long, *further_parts(repo_map, long)]
    assert len(parts) == 3
    lines = str(SERVER["examples/route-map/index.js"]).split("\n")
    for part in parts:
        assert part.span.end - part.span.start < 25
        assert part.text == "\n".join(lines[part.span.start - 1 : part.span.end])
        assert part.text.strip() == part.text
    assert parts[1].span.start > parts[0].span.end


def test_what_the_list_of_examples_says_is_quoted_with_its_line(map_of: MapOf) -> None:
    repo_map = map_of(SERVER)
    said = said_of(repo_map, "examples/route-map/index.js")
    assert said == "> Organizing the routes of a server in one map\n>\n> — `examples/README.md#L3`"
    assert said_of(repo_map, "examples/route-guards/index.js") == ""
    assert said_of(repo_map, "lib/serve.js") == ""
