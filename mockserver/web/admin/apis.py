"""The admin API of the served APIs: upload, list, download and delete."""

import re

from mockserver.config import named_contracts
from mockserver.config.named_contracts import MAIN_CONTRACT
from mockserver.config.shipped import SCHEMAS
from mockserver.contract.api_files import FIXTURE_FILE, MAX_FILE_BYTES, NAME, SCHEMA_FILE, ApiFiles
from mockserver.errors import AdminRequestInvalid, InvalidFiles, RouteNotFound
from mockserver.formats.files import RESERVED_NAMES
from mockserver.formats.json_schema import Schema, Validator
from mockserver.pipeline.loaded_uploads import upload_key
from mockserver.spec import blueprint
from mockserver.spec.description import Api
from mockserver.web.admin.call import AdminCall, Created
from mockserver.web.admin.schemas import COUNT, OBJECT, TEXT, Json, array_of, object_of

NAME_SCHEMA: Schema = {"type": "string", "pattern": f"^{NAME}$"}
_SOURCE: Schema = {"enum": ["shipped", "file", "uploaded"]}
_MESSAGES = array_of(OBJECT)
_API = object_of(
    name=TEXT,
    title=TEXT,
    contract=TEXT,
    base_path=TEXT,
    operations=COUNT,
    refused=COUNT,
    source=_SOURCE,
    sha256=TEXT,
)
APIS = object_of(apis=array_of(_API))
_BLUEPRINT = object_of(file=TEXT, text=TEXT)
API = object_of(
    name=TEXT, contract=TEXT, source=_SOURCE, sha256=TEXT, blueprints=array_of(_BLUEPRINT)
)
UPLOADED = object_of(
    api=TEXT, contract=TEXT, base_path=TEXT, operations=COUNT, refused=COUNT, messages=_MESSAGES
)
DELETED = object_of(api=TEXT, contract=TEXT, deleted={"const": True})
CONTRACT_QUERY = object_of({"contract": named_contracts.NAME_SCHEMA})


def _texts(names: str) -> Schema:
    """Return the schema of an object with texts by file name."""
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^({names})$", "maxLength": MAX_FILE_BYTES},
        "additionalProperties": TEXT,
    }


UPLOAD = Validator(
    object_of({"fixtures": _texts(FIXTURE_FILE), "schemas": _texts(SCHEMA_FILE)}, blueprint=TEXT)
)


def list_apis(call: AdminCall) -> Json:
    """Return all APIs of all contracts, in the order in which they are served."""
    apis = []
    for served in call.server.contracts:
        for api in served.contract.apis:
            apis.append(_api_json(call, served.contract.name, api))
    return {"apis": apis}


def get_api(call: AdminCall, name: str) -> Json:
    """Return the blueprints of an API: one, or several if they are merged.

    Raises:
        RouteNotFound: the API is unknown, or its file cannot be read any more.
    """
    contract, api = _find(call, name)
    entry = _api_json(call, contract, api)
    return {
        "name": api.id,
        "contract": entry["contract"],
        "source": entry["source"],
        "sha256": api.sha256,
        "blueprints": _blueprints(call, contract, api),
    }


def put_api(call: AdminCall, name: str) -> Json | Created:
    """Replace or add an API. From the response on, all processes serve it.

    Raises:
        ApiInvalid, UploadNotServed: see `Uploads.put`.
    """
    contract = _contract_name(call)
    if not re.fullmatch(NAME, name):
        detail = f"invalid name {name[:80]!r}; expected 1 to 64 letters, digits, _ or -"
        raise AdminRequestInvalid(detail)
    if name.lower() in RESERVED_NAMES:
        raise AdminRequestInvalid(f"{name!r} is a device on Windows; choose another name")
    is_new = not any(api.id == name for api in _apis_of(call, contract))
    body = call.body
    files = ApiFiles(name, body["blueprint"], body.get("schemas", {}), body.get("fixtures", {}))
    upload, complete = call.server.uploads.put(contract, files)
    api = upload.part.apis[0]
    result = {
        "api": name,
        "contract": contract or MAIN_CONTRACT,
        "base_path": api.base_path,
        "operations": len(api.operations),
        "refused": api.refused,
        "messages": list(complete.messages),
    }
    if is_new:
        return Created(result)
    return result


def delete_api(call: AdminCall, name: str) -> Json:
    """Delete an uploaded API. An API of the files that it has replaced is served again.

    Raises:
        RouteNotFound, ApiInvalid, UploadNotServed: see `Uploads.delete`.
    """
    contract = _contract_name(call)
    call.server.uploads.delete(contract, name)
    return {"api": name, "contract": contract or MAIN_CONTRACT, "deleted": True}


def _contract_name(call: AdminCall) -> str:
    """Return the contract of the query; empty for the main one."""
    name: str = call.query_params(CONTRACT_QUERY).get("contract", MAIN_CONTRACT)
    if name == MAIN_CONTRACT:
        return ""
    return name


def _apis_of(call: AdminCall, contract: str) -> list[Api]:
    """Return the APIs of a contract; empty if there is no contract of this name."""
    for served in call.server.contracts:
        if served.contract.name == contract:
            return list(served.contract.apis)
    return []


def _find(call: AdminCall, name: str) -> tuple[str, Api]:
    """Return the contract and the description of an API.

    Raises:
        RouteNotFound: the contract or the API is unknown.
    """
    contract = _contract_name(call)
    apis = _apis_of(call, contract)
    for api in apis:
        if api.id == name:
            return contract, api
    names = ", ".join(api.id for api in apis) or "none"
    detail = f"the contract {contract or MAIN_CONTRACT!r} has no API {name!r}; it has: {names}"
    raise RouteNotFound(detail)


def _source(call: AdminCall, contract: str, api: Api) -> str:
    if upload_key(contract, api.id) in call.server.uploads.loaded:
        return "uploaded"
    if all(path.is_relative_to(SCHEMAS) for path in api.parts):
        return "shipped"
    return "file"


def _api_json(call: AdminCall, contract: str, api: Api) -> Json:
    return {
        "name": api.id,
        "title": api.name,
        "contract": contract or MAIN_CONTRACT,
        "base_path": api.base_path,
        "operations": len(api.operations),
        "refused": api.refused,
        "source": _source(call, contract, api),
        "sha256": api.sha256,
    }


def _blueprints(call: AdminCall, contract: str, api: Api) -> list[Json]:
    """Return the texts of an API: the sent one, or the present ones of its files.

    Raises:
        RouteNotFound: a file cannot be read any more.
    """
    upload = call.server.uploads.loaded.get(upload_key(contract, api.id))
    if upload:
        files = upload.files
        return [{"file": files.blueprint_file, "text": files.blueprint}]
    texts = []
    for path in api.parts:
        try:
            text = blueprint.read_text(path).text
        except InvalidFiles as error:
            raise RouteNotFound(f"the blueprint of {api.id} cannot be read now: {error}") from error
        texts.append({"file": path.name, "text": text})
    return texts
