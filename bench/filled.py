"""A database with courses in it, for figures that want many."""

from collections.abc import Mapping, Sequence
from typing import Final

from backend.transaction import Transaction

NOW_MS: Final = 1_800_000_000_000.0


def insert_user(rows: Transaction) -> str:
    """Add the user of the courses and return its id."""
    return rows.insert("users", {"githubId": "1", "username": "u", "createdAt": NOW_MS})


def insert_course(rows: Transaction, user: str, number: int, documents: Sequence[Mapping[str, object]]) -> str:
    """Add a repository with a completed job and its documents; return the job's id.

    Args:
        rows: An open transaction.
        user: Whose it is.
        number: Makes the repository's name and address.
        documents: Fields of each: slug, title, kind, content.
    """
    named = {"githubRepoId": str(number), "name": "n", "fullName": f"n/{number}", "cloneUrl": f"https://n/{number}"}
    repository = rows.insert("repositories", {"userId": user, "defaultBranch": "main", **named})
    owned = {"userId": user, "repositoryId": repository, "prompt": "", "callbackToken": str(number), "progress": ""}
    times = {"createdAt": NOW_MS, "updatedAt": NOW_MS, "completedAt": NOW_MS, "runAt": NOW_MS}
    counts = {"attempts": 0.0, "maxAttempts": 5.0, "currentStep": 6.0, "totalSteps": 6.0}
    counts["docsCount"] = float(len(documents))
    job = rows.insert("jobs", {"status": "completed", **owned, **times, **counts})
    for fields in documents:
        rows.insert("docs", {"jobId": job, "repositoryId": repository, "createdAt": NOW_MS, **fields})
    return job
