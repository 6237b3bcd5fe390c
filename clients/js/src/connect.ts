import { Connection, type Options } from "./connection.js";
import { Sandbox } from "./sandbox.js";

/** A running mock server. */
export interface MockServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** One of its sandboxes; the first use creates it. Throws a `TypeError` for an invalid name. */
  sandbox(name: string): Sandbox;
}

/** A mock server by its URL, `http://localhost:8080`; nothing is sent yet. Throws a `TypeError` for an invalid URL. */
export function connect(url: string | URL, options: Options = {}): MockServer {
  const connection = new Connection(url, options);
  return { url: connection.url, sandbox: (name) => new Sandbox(connection, name) };
}
