/** Variables that Vite inserts at build time. */
interface ImportMeta {
  readonly env?: { readonly VITE_API?: string };
}
