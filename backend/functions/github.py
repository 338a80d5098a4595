"""`github:*`: the one mutation that the web page of the existing system calls; nothing here talks to GitHub."""

from backend.registry import Args, Function, MutationContext, mutation
from backend.transaction import require
from backend.validator import Id, number


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (
        mutation(
            "github:updateRepositoryMetadata",
            update_repository_metadata,
            repositoryId=Id("repositories"),
            lastAnalyzedAt=number(),
        ),
    )


def update_repository_metadata(context: MutationContext, args: Args) -> None:
    """Record when the repository was last analysed."""
    repository = require(context.db.get("repositories", args["repositoryId"]), "repositories", args["repositoryId"])
    context.db.patch("repositories", repository, {"lastAnalyzedAt": args["lastAnalyzedAt"]})
