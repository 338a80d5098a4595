"""What a file is to its project, decided from its path: source, test, example, tooling, documentation, data."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from analyzer.code.model import Role

LANGUAGES: Final[dict[str, str]] = {
    ".py": "python", ".pyi": "python", ".pyw": "python", ".js": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".jsx": "jsx", ".ts": "typescript", ".tsx": "tsx", ".go": "go", ".rs": "rust", ".c": "c",
    ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp", ".java": "java", ".kt": "kotlin",
    ".cs": "csharp", ".rb": "ruby", ".php": "php", ".swift": "swift", ".scala": "scala", ".lua": "lua",
    ".pl": "perl", ".pm": "perl", ".r": "r", ".jl": "julia", ".ex": "elixir", ".exs": "elixir", ".erl": "erlang",
    ".hs": "haskell", ".ml": "ocaml", ".sh": "bash", ".bash": "bash", ".zsh": "bash", ".fish": "fish",
    ".ps1": "powershell", ".sql": "sql", ".proto": "protobuf", ".vue": "vue", ".svelte": "svelte", ".dart": "dart",
    ".zig": "zig", ".nim": "nim", ".tf": "hcl", ".nix": "nix", ".html": "html", ".css": "css", ".scss": "scss",
    ".md": "markdown", ".markdown": "markdown", ".mdx": "markdown", ".rst": "rst", ".txt": "text",
    ".adoc": "asciidoc", ".asciidoc": "asciidoc", ".mts": "typescript", ".cts": "typescript", ".hh": "cpp",
    ".hxx": "cpp", ".kts": "kotlin", ".sc": "scala", ".toml": "toml",
    ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".ini": "ini", ".cfg": "ini", ".conf": "text", ".xml": "xml",
    ".prisma": "prisma", ".mk": "makefile", ".cmake": "cmake", ".gradle": "groovy",
}  # fmt: skip
NAMES: Final[dict[str, str]] = {
    "Makefile": "makefile", "GNUmakefile": "makefile", "Dockerfile": "dockerfile", "Containerfile": "dockerfile",
    "Jenkinsfile": "groovy", "Rakefile": "ruby", "Gemfile": "ruby", "Vagrantfile": "ruby", "CMakeLists.txt": "cmake",
    "README": "text", "LICENSE": "text", "COPYING": "text", "CHANGES": "text", "AUTHORS": "text", "NOTICE": "text",
}  # fmt: skip
PROSE: Final = frozenset({"markdown", "rst", "text", "asciidoc"})
DATA: Final = frozenset({"toml", "yaml", "json", "ini", "xml"})
MARKUP: Final = frozenset({"html", "css", "scss", "dockerfile", "makefile", "cmake", "groovy", "text"})
TEST_FOLDERS: Final = frozenset({"tests", "test", "__tests__", "spec", "specs", "testdata", "fixtures", "e2e"})
EXAMPLE_FOLDERS: Final = frozenset(
    {
        "examples",
        "example",
        "samples",
        "sample",
        "demo",
        "demos",
        "benchmarks",
        "bench",
        "benches",
        "_examples",
        "_example",
        "playground",
        "docs_src",
    }
)
DOC_FOLDERS: Final = frozenset({"docs", "doc", "documentation", "man", "website", "site"})
TOOL_FOLDERS: Final = frozenset({"scripts", "tools", "ci", ".github", ".gitlab", ".circleci", "hack", "misc"})
TOOL_FILES: Final = frozenset(
    {"setup.py", "noxfile.py", "conftest.py", "tasks.py", "fabfile.py", "conf.py", "gradlew", "mvnw"}
)
# Where a build keeps a project's own code: below it folders are packages, whatever they are called.
_PACKAGES_BELOW: Final = re.compile(r"(?:^|/)src/main/(?:java|kotlin|scala|groovy)/")
# Projects of .NET, source sets of Kotlin, what helps the tests of others.
_TEST_FOLDER: Final = re.compile(
    r"\.(Unit|Integration|Functional|Acceptance)?(Tests?|Specs?)(\.\w+)?$|^[a-z]\w*Tests?$|"
    r"^tests?[-_](helpers?|utils?|support|data|apps?|suites?|packages?|projects?)$"
)
# Languages in which a file is named for its type, and how the types of tests are called, wherever they lie.
_TYPE_A_FILE: Final = frozenset({"csharp", "java", "kotlin", "php", "scala", "swift"})
_TEST_TYPE: Final = re.compile(r"(?<=[a-zA-Z0-9])(Tests?|TestCase|Spec)$")
# Packages beside the one that they show: `rayon-demo`.
_EXAMPLE_FOLDER: Final = re.compile(r"[-_](demos?|examples?|samples?|benchmarks?)$")
# What begins a line that C cannot have.
_ONLY_CPP: Final = re.compile(
    r"\s*(?:(?:inline )?namespace\s+\w[\w:]*\s*(?:\{|$)|template\s*<|(?:public|private|protected)\s*:\s*$|"
    r"(?:enum )?class\s+(?:\w+\s+)*\w+\s*(?:final\s*)?[:{;])"
)
# `com.example` is what demonstrations are called, `org.springframework.samples` holds programs.
_ANY_PACKAGE: Final = (EXAMPLE_FOLDERS - {"example"}) | DOC_FOLDERS | TOOL_FOLDERS
# When a repository has no source proper, the next best kind of file is what the course explains.
FALLBACK: Final = (Role.EXAMPLE, Role.TOOLING, Role.TEST, Role.DOC, Role.CONFIG)


def language_of(path: str, first_line: str = "") -> str:
    """The language's name as highlighters know it, from the file's name or its `#!` line; `text` when unknown."""
    name = path.rsplit("/", 1)[-1]
    if name in NAMES:
        return NAMES[name]
    if name.startswith(("Dockerfile.", "Makefile.")):
        return NAMES[name.partition(".")[0]]
    dot = name.rfind(".")
    if dot > 0:
        return LANGUAGES.get(name[dot:].lower(), "text")
    if first_line.startswith("#!"):
        for needle, language in (("python", "python"), ("node", "javascript"), ("ruby", "ruby"), ("perl", "perl")):
            if needle in first_line:
                return language
        return "bash" if first_line.rstrip().endswith("sh") else "text"
    return "text"


def language_of_text(path: str, lines: Sequence[str]) -> str:
    """As `language_of`; a header that only C++ can read is C++, whatever its name."""
    language = language_of(path, lines[0] if lines else "")
    is_header = language == "c" and path.lower().endswith(".h")
    return "cpp" if is_header and any(_ONLY_CPP.match(line) for line in lines) else language


def _is_test_folder(name: str) -> bool:
    """Whether a folder of that name holds tests."""
    return name.lower() in TEST_FOLDERS or _TEST_FOLDER.search(name) is not None


def role_of(path: str, language: str) -> Role:
    """The file's role, from the folders that it lies in, its name and its language."""
    *folders, name = path.split("/")
    if inside := _PACKAGES_BELOW.search(path):
        packages = [name for name in path[inside.end() :].split("/")[:-1] if name.lower() not in _ANY_PACKAGE]
        folders = [*path[: inside.end()].strip("/").split("/"), *packages]
    lowered = {folder.lower() for folder in folders}
    stem = name.rsplit(".", 1)[0].lower()
    tool = folders[0].lower() in TOOL_FOLDERS if folders else name in TOOL_FILES
    rules = (
        (Role.TEST, any(map(_is_test_folder, folders)) or _is_test_name(stem, name, language)),
        (Role.EXAMPLE, bool(lowered & EXAMPLE_FOLDERS) or any(map(_EXAMPLE_FOLDER.search, lowered))),
        (Role.DOC, language in PROSE or bool(lowered & DOC_FOLDERS)),
        (Role.TOOLING, tool),
        (Role.CONFIG, language in DATA or name.startswith(".")),
    )
    return next((role for role, holds in rules if holds), Role.SOURCE)


def is_code(path: str) -> bool:
    """Whether the file is part of what the project makes, in a programming language."""
    language = language_of(path)
    return language not in MARKUP and role_of(path, language) is Role.SOURCE


def _is_test_name(stem: str, name: str, language: str) -> bool:
    if language == "python":
        return stem.startswith("test_") or stem.endswith("_test") or name == "conftest.py"
    if language in _TYPE_A_FILE and _TEST_TYPE.search(name.partition(".")[0]):
        return True
    return stem.endswith(("_test", ".test", ".spec", "_spec")) and language not in PROSE


def source_role(roles: Iterable[Role]) -> Role:
    """The role that the course explains: source where there is any, else the first fallback that occurs."""
    present = set(roles)
    return next((role for role in (Role.SOURCE, *FALLBACK) if role in present), Role.SOURCE)
