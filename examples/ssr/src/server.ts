/** The server of the app. It renders each page with data of the API, and sends no script. */

import { createServer, type IncomingMessage } from "node:http";

import { ApiError, cancelExport, getExport, listExports } from "./api.js";
import { forwardedHeaders } from "./forwarded.js";
import { errorPage, exportPage, listPage } from "./pages.js";

interface Result {
  status: number;
  body?: string;
  location?: string;
}

const server = createServer((request, response) => {
  void respond(request).then(({ status, body = "", location }) => {
    // Pages differ from user to user, so no cache may keep them.
    response.writeHead(status, {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      ...(location ? { Location: location } : {}),
    });
    response.end(body);
  });
});

async function respond(request: IncomingMessage): Promise<Result> {
  try {
    return await route(request);
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: errorPage(error.message) };
    console.error(error);
    return { status: 500, body: errorPage("This page is broken.") };
  }
}

async function route(request: IncomingMessage): Promise<Result> {
  const headers = forwardedHeaders(request);
  const path = request.url ?? "/";
  if (path === "/health") return { status: 200 };
  if (path === "/exports") return { status: 200, body: listPage(await listExports(headers)) };
  const [, id, cancel] = /^\/exports\/(\d+)(\/cancel)?$/.exec(path) ?? [];
  if (!id) return { status: 404, body: errorPage("There is no such page.") };
  if (!cancel) return { status: 200, body: exportPage(await getExport(id, headers)) };
  if (request.method !== "POST") return { status: 405, body: errorPage("Use the button.") };
  try {
    await cancelExport(id, headers);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, body: exportPage(await getExport(id, headers), error.message) };
  }
  return { status: 303, location: `/exports/${id}` };
}

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
