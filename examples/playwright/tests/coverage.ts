/** Write the coverage of the contract to a file. Playwright calls it after the tests, before it stops the server. */

import { mkdir, writeFile } from "node:fs/promises";

export default async function writeCoverage(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${process.env.EXAMPLE_API_PORT}/__admin/coverage`);
  if (!response.ok) throw new Error(`no coverage: ${await response.text()}`);
  await mkdir("test-results", { recursive: true });
  await writeFile("test-results/coverage.json", await response.text());
}
