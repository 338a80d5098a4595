"""What a course will take, by our own counting, before anything is asked."""

from dataclasses import dataclass
from typing import Final

from analyzer.author.desk import estimated_tokens
from analyzer.author.material import as_text, material_of
from analyzer.author.outline import candidates_told, head_of
from analyzer.author.prompts import template
from analyzer.static.repository_map import RepositoryMap

# Tokens of an answer, as a capable model writes: a chapter, a review of it, its exercise; and of the first three steps.
ANSWERS: Final = {"4-chapter": 2_000, "5-review": 300, "6-tutorial": 1_300}
FIRST: Final = {"1-concepts": 1_500, "2-relations": 800, "3-order": 600}
SENTENCES_CHARS: Final = 7_000  # a review gets the chapter, too
CALL_TOKENS: Final = 500  # what Claude Code adds to each prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Calls and tokens, sent and received together, when nothing has to be asked twice."""

    calls: int
    tokens: int

    def __str__(self) -> str:
        """What people are told."""
        return f"About {self.calls} calls and {self.tokens} tokens are expected"


def estimate_of(repo_map: RepositoryMap) -> Estimate:
    """The estimate for a course on the concepts that code found."""
    own = estimated_tokens(head_of(repo_map)) + CALL_TOKENS
    tokens = estimated_tokens(candidates_told(repo_map))
    tokens += sum(own + estimated_tokens(template(name).template) + answer for name, answer in FIRST.items())
    calls = len(FIRST)
    for concept in repo_map.concepts:
        lines = estimated_tokens(as_text(repo_map, material_of(repo_map, concept)))
        for name, answer in ANSWERS.items():
            told = estimated_tokens("x" * SENTENCES_CHARS) if name == "5-review" else 0
            tokens += own + estimated_tokens(template(name).template) + lines + told + answer
            calls += 1
    return Estimate(calls=calls, tokens=tokens)
