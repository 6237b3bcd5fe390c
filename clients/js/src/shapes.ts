/**
 * The JSON of the control plane, by hand. `test/shapes.test.js` holds each of them against `/__admin/openapi.json` of a real
 * server; `unknown` stands where this client passes on what it does not look into.
 */

/** One way in which one message breaks the contract. */
export interface Violation {
  /** A JSON pointer into the body, or `query/limit`, `path/export_id`, `header/X-Access-Token`. */
  pointer: string;
  expected: string;
  actual: string;
  /** The keyword of the schema that was broken; empty where no schema was involved. */
  schema_pointer: string;
}

/** An error of the mock server's own (RFC 9457). */
export interface Problem {
  /** `urn:mockserver:problem:...`, which stays the same; docs/errors.md lists all. */
  type: string;
  title: string;
  status: number;
  detail: string;
  violations?: Violation[];
  /** Those that there are, where one was named that there is not. */
  scenarios?: string[];
}

/** What moves records on beside the operations: nothing, the clock, or each look at them. */
export type Progression = "manual" | "time" | "polls";

/** A sandbox's clock. */
export interface Clock {
  /** `YYYY-MM-DD HH:MM:SS`. */
  now: string;
  mode: "frozen" | "running";
  progression: Progression;
}

/** What a scenario does differently here than its file says. */
export interface Overrides {
  operations?: string[];
  match?: unknown;
  /** For so many answers; then it goes off by itself. */
  times?: number;
  /** It lets so many requests pass first. */
  after?: number;
  /** The share of the requests that it speaks for, from 0 to 1. */
  probability?: number;
  seed?: number;
  /** Seconds on the sandbox's clock, or a stamp, when it goes off by itself. */
  until?: unknown;
  /** Seconds, or `{from, to}`. */
  delay?: unknown;
}

/** A scenario, and whether it is on; what else its file says is passed on as it is. */
export interface Scenario {
  name: string;
  title: string;
  operations: string[];
  on: boolean;
  file: string | null;
  overrides?: Overrides;
  /** While it is on: how many requests it met. */
  matched?: number;
  /** While it is on: how many answers it made. */
  spoken?: number;
  /** While it is on with `times`: how many answers are left. */
  left?: number;
}

/** A record as it is now. */
export interface ShownRecord {
  /** Its id, below what it belongs to. */
  key: string;
  /** Its place in its lifecycle; null where it has none. */
  state: string | null;
  /** Whether it is another than was shipped. */
  changed: boolean;
  gone: boolean;
  /** The states that it can be moved to. */
  moves: string[];
  record: Record<string, unknown>;
}

/** A change of state that an exchange made. */
export interface Transition {
  record: string;
  from: string;
  to: string;
}

/** An operation that an unmatched request came close to. */
export interface NearMiss {
  operation: string;
  method: string;
  uri_template: string;
  /** The smaller, the closer. */
  distance: number;
  differences: string[];
}

/** One request with its response, as the journal has it. */
export interface Exchange {
  id: string;
  /** Unix time, in seconds. */
  time: number;
  sandbox: string;
  /** Null where no operation was found. */
  operation: string | null;
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  arguments: Record<string, unknown>;
  status: number;
  fault: string | null;
  /** What chose the answer: a preference, a scenario, the state, a problem. */
  why: string;
  scenario: string | null;
  transition: Transition | null;
  violations: Violation[];
  remarks: string[];
  /** Masked. */
  token: string | null;
  duration_ms: number;
  request_body: string | null;
  response_body: string | null;
  near_misses?: NearMiss[];
}

/** Which exchanges are meant: those that fit all members. */
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

/** A sandbox, whole; a repro to attach to a bug report. */
export interface Exported {
  name: string;
  bytes: number;
  /** Unix times of first and last use; null where it was never used. */
  created: number | null;
  used: number | null;
  /** The hash of each blueprint: it can be imported where the same are served. */
  blueprints: Record<string, string>;
  state: unknown;
}

/** What `import` needs of an `Exported`. */
export type Importable = Pick<Exported, "state"> & Partial<Exported>;
