"""Generate and check the files of an uploaded API in a child process.

The work takes seconds of CPU time and imports Faker. In a child process it has limits, and a crash
does not stop the server.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

import mockserver
from mockserver.cli.blueprints.upload_limits import (
    MAX_CPU_SECONDS,
    MAX_MEMORY,
    MAX_SECONDS,
    OUT_OF_MEMORY,
)
from mockserver.contract.api_files import ApiFiles
from mockserver.errors import ApiInvalid, InternalError
from mockserver.pipeline.loaded_uploads import CompleteApi

_PROCESS = "mockserver.cli.blueprints.upload_process"
_ENDED_BY_SIGNAL = {
    "SIGXCPU": f"takes longer than {MAX_CPU_SECONDS} seconds of CPU time",
    "SIGKILL": "was ended by the system, usually because it has too little memory",
}
"""The name of a signal to what it means. Windows has neither of them."""
log = logging.getLogger("mockserver")


def complete_api(files: ApiFiles) -> CompleteApi:
    """Return the files with all that the server generates from them. Call it in a thread.

    Raises:
        ApiInvalid: the files are invalid, or reading them exceeds a limit.
        InternalError: the child process has failed.
    """
    process = subprocess.Popen(  # noqa: S603 - the arguments are constants  # nosec B603
        [sys.executable, "-P", "-m", _PROCESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": _python_path()},
    )
    with process:
        try:
            output, errors = process.communicate(orjson.dumps(files.as_json()), MAX_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise _too_large(f"takes longer than {MAX_SECONDS:g} seconds") from error
        finally:
            process.kill()
    return _complete(process.returncode, output, errors.decode(errors="replace"))


def _python_path() -> str:
    """Return the variable with which the child process finds the same package."""
    folder = str(Path(mockserver.__file__).parents[1])
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join(filter(None, (folder, inherited)))


def _complete(exit_code: int, output: bytes, errors: str) -> CompleteApi:
    for name, reason in _ENDED_BY_SIGNAL.items():
        if exit_code == -getattr(signal, name, 0) < 0:
            raise _too_large(reason)
    if exit_code == OUT_OF_MEMORY:
        raise _too_large(f"needs more than {MAX_MEMORY >> 20} MB of memory")
    if exit_code:
        log.error("an upload failed with the exit code %s:\n%s", exit_code, errors)
        raise InternalError("the process that reads the upload has failed; please report its log")
    return read_result(orjson.loads(output))


def read_result(result: Mapping[str, Any]) -> CompleteApi:
    """Return the API in the result of `upload_process.complete`.

    Raises:
        ApiInvalid: the files are invalid.
    """
    if result["files"] is None:
        detail = "the API is invalid, and nothing was changed; `messages` lists its errors"
        raise ApiInvalid(detail, {"messages": result["messages"]})
    return CompleteApi(ApiFiles.from_json(result["files"]), tuple(result["messages"]))


def _too_large(reason: str) -> ApiInvalid:
    return ApiInvalid(f"reading the API {reason}; send a smaller blueprint", {"messages": []})
