"""Respond to an invalid request body with the documented status, if the effect names one."""

from dataclasses import replace

from mockserver.contract.model import ServedOperation
from mockserver.errors import RequestBreaksContract
from mockserver.pipeline.response_plan import ResponsePlan

_OTHER_PARTS = ("header/", "path/", "query/")
"""The starts of the pointers of violations that are not in the body."""


def invalid_body_status(served: ServedOperation, problem: RequestBreaksContract) -> int:
    """Return the documented status for a request whose body alone is invalid.

    Raises:
        RequestBreaksContract: the effect has no such status, or another part is invalid too.
    """
    status = served.effect.invalid_status
    if status is None:
        raise problem
    for violation in problem.extensions.get("violations", ()):
        if violation["pointer"].startswith(_OTHER_PARTS):
            raise problem
    return status


def plan_invalid_body(plan: ResponsePlan, status: int) -> ResponsePlan:
    """Return the plan with the documented response to an invalid body.

    Delay and fault stay. Preferences and scenarios do not make the body valid.
    """
    return replace(
        plan,
        status=status,
        example=None,
        data=None,
        undocumented=None,
        reason="the request's body is invalid",
        chosen_by=None,
        preferences_applied=(),
    )
