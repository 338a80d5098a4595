"""A concept: what one chapter teaches, and why it was chosen."""

from dataclasses import dataclass
from enum import StrEnum

from analyzer.code.model import Span
from analyzer.documentation.model import Section


class Ground(StrEnum):
    """What kind of evidence speaks for a concept, the strongest first."""

    PAGE = "page"
    SECTION = "section"
    README = "readme"
    INTERFACE = "interface"
    EXAMPLE = "example"
    DOMAIN = "domain"
    FOLDER = "folder"
    PACKAGE = "package"
    ENTRY = "entry point"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One piece of evidence: what it is, where it stands, what it says there."""

    ground: Ground
    span: Span
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """What one chapter teaches.

    `term` is its subject as a comparable term; `main` the section that introduces it, if there is one; `sections` all
    that belong to it, in reading order; `symbols` keys of public definitions, the most used first; `paths` its files.
    `position` orders concepts as a newcomer meets them.
    """

    title: str
    term: str
    main: Section | None
    sections: tuple[Section, ...]
    symbols: tuple[str, ...]
    paths: tuple[str, ...]
    reasons: tuple[Reason, ...]
    position: tuple[float, ...]
    is_start: bool = False
