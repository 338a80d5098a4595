"""`repositories:*`: what can be analysed. `register` is an extension of ours: a repository known by its URL alone."""

from urllib.parse import urlsplit

from backend.errors import Code, FunctionError
from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Document, require
from backend.validator import Id, Optional, string

_SCHEMES = frozenset({"https", "http", "file"})
_URL_MAX = 2048


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (
        mutation(
            "repositories:register",
            register,
            userId=Id("users"),
            url=string(),
            fullName=string(),
            name=string(),
            defaultBranch=Optional(string()),
        ),
        query("repositories:listUserRepositories", list_user_repositories, userId=Id("users")),
        query("repositories:getByFullName", get_by_full_name, fullName=string()),
        query("repositories:getByRepositoryId", get_by_repository_id, repositoryId=Id("repositories")),
    )


def register(context: MutationContext, args: Args) -> str:
    """Return the id of the repository with this clone URL, made or brought up to date."""
    require(context.db.get("users", args["userId"]), "users", args["userId"])
    url = _checked_url(args["url"])
    fields = {"name": args["name"], "fullName": args["fullName"]}
    if "defaultBranch" in args:
        fields["defaultBranch"] = args["defaultBranch"]
    known = context.db.find("repositories", "cloneUrl", url)
    if known:
        if any(known[0].get(name) != value for name, value in fields.items()):
            context.db.patch("repositories", known[0], fields)
        repository_id: str = known[0]["_id"]
        return repository_id
    return context.db.insert(
        "repositories",
        # The schema wants a GitHub id; a repository that GitHub does not know is named by its URL.
        {"defaultBranch": "", **fields, "userId": args["userId"], "githubRepoId": url, "cloneUrl": url},
    )


def list_user_repositories(context: QueryContext, args: Args) -> list[Document]:
    """Return the user's repositories, oldest first."""
    return context.db.find("repositories", "userId", args["userId"])


def get_by_full_name(context: QueryContext, args: Args) -> list[Document]:
    """Return the repositories of that name: an array, since one name may exist on several hosts."""
    return context.db.find("repositories", "fullName", args["fullName"])


def get_by_repository_id(context: QueryContext, args: Args) -> Document | None:
    """Return the repository or null."""
    return context.db.get("repositories", args["repositoryId"])


def _checked_url(url: str) -> str:
    """Refuse what must not be stored and shown; which hosts are allowed is the submitting side's policy."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise FunctionError(Code.INVALID, f"url {url[:80]!r} is no URL ({error})") from error
    if len(url) > _URL_MAX or not url.isprintable() or " " in url or parts.scheme not in _SCHEMES:
        raise FunctionError(Code.INVALID, f"url {url[:80]!r}: expected https://host/owner/name.git, http:// or file://")
    if "@" in parts.netloc:
        raise FunctionError(
            Code.INVALID, f"url of {parts.hostname}: credentials in a URL would be stored: leave them out"
        )
    return url
