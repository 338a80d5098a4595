"""`users:*`: who owns repositories and jobs. There is no sign-in here and no token is stored."""

from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Document
from backend.validator import Id, Optional, string


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (
        mutation(
            "users:createOrUpdateUser",
            create_or_update,
            githubId=string(),
            username=string(),
            email=Optional(string()),
            avatarUrl=Optional(string()),
        ),
        query("users:getUserById", get_by_id, userId=Id("users")),
        query("users:getUserByGithubId", get_by_github_id, githubId=string()),
    )


def create_or_update(context: MutationContext, args: Args) -> str:
    """Return the id of the user with this GitHub id; given fields replace stored ones."""
    known = context.db.find("users", "githubId", args["githubId"])
    if not known:
        return context.db.insert("users", {**args, "createdAt": context.now})
    changes = {name: value for name, value in args.items() if known[0].get(name) != value}
    if changes:
        context.db.patch("users", known[0], changes)
    user_id: str = known[0]["_id"]
    return user_id


def get_by_id(context: QueryContext, args: Args) -> Document | None:
    """Return the user or null."""
    return context.db.get("users", args["userId"])


def get_by_github_id(context: QueryContext, args: Args) -> Document | None:
    """Return the user or null."""
    return next(iter(context.db.find("users", "githubId", args["githubId"])), None)
