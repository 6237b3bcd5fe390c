/** The calls of the API, and one sentence for each failure. */

import { settings } from "./settings.js";

export interface Export {
  id: number;
  name: string;
  status: "waiting" | "running" | "finished" | "error" | "canceled";
  message_counts: { total: number; sent: number };
}

export interface Trashed {
  id: string;
  name: string;
}

/** An error with a message for the user. */
export class ApiError extends Error {}

/** Messages for statuses, independent of the body. */
const MESSAGES: Record<number, string> = {
  401: "Your session has ended. Sign in again.",
  403: "You may look at this, but not change it.",
};

const exportsPath = `/push_notifications/${encodeURIComponent(settings.notification)}/exports`;

export async function listExports(limit: number): Promise<Export[]> {
  return (await call<{ push_notification_exports: Export[] }>("GET", `${exportsPath}?limit=${limit}`)).push_notification_exports;
}

export async function getExport(id: number): Promise<Export> {
  return (await call<{ push_notification_export: Export }>("GET", `${exportsPath}/${id}`)).push_notification_export;
}

export async function cancelExport(id: number): Promise<Export> {
  return (await call<{ push_notification_export: Export }>("DELETE", `${exportsPath}/${id}`)).push_notification_export;
}

export async function listTrash(text: string): Promise<Trashed[]> {
  const query = text ? `?searched_text=${encodeURIComponent(text)}` : "";
  const { trashed_push_notifications } = await call<{ trashed_push_notifications: Trashed[] }>("GET", `/push_notifications/trash${query}`);
  return trashed_push_notifications;
}

export async function restore(id: string): Promise<void> {
  await call("PATCH", `/push_notifications/trash/${encodeURIComponent(id)}`);
}

/** Return the JSON of the response. Rejects with `ApiError` for error statuses, and without a complete response. */
async function call<T>(method: string, path: string): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(settings.api + path, { method, headers: { "X-Access-Token": settings.token } });
    body = await response.json();
  } catch {
    throw new ApiError("The server could not be reached.");
  }
  if (response.ok) return body as T;
  const { message } = body as { message?: string };
  throw new ApiError(MESSAGES[response.status] ?? message ?? `The server returned ${response.status}.`);
}
