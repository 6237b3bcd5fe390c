"""The uploaded APIs of a server: each one replaces an API of the files, or is added to them.

One process completes and checks an upload, and stores it. All processes of the store then load it:
they poll the version of the uploads, and confirm the version that they serve.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from mockserver.contract.api_files import ApiFiles
from mockserver.contract.model import Contract
from mockserver.errors import (
    ApiInvalid,
    InvalidFiles,
    MockServerError,
    RouteNotFound,
    StoreUnavailable,
    UploadNotServed,
    UsageError,
)
from mockserver.pipeline.loaded_uploads import CompleteApi, Load, LoadedUpload, upload_key
from mockserver.sandbox.stores.uploads import StoredUploads, UploadStore
from mockserver.spec.blueprint.messages import as_json

POLL_SECONDS = 0.1
"""Seconds between two reads of the version in one process."""
WAIT_SECONDS = 30.0
"""The maximum time until all processes serve a change."""
STOP_SECONDS = 1.0
"""The maximum time until a process has stopped to poll."""
RETRY_SECONDS = 1.0
"""Seconds until a process tries again to load what it could not load."""
_NOT_ACCEPTED = "an embedded application takes no uploads; run `mockserver serve`"
Loaded = Mapping[str, LoadedUpload]
"""Uploads by their key in the store."""
Serve = Callable[[tuple[Contract, ...]], None]
"""Serves these contracts from now on, the main one first."""
log = logging.getLogger("mockserver")


@dataclass(frozen=True, slots=True)
class UploadReader:
    """The functions that read uploads. The pipeline itself reads no files."""

    load: Load
    combine: Callable[[Sequence[Contract]], Contract]
    """Returns the contract of several APIs. Raises `InvalidFiles`."""
    complete: Callable[[ApiFiles], CompleteApi] | None = None
    """Generates and checks the files of an upload, in seconds. Raises `ApiInvalid`.

    Without it, uploads are refused.
    """


class Uploads:
    """The contracts of the files, with the uploaded APIs, in one process. Safe for threads."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._files: Mapping[str, Contract] = {}
        """The contracts of the files by name, the main one first."""
        self._store: UploadStore | None = None
        self._version = -1
        """The version of the store that this process serves; -1 if it has not read it."""
        self.loaded: Loaded = {}
        self._failed: dict[str, bytes] = {}
        """The documents of uploads that were not servable when this process started."""
        self._lock = threading.RLock()
        """Held while the served contracts change."""
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._reader: UploadReader | None = None

    def accept(self, reader: UploadReader) -> None:
        """Take the functions that read uploads. Without them, there are no uploads."""
        self._reader = reader

    @property
    def files(self) -> tuple[Contract, ...]:
        """The contracts of the files, without uploads, the main one first."""
        return tuple(self._files.values())

    @property
    def reader(self) -> UploadReader:
        """The functions that read uploads.

        Raises:
            RouteNotFound: this server has none.
        """
        if self._reader is None:
            raise RouteNotFound(_NOT_ACCEPTED)
        return self._reader

    def open(self, store: UploadStore, *, shared: bool) -> None:
        """Serve the uploads of a store, and follow their changes if processes share the store."""
        if self._reader is None:
            return
        self._store = store
        self._stopping = threading.Event()
        self._version = -1
        try:
            self._follow(store, store.version())
        except StoreUnavailable as error:
            log.warning("the uploaded APIs cannot be read: %s", error.detail)
        if shared:
            self._watcher = threading.Thread(
                target=self._watch,
                args=(store, self._stopping),
                name="mockserver-uploads",
                daemon=True,
            )
            self._watcher.start()

    def close(self) -> None:
        """Stop to follow changes. The store is still open."""
        self._stopping.set()
        if self._watcher:
            self._watcher.join(STOP_SECONDS)
            self._watcher = None

    def use_files(self, contracts: Iterable[Contract]) -> None:
        """Serve other contracts of the files, with the same uploads.

        Each contract replaces the one of its name, or is added.

        Raises:
            InvalidFiles: an upload conflicts with the files. The former contracts are served.
            UsageError: a token of the settings has an unknown feature.
        """
        new = {contract.name: contract for contract in contracts}
        with self._lock:
            files = {**self._files, **new}
            self._serve(self._combined(files, self.loaded.values()))
            self._files = files

    def put(self, contract: str, files: ApiFiles) -> tuple[LoadedUpload, CompleteApi]:
        """Replace or add an API in all processes of the store. Call it in a thread.

        Raises:
            ApiInvalid: the API is invalid, or conflicts with another one. Nothing was changed.
            UploadNotServed: another change is in progress, or a process does not serve this one.
            RouteNotFound: this server takes no uploads.
        """
        reader = self.reader
        if reader.complete is None:
            raise RouteNotFound(_NOT_ACCEPTED)
        with self._change() as store:
            complete = reader.complete(files)
            try:
                upload = LoadedUpload.load(contract, complete.files, reader.load)
            except InvalidFiles as error:
                raise _invalid(
                    "the API is not served; `messages` lists its errors", error
                ) from error
            self._replace(store, upload.key, upload)
        return upload, complete

    def delete(self, contract: str, name: str) -> None:
        """Delete an upload in all processes of the store. An API of the files returns.

        Raises:
            RouteNotFound: no API of this name was uploaded.
            ApiInvalid: another upload conflicts with the API that returns. Nothing was changed.
            UploadNotServed: another change is in progress, or a process does not serve this one.
        """
        key = upload_key(contract, name)
        with self._change() as store:
            keys = store.read().documents.keys()
            if key not in keys:
                names = ", ".join(sorted(keys)) or "none"
                detail = f"no API {name!r} was uploaded; uploaded (CONTRACT/NAME): {names}"
                raise RouteNotFound(detail)
            self._replace(store, key, None)

    @contextmanager
    def _change(self) -> Iterator[UploadStore]:
        """Let no other process change the uploads, and begin with the current ones."""
        store = self._store
        if store is None or not store.begin():
            detail = "another upload is in progress; try again after it"
            raise UploadNotServed(detail, headers=(("Retry-After", "1"),))
        try:
            self._follow(store, store.version())
            yield store
        finally:
            store.end()

    def _replace(self, store: UploadStore, key: str, upload: LoadedUpload | None) -> None:
        """Replace one upload in the store, in this process, and then in all others."""
        others = {other: value for other, value in self.loaded.items() if other != key}
        loaded, document = others, None
        if upload is not None:
            loaded, document = {**others, key: upload}, upload.document
        with self._lock:
            before = self.loaded
            self._serve_loaded(loaded)
            try:
                version = store.change(key, document)
            except StoreUnavailable:
                self._serve_loaded(before)
                raise
            self._failed.pop(key, None)
            self._version = version
        store.confirm(version)
        if not store.wait(version, WAIT_SECONDS):
            detail = (
                "the change is stored, but not every process serves it yet; "
                "the others serve it as soon as they can, or their log has the reason"
            )
            raise UploadNotServed(detail, headers=(("Retry-After", "5"),))

    def _serve_loaded(self, loaded: Loaded) -> None:
        """Serve these uploads. The errors of conflicts are about the last one.

        Raises:
            ApiInvalid: they conflict with each other or with the files.
        """
        in_order = dict(sorted(loaded.items()))
        try:
            contracts = self._combined(self._files, loaded.values())
            if list(in_order) != list(loaded):
                contracts = self._combined(self._files, in_order.values())
            self._serve(contracts)
        except InvalidFiles as error:
            detail = "the API conflicts with another one; `messages` lists the conflicts"
            raise _invalid(detail, error) from error
        except UsageError as error:
            raise ApiInvalid(str(error), {"messages": []}) from error
        self.loaded = in_order

    def _combined(
        self, contracts: Mapping[str, Contract], uploads: Iterable[LoadedUpload]
    ) -> tuple[Contract, ...]:
        """Return the contracts with uploads in place of the APIs of the same names, or added.

        Raises:
            InvalidFiles: two APIs conflict.
        """
        named = dict(contracts)
        parts_of = {name: _parts(contract) for name, contract in named.items()}
        changed = set()
        for upload in uploads:
            parts = parts_of.setdefault(upload.contract, {})
            # Last, because the errors of a conflict are about the later API.
            parts.pop(upload.name, None)
            parts[upload.name] = upload.part
            changed.add(upload.contract)
        for name in changed:
            combined = self.reader.combine(list(parts_of[name].values()))
            named[name] = replace(combined, name=name)
        return tuple(named.values())

    def _watch(self, store: UploadStore, stopping: threading.Event) -> None:
        """Follow the changes of other processes.

        Uploads are loaded in another thread, because each call of `version` reports that this
        process is alive.
        """
        loading = threading.Thread()
        while not stopping.wait(POLL_SECONDS):
            try:
                version = store.version()
            except MockServerError:
                stopping.wait(RETRY_SECONDS)
                continue
            if version != self._version and not loading.is_alive():
                loading = threading.Thread(target=self._try_to_follow, args=(store, version))
                loading.start()

    def _try_to_follow(self, store: UploadStore, version: int) -> None:
        try:
            self._follow(store, version)
        except Exception:
            if not self._stopping.is_set():
                log.exception("the uploaded APIs cannot be served; trying again")
            self._stopping.wait(RETRY_SECONDS)

    def _follow(self, store: UploadStore, version: int) -> None:
        """Serve the uploads of the store, if this process does not yet, and confirm this.

        Raises:
            MockServerError, OSError: an upload cannot be served. The former ones are served.
        """
        with self._lock:
            if version == self._version:
                return
            stored = store.read()
            if self._version < 0:
                self._begin(stored)
            else:
                self._serve_stored(stored)
            self._version = stored.version
        store.confirm(stored.version)

    def _begin(self, stored: StoredUploads) -> None:
        """Serve the uploads that a store has from before, except those that are not servable."""
        self._failed = {}
        try:
            self._serve_stored(stored)
        except (MockServerError, OSError):
            self._begin_one_by_one(stored)

    def _begin_one_by_one(self, stored: StoredUploads) -> None:
        """Find the uploads that are not servable, and serve the others."""
        for key in stored.documents:
            documents = {name: stored.documents[name] for name in stored.documents if name <= key}
            try:
                self._serve_stored(replace(stored, documents=documents))
            except (MockServerError, OSError) as error:
                self._failed[key] = stored.documents[key]
                log.error("the uploaded API %s is not served: %s", key.lstrip("/"), error)

    def _serve_stored(self, stored: StoredUploads) -> None:
        loaded: dict[str, LoadedUpload] = {}
        for key, document in stored.documents.items():
            known = self.loaded.get(key)
            if known and known.document == document:
                loaded[key] = known
            elif self._failed.get(key) != document:
                loaded[key] = LoadedUpload.decode(document, self.reader.load)
        if loaded != self.loaded:
            self._serve_loaded(loaded)


def _invalid(detail: str, error: InvalidFiles) -> ApiInvalid:
    return ApiInvalid(detail, {"messages": list(map(as_json, error.errors))})


def _parts(contract: Contract) -> dict[str, Contract]:
    return {part.apis[0].id: part for part in contract.parts}
