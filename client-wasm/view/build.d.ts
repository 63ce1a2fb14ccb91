// What build.mjs puts in place of these names.

/** Made by parts.mjs: what comes with the first load, and what comes with src/later. */
declare module "first:words" {
  const words: Record<string, string>;
  export default words;
}
declare module "first:schema" {
  const schema: import("./src/schema").Schema;
  export default schema;
}
declare module "later:words" {
  const words: Record<string, string>;
  export default words;
}
declare module "later:schema" {
  const schema: Omit<import("./src/schema").Schema, "open"> & { notice_version: string };
  export default schema;
}

/** Where the page finds the module worker; only in code that `src/main.tsx` reaches. */
declare const __WORKER_URL__: string;
/** Where the engine's WASM is: `await init({ module_or_path: __ENGINE_URL__ })`. */
declare const __ENGINE_URL__: string;
/** Where the English words are. */
declare const __ENGLISH_URL__: string;
/** Every address that the app needs to record offline, the page itself as "/"; only in `src/sw.ts`. */
declare const __PRECACHE__: readonly string[];
/** The other addresses of the app, fetched once it can record; only in `src/sw.ts`. */
declare const __AFTERWARDS__: readonly string[];
/** Changes with any byte of the app; only in `src/sw.ts` (elsewhere: `data-version` of `<html>`). */
declare const __APP_VERSION__: string;
