import { Connection, type Options } from "./connection.js";
import { sandboxFor, titleOf, type TestLike } from "./names.js";
import { Sandbox } from "./sandbox.js";

/** A running mock server. */
export interface MockServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** One of its sandboxes; the first use creates it. Throws a `TypeError` for an invalid name. */
  sandbox(name: string): Sandbox;
  /** The sandbox of a test, `sandboxFor(test)`: it is reset, and has the title of the test, for coverage reports. Call it once, before the test's first request. */
  startTest(test: TestLike): Promise<Sandbox>;
}

/** A mock server by its URL, `http://localhost:8080`; nothing is sent yet. Throws a `TypeError` for an invalid URL or token. */
export function connect(url: string | URL, options: Options = {}): MockServer {
  const connection = new Connection(url, options);
  const sandbox = (name: string) => new Sandbox(connection, name);
  return { url: connection.url, sandbox, startTest: async (test) => startTest(sandbox(sandboxFor(test)), test) };
}

async function startTest(sandbox: Sandbox, test: TestLike): Promise<Sandbox> {
  await sandbox.reset(); // the server may have data of an earlier run
  await sandbox.setTest(titleOf(test));
  return sandbox;
}
