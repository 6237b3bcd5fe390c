/* Start Swagger UI. */

const isAdmin = new URLSearchParams(location.search).has("admin");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Swagger UI has dark colours for this class. */
function showScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dark.addEventListener("change", showScheme);
showScheme();
document.getElementById(isAdmin ? "docs-admin" : "docs-api").setAttribute("aria-current", "page");
SwaggerUIBundle({
  url: isAdmin ? "__admin/openapi.json" : "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
});
