/**
 * What the app runs with: `?api=`, `?token=` and `?poll=` of the page, else the build's VITE_API, else the API beside the page.
 * A real app has its token from a session; here the tests choose it.
 */

const query = new URLSearchParams(location.search);

export const settings = {
  /** Where the API is, with its path: `http://localhost:8080/api`. */
  api: query.get("api") ?? import.meta.env?.VITE_API ?? "http://localhost:8080/api",
  token: query.get("token") ?? "any",
  /** Milliseconds between two looks at an export. */
  poll: Number(query.get("poll") ?? 1000),
  notification: query.get("notification") ?? "5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32",
};
