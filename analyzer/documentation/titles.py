"""What a heading's own words tell: that one begins there, or that it is about the project rather than its use."""

import re
from typing import Final

_META: Final = re.compile(
    r"\b(change ?(s|logs?)?|history|news|releas(e|es|ing)( notes?)?|contribut\w*|licen[cs]e|copying|authors?|credits?|"
    r"thanks|kudos|code of conduct|roadmap|governance|maintain\w*|maintenance(?! mode)|sponsor\w*( messages?)?|"
    r"backers|supporters|bleeding edge|tidelift|charter|expense|upgrad\w*|migrat\w*|faqs?|todo|badges?|"
    r"frequently asked questions|deprecat\w*|support|community|hacking|donat\w*|acknowledge?ments?|benchmarks?|"
    r"requirements?|table (of )?contents?|contents|toc|install\w*|compatib\w*|copyright|people|team|internals?|"
    r"who uses.*|resources|see also|related projects|alternatives?|versioning|notice|code style|troubleshooting|"
    r"development|developing|building( source)?|what'?s ?new|downloads?|getting help|further reading|"
    r"documentation|translations?|bugs?|known issues|indices and tables|glossary|stability|running (the )?tests|"
    r"articles|blog\w*|videos?|talks|books|adopters|showcase|ecosystem|comparison|motivation|features|highlights|"
    r"why \w+|supported .*versions?|python versions?|(optional |add(ing)? )?dependenc(y|ies)(?! inject)|"
    r"project links|contact|communication|playgrounds?|disclaimer|"
    r"performance( and scalability)?|scalability|philosophy|current (project )?team.*|tc|no[ -]std.*|feedback|"
    r"questions|external links|man pages?|modern .* library|"
    r"(security|privacy|support|release|versioning|contribution|ai|llm) polic(y|ies)|"
    r"packagers?|supported platforms|test suite|emerit\w*|(staying|keeping) up date|collaborators?|"
    r"awesome( \w+)+|(protocol )?(compliance|conformance)|"
    r"third[- ]party \w+( \w+)?|notable projects.*|projects using.*|goals)\b",
    re.IGNORECASE,
)
_START: Final = re.compile(
    r"^((the |a )?(quick ?-?start|quick (tour|example|guide|intro\w*)|getting[ -_]?started|get started|"
    r"first[ -_]?steps|hello,? world|start (programming|coding))\b.*|"
    r"(the |an? )?(introduction|intro|overview|tutorials?|basics?|basic (usage|example|concepts)|usage|"
    r"how to use( it)?|"
    r"(first|simple|minimal|basic) (example|application|app|usage|program|server|client|test)|examples?|start|guide|"
    r"user'?s? ?guide|\w+ user guide|synopsis|at a glance|essentials|learn|in a nutshell|crash course|"
    r"first,? (create|define|make|write|add) .*|usage examples?|introduction to \w+|basic commands.*))$",
    re.IGNORECASE,
)
_ALWAYS_META: Final = re.compile(
    r"\b((test|implementation|rollout|project) plan|(development|project) status|"
    r"releas(e|ing) (process|check\w*|notes?|management|cycle)|contribut(ing|ors?|ions?)|code of conduct|changelog|"
    r"team members|committee|triagers?|philosophy|design (document|decisions|notes)|future enhancements|"
    r"backwards? compat\w*|v?\d+(\.\d+)* (migration|upgrade).*|(migration|upgrade) guide.*|"
    r"github\.com|legacy|comparisons? (to|with) .*|get it now|professional support|(project )?goals( for .*)?|"
    r"benefits (of|over) .*|.*for enterprise|(software |development )+life ?cycle|.* in the wild|case stud(y|ies)|"
    r"(minimum|minimal|required|supported) (\w+ )?versions?( policy)?|msrv|.* benchmarks?|"
    r"sub-?split of .*|other (crates|packages|projects|libraries|tools)|read(ing)? more|what[\u2019']?s next|"
    r"all together( now)?|(issue|pull request) templates?|breaking changes|release versions?|"
    r"putting it (all )?together|wrapping up|let[\u2019']?s (go|get .*))\b",
    re.IGNORECASE,
)
# About use, but beside it: where it runs, what else there is, what words mean, how things came to be called so. Where
# something runs is no aside in a project that is run.
_DEPLOYS: Final = re.compile(r"\bdeploy\w*\b", re.IGNORECASE)
_ASIDE: Final = re.compile(
    r"\b(integrations?|tips|tricks|recipes|terminology|inventory|contract|opinions?|compar(ing|ed|isons?)|"
    r"borrow\w*|beyond|issues?|upgrading|updating|uninstall\w*|branches|forks|names|history|practi[cs]es?|scalab\w*|thread.?safety|caveats|limitations|runbooks?)\b",
    re.IGNORECASE,
)
# How a program is brought to run: there, and not at a library's, installing is what one begins with.
_RUN: Final = re.compile(
    r"\b(run(ning)?|launch\w*|start(ing|ed)?|quick ?-?start|install\w*|set(ting|s)? ?up|setup|usage|try|"
    r"(local )?development|local(ly)?|build(ing)?)\b(?!.*\btests?\b)",
    re.IGNORECASE,
)
# How a program is built, shipped and kept going: told after what it does.
_OPERATED: Final = re.compile(
    r"\b(deploy\w*|containers?|docker|compil\w*|build(ing)?|seed(ing)?|migrat\w*|prerequisites?|production|kubernetes|"
    r"helm|heroku|scripts?|updating|upgrading|uninstall\w*)\b",
    re.IGNORECASE,
)
_SMALL_WORDS: Final = re.compile(
    r"\b(the|a|an|and|of|in|on|for|to|with|from|by|our|your|this|its?|&)\b|[^\w\s]", re.IGNORECASE
)
META_SHARE: Final = 0.5
_INSTALL: Final = re.compile(
    r"\b(maven|gradle|cmake|bazel|conan|vcpkg|homebrew|build systems?|go get|nuget)\b", re.IGNORECASE
)


def is_meta(title: str) -> bool:
    """Whether a title is about the project rather than about its use."""
    if _INSTALL.search(title) or _ALWAYS_META.search(title):
        return True
    words = " ".join(_SMALL_WORDS.sub(" ", title).split())
    return bool(words) and sum(len(match[0]) for match in _META.finditer(words)) >= META_SHARE * len(words)


def is_start(title: str) -> bool:
    """Whether a title says that one begins here."""
    return _START.match(title.strip()) is not None


def is_about_running(title: str) -> bool:
    """Whether a title says how a program is brought to run."""
    return _RUN.search(title) is not None


def is_about_operation(title: str) -> bool:
    """Whether a title says how a program is built, shipped or kept going."""
    return _OPERATED.search(title) is not None


def is_aside(title: str, *, is_application: bool) -> bool:
    """Whether a title is about something beside the use of the project."""
    return _ASIDE.search(title) is not None or (not is_application and _DEPLOYS.search(title) is not None)
