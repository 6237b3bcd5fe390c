/** The calls of the API, and one sentence for whatever goes wrong with them. */

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

/** The message is for people. */
export class ApiError extends Error {}

/** What is said of a status, whatever its body is. */
const SENTENCES: Record<number, string> = {
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

export async function listTrash(searched: string): Promise<Trashed[]> {
  const query = searched ? `?searched_text=${encodeURIComponent(searched)}` : "";
  const { trashed_push_notifications } = await call<{ trashed_push_notifications: Trashed[] }>("GET", `/push_notifications/trash${query}`);
  return trashed_push_notifications;
}

export async function restore(id: string): Promise<void> {
  await call("PATCH", `/push_notifications/trash/${encodeURIComponent(id)}`);
}

/** The answer's JSON. Rejects with `ApiError` for any other status than 200, and where nothing (whole) came back. */
async function call<T>(method: string, path: string): Promise<T> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(settings.api + path, { method, headers: { "X-Access-Token": settings.token } });
    body = await answer.json();
  } catch {
    throw new ApiError("The server could not be reached.");
  }
  if (answer.ok) return body as T;
  const { message } = body as { message?: string };
  throw new ApiError(SENTENCES[answer.status] ?? message ?? `The server answered ${answer.status}.`);
}
