/**
 * The settings of the app: `?api=`, `?token=` and `?poll=` of the page, then VITE_API of the build, then defaults.
 * A real app gets its token from a session; here the tests choose it.
 */

const query = new URLSearchParams(location.search);

export const settings = {
  /** The URL of the API, with its path: `http://localhost:8080/api`. */
  api: query.get("api") ?? import.meta.env?.VITE_API ?? "http://localhost:8080/api",
  token: query.get("token") ?? "any",
  /** Milliseconds between two polls of an export. */
  poll: Number(query.get("poll") ?? 1000),
  notification: query.get("notification") ?? "5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32",
};
