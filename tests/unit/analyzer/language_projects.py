"""A small project in each language: what is in `languages/projects`, around the one sample of the language."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LANGUAGES: Final = Path(__file__).parent / "languages"
PROJECTS_FOLDER: Final = LANGUAGES / "projects"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageProject:
    """A project: which sample goes where in it, and the command that runs its tests."""

    sample: str
    place: str
    runner: str

    @property
    def folder(self) -> Path:
        """What lies around the sample."""
        return PROJECTS_FOLDER / self.sample.rpartition(".")[2]

    def files(self) -> Mapping[str, str]:
        """All files of the project."""
        around = [path for path in self.folder.rglob("*") if path.is_file()]
        found = {path.relative_to(self.folder).as_posix(): path.read_text() for path in around}
        return {**found, self.place: (LANGUAGES / self.sample).read_text()}


PROJECTS: Final = (
    LanguageProject(sample="basket.py", place="shop/__init__.py", runner="python -m pytest"),
    LanguageProject(sample="basket.js", place="index.js", runner="npm test"),
    LanguageProject(sample="basket.ts", place="src/index.ts", runner="npm test"),
    LanguageProject(sample="basket.go", place="basket.go", runner="go test"),
    LanguageProject(sample="basket.rs", place="src/lib.rs", runner="cargo test"),
    LanguageProject(sample="Basket.java", place="src/main/java/shop/Basket.java", runner="mvn test"),
    LanguageProject(sample="basket.cpp", place="src/basket.cpp", runner="ctest"),
    LanguageProject(sample="basket.c", place="src/basket.c", runner=""),
    LanguageProject(sample="Basket.cs", place="src/Shop/Basket.cs", runner="dotnet test"),
    LanguageProject(sample="basket.rb", place="lib/basket.rb", runner="bundle exec rake test"),
    LanguageProject(sample="Basket.php", place="src/Basket.php", runner="vendor/bin/phpunit"),
    LanguageProject(sample="basket.kt", place="src/main/kotlin/shop/Basket.kt", runner="gradle test"),
    LanguageProject(sample="basket.swift", place="Sources/Shop/Basket.swift", runner="swift test"),
    LanguageProject(sample="basket.scala", place="src/main/scala/shop/Basket.scala", runner="sbt test"),
    LanguageProject(sample="basket.sh", place="basket.sh", runner=""),
)
