import { SandboxClock, type Call } from "./clock.js";
import type { Connection } from "./connection.js";
import { ProblemError, UnmatchedFound, ViolationsFound } from "./errors.js";
import { validateSandboxName } from "./names.js";
import { SandboxRecords } from "./records.js";
import type { Exchange, SandboxExport, Filters, SandboxImport, Overrides, Scenario } from "./types.js";

const UNKNOWN_SANDBOX = "urn:mockserver:problem:unknown-sandbox";

interface Found {
  readonly requests: Exchange[];
  readonly requestJournalDisabled: boolean;
}

/** The isolated state of one client: records, scenarios, clock, journal. Every call rejects with `ProblemError` or `NoResponse`. */
export class Sandbox {
  /** The base URL for the app under test: the server's URL with `/~NAME`, without the API's path. */
  readonly apiBase: string;
  /** The URL of its control panel, to open in a browser while a test is paused. */
  readonly panel: string;
  readonly clock: SandboxClock;
  readonly records: SandboxRecords;
  readonly #connection: Connection;
  readonly #call: Call;

  /** Throws a `TypeError` for an invalid name. */
  constructor(
    connection: Connection,
    readonly name: string,
  ) {
    const basePath = `/~${validateSandboxName(name)}`;
    this.#connection = connection;
    this.#call = (method, path, body) => connection.call(method, `${basePath}/__admin${path}`, body);
    this.apiBase = connection.url + basePath;
    this.panel = `${this.apiBase}/__admin/`;
    this.clock = new SandboxClock(this.#call);
    this.records = new SandboxRecords(this.#call);
  }

  /** Switch a scenario on, or start it again. The change is complete when the promise resolves. */
  on(scenario: string, overrides: Overrides = {}): Promise<Scenario> {
    return this.#call("PUT", `/scenarios/${encodeURIComponent(scenario)}`, overrides);
  }

  off(scenario: string): Promise<Scenario> {
    return this.#call("DELETE", `/scenarios/${encodeURIComponent(scenario)}`);
  }

  /** Every scenario, and whether it is on in this sandbox. */
  async scenarios(): Promise<Scenario[]> {
    return (await this.#call<{ scenarios: Scenario[] }>("GET", "/scenarios")).scenarios;
  }

  /** The exchanges that match the filters, the oldest first. Rejects with an `Error` if the server keeps no journal. */
  async requests(filters: Filters = {}): Promise<Exchange[]> {
    const { requests, requestJournalDisabled } = await this.#call<Found>("POST", "/requests/find", filters);
    if (requestJournalDisabled) {
      throw new Error(`the journal of the server at ${this.#connection.url} is disabled; start the server with --journal-size above 0`);
    }
    return requests;
  }

  /** The number of exchanges that match the filters. */
  async count(filters: Filters = {}): Promise<number> {
    return (await this.requests(filters)).length;
  }

  /** Rejects with `ViolationsFound` if a message broke the contract. */
  async expectNoViolations(): Promise<void> {
    const exchanges = await this.requests({ violations: true });
    if (exchanges.length > 0) throw new ViolationsFound(this.name, exchanges);
  }

  /** Rejects with `UnmatchedFound`, which names the closest operation of each, if a request matched no operation. */
  async expectNoUnmatched(): Promise<void> {
    const exchanges = await this.requests({ unmatched: true });
    if (exchanges.length > 0) throw new UnmatchedFound(this.name, exchanges);
  }

  /** Empty the journal. */
  async clearRequests(): Promise<void> {
    await this.#call("POST", "/requests/reset", {});
  }

  /** Reset records, scenarios, clock and journal to their state at server start. */
  async reset(): Promise<void> {
    await this.#call("POST", "/reset", {});
  }

  /** Set the title of the test that uses the sandbox, for coverage reports. A reset keeps it. */
  async setTest(title: string): Promise<void> {
    await this.#connection.call("PATCH", this.#path(), { test: title });
  }

  /** Delete the sandbox; resolves to false if it was never used. */
  async delete(): Promise<boolean> {
    try {
      await this.#connection.call("DELETE", this.#path());
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.type === UNKNOWN_SANDBOX) return false;
      throw error;
    }
  }

  /** The complete sandbox; `frozen` exports a frozen clock, so that a copy does not change. */
  export(options: { frozen?: boolean } = {}): Promise<SandboxExport> {
    return this.#connection.call("GET", this.#path() + (options.frozen ? "?frozen=1" : ""));
  }

  /** Replace the sandbox with an export, of this or another server with the same blueprints. */
  import(sandbox: SandboxImport): Promise<SandboxExport> {
    return this.#connection.call("PUT", this.#path(), sandbox);
  }

  #path(): string {
    return `/__admin/sandboxes/${this.name}`;
  }
}
