import type { Call } from "./clock.js";
import type { SandboxRecord } from "./types.js";

/**
 * The records of a sandbox, changed without the API. A collection is called `API/COLLECTION`, `push_notifications/exports`; a key
 * is the record's id, after the key of its parent if it has one: `NOTIFICATION/100`. The journal does not contain these changes.
 */
export class SandboxRecords {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The current records of one collection, at most 1000; deleted records are included. */
  async list(collection: string, page: { limit?: number; offset?: number } = {}): Promise<SandboxRecord[]> {
    const path = withQuery({ collection, ...page });
    const response = await this.#call<{ collections: { records: SandboxRecord[] }[] }>("GET", path);
    return response.collections.flatMap(({ records }) => records);
  }

  /** Create or replace a record; `key` is the record's own. */
  put(collection: string, key: string, record: object): Promise<SandboxRecord> {
    return this.#call("PUT", withQuery({ collection, key }), record);
  }

  /** Change fields of a record, also of nested objects; null deletes a field (RFC 7396). */
  patch(collection: string, key: string, changes: object): Promise<SandboxRecord> {
    return this.#call("PATCH", withQuery({ collection, key }), changes);
  }

  /** Delete a record; returns it as it was. */
  delete(collection: string, key: string): Promise<SandboxRecord> {
    return this.#call("DELETE", withQuery({ collection, key }));
  }

  /** Move a record to another state of its lifecycle, with the timestamp of the sandbox's clock. */
  transition(collection: string, key: string, to: string): Promise<SandboxRecord> {
    return this.#call("POST", "/records/transition", { collection, key, to });
  }

  /** Restore a record as shipped, also a deleted one. */
  restore(collection: string, key: string): Promise<SandboxRecord> {
    return this.#call("POST", "/records/restore", { collection, key });
  }
}

/** Return the path of the records with a query. Collections and keys contain slashes, so they are not segments of the path. */
function withQuery(parameters: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `/records?${query}`;
}
