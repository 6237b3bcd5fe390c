"""Work outside the callbacks of the event loop: functions in threads, and coroutines."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

THREADS = 32
"""The maximum number of functions that run at once. More functions wait in a queue."""
T = TypeVar("T")
log = logging.getLogger("mockserver")


class Background:
    """The threads and tasks of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._pool = ThreadPoolExecutor(THREADS, "mockserver-request")
        self._tasks: set[asyncio.Task[None]] = set()

    def run(
        self,
        function: Callable[[], T],
        on_result: Callable[[T], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        """Run a function in a thread, and call `on_result` with its result on the loop.

        An error of either function is passed to `on_error`, on the loop too.
        """

        def finish(result: T) -> None:
            try:
                on_result(result)
            except Exception as error:
                on_error(error)

        def call() -> None:
            try:
                result = function()
            except Exception as error:
                self.loop.call_soon_threadsafe(on_error, error)
            else:
                self.loop.call_soon_threadsafe(finish, result)

        self._pool.submit(call)

    async def result_of(self, function: Callable[[], T]) -> T:
        """Run a function in a thread, and return its result."""
        return await self.loop.run_in_executor(self._pool, function)

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine until it ends. An error is a bug of the server, and is logged."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a response failed", exc_info=task.exception())

    async def close(self) -> None:
        """Cancel the coroutines, and end the idle threads."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)
