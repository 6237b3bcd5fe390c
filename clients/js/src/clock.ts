import type { Clock, Progression } from "./types.js";

/** Calls one route of the admin API of one sandbox. */
export type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** A sandbox's clock; each call returns its state afterwards. */
export class SandboxClock {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  get(): Promise<Clock> {
    return this.#call("GET", "/clock");
  }

  freeze(): Promise<Clock> {
    return this.#call("PUT", "/clock", { mode: "frozen" });
  }

  run(): Promise<Clock> {
    return this.#call("PUT", "/clock", { mode: "running" });
  }

  /** Set it to a timestamp, `YYYY-MM-DD HH:MM:SS`, not before the fixtures' date. */
  set(now: string): Promise<Clock> {
    return this.#call("PUT", "/clock", { now });
  }

  advance(seconds: number): Promise<Clock> {
    return this.#call("POST", "/clock/advance", { seconds });
  }

  /** Choose what advances records. */
  progression(kind: Progression): Promise<Clock> {
    return this.#call("PUT", "/clock", { progression: kind });
  }
}
