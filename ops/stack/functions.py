"""The functions of a stack's backend: whether they are those that this checkout works with."""

from course.function_version import NAME, VERSION
from course.rows import row
from ops.errors import FunctionsError, StackError
from ops.stack.convex import Convex, read
from ops.stack.stack import Stack


def deployment_of(stack: Stack) -> Convex:
    """Return the Convex deployment that a stack is configured for, or its embedded backend; it need not be deployed.

    Raises:
        StackError: It has neither, or its configuration cannot be read.
    """
    keys = stack.keys
    if keys.convex_url is None:
        return stack.convex()
    return Convex(keys.convex_url, stack.secret("backendKey"), ca_bundle=keys.ca_bundle)


def require_functions(convex: Convex, url: str) -> str:
    """Ask a deployment for its functions; return what it has, in words.

    Raises:
        FunctionsError: It has none, other ones, or another version of them.
        BackendError: It does not answer, or refuses the key.
    """
    try:
        found = read(row, convex.query("system:version"))
    except FunctionsError as error:
        raise FunctionsError(
            f"{url} has no functions of Fondation, or those of the older system, which know no version:"
            " `bin/fondation convex deploy` brings them. With older ones a worker goes on with lesser guarantees"
            " (docs/convex.md)"
        ) from error
    name, version = found.get("name"), found.get("version")
    if name != NAME:
        raise FunctionsError(f"{url} has another project's functions ({str(name)[:100]!r}): check fondation:convexUrl")
    if version != VERSION:
        older = isinstance(version, int | float) and version < VERSION
        remedy = "`bin/fondation convex deploy` brings them" if older else "take the checkout that they came from"
        raise FunctionsError(f"{url} has version {version} of the functions, this checkout wants {VERSION}: {remedy}")
    return f"version {VERSION} of the functions"


def production_url(stack: Stack) -> str:
    """Return the address of the Convex deployment that a stack is configured for.

    Raises:
        StackError: It has none.
    """
    url = stack.keys.convex_url
    if url is None:
        raise StackError(
            f"stack {stack.name} runs the embedded backend, which has its functions: for a Convex deployment set"
            " fondation:convexUrl"
        )
    return url
