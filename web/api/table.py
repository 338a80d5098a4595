"""The operations of the API: method, address, what is taken and answered. Routes and OpenAPI are made from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from web.api import operations, values

PREFIX: Final = "/api/v1"
Method = Literal["GET", "POST", "DELETE"]
Handler = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parameter of the address; `schema` is its JSON Schema."""

    name: str
    about: str
    schema: dict[str, Any]
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; what it does is said by its handler's docstring.

    Attributes:
        path: Below `PREFIX`, in Starlette's form.
        body: What the request's body has to be; None takes no body.
        refusals: Statuses beside those that every operation may answer.
    """

    method: Method
    path: str
    handler: Handler
    answer: type
    status: int = 200
    body: type | None = None
    query: tuple[Query, ...] = ()
    refusals: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the OpenAPI document."""
        return self.handler.__name__

    @property
    def about(self) -> str:
        """What it does, in one sentence."""
        return (self.handler.__doc__ or "").partition("\n")[0]


_WORDS: Final = Query(
    name="q",
    about="Words, or the beginnings of words; at most 8 of the first 200 characters count.",
    schema={"type": "string", "minLength": 1},
    is_required=True,
)
_QUESTION: Final = Query(
    name="q",
    about="A question in words, of which the first 500 characters count.",
    schema={"type": "string", "minLength": 1},
    is_required=True,
)
_LIMIT: Final = Query(
    name="limit",
    about="How many are listed.",
    schema={"type": "integer", "minimum": 1, "maximum": operations.LISTED_MAX, "default": operations.LISTED},
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/courses",
        handler=operations.courses,
        answer=values.CourseList,
        query=(_LIMIT,),
        refusals=(422,),
    ),
    Operation(method="GET", path="/courses/{job_id}", handler=operations.course, answer=values.Course, refusals=(404,)),
    Operation(
        method="GET",
        path="/courses/{job_id}/search",
        handler=operations.search_course,
        answer=values.Hits,
        query=(_WORDS,),
        refusals=(404, 422),
    ),
    Operation(
        method="GET",
        path="/courses/{job_id}/ask",
        handler=operations.ask,
        answer=values.Passages,
        query=(_QUESTION,),
        refusals=(404, 422),
    ),
    Operation(
        method="GET",
        path="/courses/{job_id}/texts/{slug:path}",
        handler=operations.text,
        answer=values.Text,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/courses/{job_id}/sources/{path:path}",
        handler=operations.source,
        answer=values.Source,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/search",
        handler=operations.search_all,
        answer=values.Hits,
        query=(_WORDS,),
        refusals=(422, 501),
    ),
    Operation(
        method="GET",
        path="/jobs",
        handler=operations.jobs,
        answer=values.JobList,
        query=(_LIMIT,),
        refusals=(422,),
    ),
    Operation(
        method="POST",
        path="/jobs",
        handler=operations.submit,
        answer=values.Job,
        status=201,
        body=values.Submission,
        refusals=(400, 403, 409, 413, 415, 422),
    ),
    Operation(method="GET", path="/jobs/{job_id}", handler=operations.job, answer=values.Job, refusals=(404,)),
    Operation(
        method="POST",
        path="/jobs/{job_id}/cancel",
        handler=operations.cancel,
        answer=values.Job,
        refusals=(403, 404),
    ),
    Operation(
        method="DELETE",
        path="/jobs/{job_id}",
        handler=operations.delete,
        answer=values.Nothing,
        refusals=(403, 404),
    ),
)
