import { SandboxClock, type Call } from "./clock.js";
import type { Connection } from "./connection.js";
import { ProblemAnswered, UnmatchedFound, ViolationsFound } from "./errors.js";
import { checked } from "./names.js";
import { SandboxRecords } from "./records.js";
import type { Exchange, Exported, Filters, Importable, Overrides, Scenario } from "./shapes.js";

const UNKNOWN_SANDBOX = "urn:mockserver:problem:unknown-sandbox";

/** One client's isolated world: records, scenarios, clock, journal. Every call rejects with `ProblemAnswered` or `NoAnswer`. */
export class Sandbox {
  /** What the app under test calls: the server's URL with `/~NAME`, without the API's own path. */
  readonly apiBase: string;
  /** Its control panel, to look at in a browser while a test is paused. */
  readonly panel: string;
  readonly clock: SandboxClock;
  readonly records: SandboxRecords;
  readonly #connection: Connection;
  readonly #call: Call;

  /** Throws a `TypeError` for what cannot be a name. */
  constructor(
    connection: Connection,
    readonly name: string,
  ) {
    const below = `/~${checked(name)}`;
    this.#connection = connection;
    this.#call = (method, path, body) => connection.call(method, `${below}/__admin${path}`, body);
    this.apiBase = connection.url + below;
    this.panel = `${this.apiBase}/__admin/`;
    this.clock = new SandboxClock(this.#call);
    this.records = new SandboxRecords(this.#call);
  }

  /** Switch a scenario on, from its beginning where it is on; done when the promise is. */
  on(scenario: string, overrides: Overrides = {}): Promise<Scenario> {
    return this.#call("PUT", `/scenarios/${encodeURIComponent(scenario)}`, overrides);
  }

  off(scenario: string): Promise<Scenario> {
    return this.#call("DELETE", `/scenarios/${encodeURIComponent(scenario)}`);
  }

  /** Every scenario, and whether it is on here. */
  async scenarios(): Promise<Scenario[]> {
    return (await this.#call<{ scenarios: Scenario[] }>("GET", "/scenarios")).scenarios;
  }

  /** The exchanges that fit, the first first. */
  async requests(filters: Filters = {}): Promise<Exchange[]> {
    return (await this.#call<{ requests: Exchange[] }>("POST", "/requests/find", filters)).requests;
  }

  /** How many exchanges fit. */
  async count(filters: Filters = {}): Promise<number> {
    return (await this.#call<{ count: number }>("POST", "/requests/count", filters)).count;
  }

  /** Rejects with `ViolationsFound`, which tells each, if a message broke the contract. */
  async expectNoViolations(): Promise<void> {
    const found = await this.requests({ violations: true });
    if (found.length > 0) throw new ViolationsFound(this.name, found);
  }

  /** Rejects with `UnmatchedFound`, which tells what each came closest to, if a request found no operation: a path with a slip in it. */
  async expectNoUnmatched(): Promise<void> {
    const found = await this.requests({ unmatched: true });
    if (found.length > 0) throw new UnmatchedFound(this.name, found);
  }

  /** Empty the journal: what follows is counted from here. */
  async clearRequests(): Promise<void> {
    await this.#call("POST", "/requests/reset", {});
  }

  /** Back to how the server started. */
  async reset(): Promise<void> {
    await this.#call("POST", "/reset", {});
  }

  /** Forget it; whether there was anything to forget. */
  async drop(): Promise<boolean> {
    try {
      await this.#connection.call("DELETE", this.#path());
      return true;
    } catch (error) {
      if (error instanceof ProblemAnswered && error.type === UNKNOWN_SANDBOX) return false;
      throw error;
    }
  }

  /** The sandbox, whole; `frozen` stops its clock at this moment, so that a copy answers the same for ever. */
  export(options: { frozen?: boolean } = {}): Promise<Exported> {
    return this.#connection.call("GET", this.#path() + (options.frozen ? "?frozen=1" : ""));
  }

  /** Make it what another was, here or on another server with the same blueprints. */
  import(exported: Importable): Promise<Exported> {
    return this.#connection.call("PUT", this.#path(), exported);
  }

  #path(): string {
    return `/__admin/sandboxes/${this.name}`;
  }
}
