/**
 * The JSON of the admin API. `test/types.test.js` compares each type with `/__admin/openapi.json` of a real server.
 * `unknown` is a value that this client passes on without reading it.
 */

/** One way in which a message breaks the contract. */
export interface Violation {
  /** A JSON pointer into the body, or `query/limit`, `path/export_id`, `header/X-Access-Token`. */
  pointer: string;
  expected: string;
  actual: string;
  /** The schema keyword that was violated; empty if no schema was involved. */
  schema_pointer: string;
}

/** An error response of the mock server itself (RFC 9457). */
export interface Problem {
  /** `urn:mockserver:problem:...`, which stays the same; docs/errors.md lists all. */
  type: string;
  title: string;
  status: number;
  detail: string;
  violations?: Violation[];
  /** The existing scenarios, if an unknown one was named. */
  scenarios?: string[];
}

/** How records advance without a call: not at all, with the clock, or with each read. */
export type Progression = "manual" | "time" | "polls";

/** A sandbox's clock. */
export interface Clock {
  /** `YYYY-MM-DD HH:MM:SS`. */
  now: string;
  mode: "frozen" | "running";
  progression: Progression;
}

/** Members of a scenario that override its file. */
export interface Overrides {
  operations?: string[];
  match?: unknown;
  /** The number of responses that it applies to. It then switches itself off. */
  times?: number;
  /** The number of requests to skip first. */
  after?: number;
  /** With 3, it is applied to every third request. */
  every?: number;
  /** Whether its sequence starts again after the last item. */
  repeat?: boolean;
  /** The probability of being applied to a request, from 0 to 1. */
  probability?: number;
  seed?: number;
  /** Seconds on the sandbox's clock, or a timestamp, after which it switches itself off. */
  until?: unknown;
  /** Seconds, or `{from, to}`. */
  delay?: unknown;
}

/** A scenario, and whether it is on. The other members of its file are passed on unchanged. */
export interface Scenario {
  name: string;
  title: string;
  operations: string[];
  on: boolean;
  file: string | null;
  overrides?: Overrides;
  /** While it is on: the number of requests that matched it. */
  matched_requests?: number;
  /** While it is on: the number of responses that it was applied to. */
  times_applied?: number;
  /** While it is on with `times`: the number of remaining responses. */
  remaining?: number;
}

/** The current state of a record. */
export interface SandboxRecord {
  /** Its id, after the key of its parent if it has one. */
  key: string;
  /** Its state in the lifecycle; null if the collection has no lifecycle. */
  state: string | null;
  /** Whether it differs from the shipped record. */
  modified: boolean;
  deleted: boolean;
  /** The states to which the lifecycle allows a transition. */
  next_states: string[];
  record: Record<string, unknown>;
}

/** A state transition of a record. */
export interface Transition {
  record: string;
  from: string;
  to: string;
}

/** An operation that is similar to an unmatched request. */
export interface NearMiss {
  operation: string;
  method: string;
  uri_template: string;
  /** From 0; smaller is closer. */
  distance: number;
  differences: string[];
}

/** One request with its response, as the journal has it. */
export interface Exchange {
  id: string;
  /** Unix time, in seconds. */
  time: number;
  sandbox: string;
  /** Null if no operation matched. */
  operation: string | null;
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  arguments: Record<string, unknown>;
  status: number;
  fault: string | null;
  /** The reason for the response: a preference, a scenario, the state or a problem. */
  reason: string;
  scenario: string | null;
  transition: Transition | null;
  violations: Violation[];
  /** Parts of the request that the server ignored or corrected. */
  notes: string[];
  /** Masked. */
  token: string | null;
  duration_ms: number;
  request_body: string | null;
  response_body: string | null;
  near_misses?: NearMiss[];
  /** The name of the contract; missing for the main one. */
  contract?: string;
}

/** Filters of the journal; an exchange has to match all of them. */
export interface Filters {
  operation?: string;
  method?: string;
  path?: string;
  status?: number;
  scenario?: string;
  violations?: boolean;
  transition?: boolean;
  unmatched?: boolean;
  url?: string;
  urlPath?: string;
  /** A regular expression. */
  urlPattern?: string;
  urlPathPattern?: string;
  queryParameters?: Record<string, unknown>;
  headers?: Record<string, unknown>;
}

/** A complete sandbox; attach it to a bug report to reproduce the bug. */
export interface SandboxExport {
  name: string;
  bytes: number;
  /** Unix times of first and last use; null if it was never used. */
  created: number | null;
  last_used: number | null;
  /** The hash of each blueprint: only a server with the same blueprints can import it. */
  blueprints: Record<string, string>;
  state: unknown;
}

/** The part of a `SandboxExport` that `import` needs. */
export type SandboxImport = Pick<SandboxExport, "state"> & Partial<SandboxExport>;
