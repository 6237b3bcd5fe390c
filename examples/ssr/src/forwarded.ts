/** The headers that the server forwards from the request of a browser to the API. They are the whole recipe. */

import type { IncomingMessage } from "node:http";

export type ForwardedHeaders = Record<string, string>;

/**
 * Return the access token of the user's cookie, and the header `baggage`. Both can name a sandbox of the mock server.
 *
 * Each call of the API gets these headers as an argument. A variable of the module would mix the requests of several users.
 */
export function forwardedHeaders(request: IncomingMessage): ForwardedHeaders {
  const headers: ForwardedHeaders = {};
  const token = cookie(request, "access_token");
  if (token) headers["X-Access-Token"] = token;
  const { baggage } = request.headers;
  if (baggage) headers.baggage = String(baggage);
  return headers;
}

function cookie(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split("; ")) {
    const [key, ...value] = pair.split("=");
    if (key === name) return decodeURIComponent(value.join("="));
  }
  return undefined;
}
