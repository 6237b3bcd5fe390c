/** What Vite puts into the page at build time. */
interface ImportMeta {
  readonly env?: { readonly VITE_API?: string };
}
