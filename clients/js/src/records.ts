import type { Call } from "./clock.js";
import type { ShownRecord } from "./shapes.js";

/**
 * The records of a sandbox, changed behind the app's back. A collection is `API/COLLECTION`, `push_notifications/exports`; a key is
 * the record's id, below what it belongs to where it belongs to something: `NOTIFICATION/100`. Nothing of it is in the journal.
 */
export class SandboxRecords {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Those of one collection as they are now, 1000 at most; those that are gone are told too, and marked. */
  async list(collection: string, page: { limit?: number; offset?: number } = {}): Promise<ShownRecord[]> {
    const query = Object.entries({ collection, ...page }).filter(([, value]) => value !== undefined);
    const variables = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    const told = await this.#call<{ collections: { records: ShownRecord[] }[] }>("GET", `/records?${variables}`);
    return told.collections.flatMap(({ records }) => records);
  }

  /** A new one, behind the others, or in the place of that of its key. */
  put(collection: string, record: object): Promise<ShownRecord> {
    return this.#call("POST", "/records/put", { collection, record });
  }

  /** Some members of one, also of objects in it; null takes a member away (RFC 7396). */
  patch(collection: string, key: string, record: object): Promise<ShownRecord> {
    return this.#call("POST", "/records/patch", { collection, key, record });
  }

  /** Take one away; it is told as it was. */
  remove(collection: string, key: string): Promise<ShownRecord> {
    return this.#call("POST", "/records/remove", { collection, key });
  }

  /** Move one along its lifecycle, stamped with the sandbox's clock. */
  move(collection: string, key: string, to: string): Promise<ShownRecord> {
    return this.#call("POST", "/records/move", { collection, key, to });
  }

  /** Put one back as shipped, also one that is gone. */
  restore(collection: string, key: string): Promise<ShownRecord> {
    return this.#call("POST", "/records/restore", { collection, key });
  }
}
