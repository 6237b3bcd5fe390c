/** The calls of the API. The server makes them while it renders a page. */

import type { ForwardedHeaders } from "./forwarded.js";

export interface Export {
  id: number;
  name: string;
  status: "waiting" | "running" | "finished" | "error" | "canceled";
}

/** An error with a status and a message for the user. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

const api = process.env.API ?? "http://localhost:8080/api";
const exportsPath = "/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports";

export async function listExports(headers: ForwardedHeaders): Promise<Export[]> {
  return (await call<{ push_notification_exports: Export[] }>("GET", `${exportsPath}?limit=40`, headers)).push_notification_exports;
}

export async function getExport(id: string, headers: ForwardedHeaders): Promise<Export> {
  return (await call<{ push_notification_export: Export }>("GET", `${exportsPath}/${id}`, headers)).push_notification_export;
}

export async function cancelExport(id: string, headers: ForwardedHeaders): Promise<void> {
  await call("DELETE", `${exportsPath}/${id}`, headers);
}

/** Return the JSON of the response. Rejects with `ApiError` for error statuses, and without a complete response. */
async function call<T>(method: string, path: string, headers: ForwardedHeaders): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(api + path, { method, headers });
    body = await response.json();
  } catch {
    throw new ApiError(502, "The API could not be reached.");
  }
  if (response.ok) return body as T;
  const { message, detail } = body as { message?: string; detail?: string };
  throw new ApiError(response.status, message ?? detail ?? `The API returned ${response.status}.`);
}
