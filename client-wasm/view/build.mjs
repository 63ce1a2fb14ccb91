// Bundles the view and the engine's glue into the folder that the server serves.
//
//   node build.mjs --out DIR [--release]
//
// Entry points: index.html, src/main.tsx and src/style.css (the page), src/later/index.tsx (what nobody needs to
// record), src/worker.ts (a module worker around generated/engine.js), src/sw.ts (the service worker),
// manifest.webmanifest, icons/.
// Everything whose name nobody else has to know goes to assets/ under a name with the hash of its content, so a server
// may let browsers keep it forever. Each compressible file lies there as .br and .gz as well.
// DIR.json lists the files with their sizes, for `cargo xtask size`.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";
import { shorten } from "./names.mjs";
import { parts } from "./parts.mjs";

const { values: args } = parseArgs({ options: { out: { type: "string" }, release: { type: "boolean" } } });
if (!args.out) throw new Error("usage: node build.mjs --out DIR [--release]");
const out = resolve(args.out);
const here = import.meta.dirname;
const COMPRESSIBLE = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest"]);

/**
 * Path below the output folder -> { bytes, group }. `group` is "view" (on the screen first), "offline" (needed to record
 * without a network), "afterwards" (kept on the phone too, once it can record), or null for what phones do without.
 */
const files = new Map();

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
const url = (path) => "/" + path;

function add(path, bytes, group) {
  files.set(path, { bytes: Buffer.from(bytes), group });
  return url(path);
}

const divisions = await parts();

/** `first:words`, `later:schema` and so on: what parts.mjs has divided. */
const divided = {
  name: "divided",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(first|later):/ }, ({ path }) => ({ path, namespace: "divided" }));
    onLoad({ filter: /./, namespace: "divided" }, ({ path }) => {
      const [part, what] = path.split(":");
      return { contents: JSON.stringify(divisions[part][what]), loader: "json" };
    });
  },
};

/** One esbuild run; returns its outputs by entry point, each output's static imports and the sources in it. */
async function bundle(entryPoints, define, options = {}) {
  const result = await build({
    absWorkingDir: here,
    entryPoints,
    bundle: true,
    // Chinese as it is: escaped it would be a tenth longer.
    charset: "utf8",
    format: "esm",
    target: "chrome80",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: args.release,
    sourcemap: !args.release,
    // Where the source map's paths start; nothing is written there.
    outdir: out,
    publicPath: "/",
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    loader: { ".svg": "file", ".png": "file", ".woff2": "file" },
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
    plugins: [divided],
    metafile: true,
    write: false,
    logLevel: "warning",
    ...options,
  }).catch(() => process.exit(1)); // esbuild has said what is wrong and where
  const below = (path) => relative(out, resolve(here, path));
  const outputs = result.outputFiles.map((file) => ({ path: below(file.path), bytes: file.contents }));
  const meta = new Map(Object.entries(result.metafile.outputs).map(([path, output]) => [below(path), output]));
  const entry = (source) => [...meta].find(([, output]) => output.entryPoint === source)[0];
  const withStaticImports = (path, found = new Set()) => {
    found.add(path);
    for (const { path: next, kind } of meta.get(path).imports) {
      if (kind === "import-statement" && !found.has(below(next))) withStaticImports(below(next), found);
    }
    return found;
  };
  const sourcesOf = (path) => Object.keys(meta.get(path)?.inputs ?? {});
  return { outputs, entry, withStaticImports, sourcesOf };
}

async function bundleEngine() {
  const made = (name) => readFile(join(here, "generated", name));
  const { wasm, glue } = shorten(await made("engine_bg.wasm"), (await made("engine.js")).toString());
  const engineUrl = add(`assets/engine-${hash(wasm)}.wasm`, wasm, "offline");
  const shortened = {
    name: "shortened",
    setup({ onLoad }) {
      onLoad({ filter: /generated\/engine\.js$/ }, () => ({ contents: glue, loader: "js" }));
    },
  };
  const worker = await bundle(["src/worker.ts"], { __ENGINE_URL__: engineUrl }, { plugins: [divided, shortened] });
  for (const { path, bytes } of worker.outputs) add(path, bytes, path.endsWith(".map") ? null : "offline");
  return { __ENGINE_URL__: engineUrl, __WORKER_URL__: url(worker.entry("src/worker.ts")) };
}

/** Nobody needs English to record. It is fetched as data, because a browser does not fetch a module again that failed. */
async function addEnglish() {
  const words = await readFile(join(here, "generated/words.en.json"));
  return { __ENGLISH_URL__: add(`assets/words.en-${hash(words)}.json`, words, "afterwards") };
}

async function bundlePage(define) {
  const entryPoints = { main: "src/main.tsx", later: "src/later/index.tsx", style: "src/style.css" };
  const page = await bundle(entryPoints, define, { splitting: true });
  const main = page.entry("src/main.tsx");
  const afterwards = page.entry("src/later/index.tsx");
  const style = page.entry("src/style.css");
  const scripts = page.withStaticImports(main);
  const groupOf = (path) => {
    if (path.endsWith(".map")) return null;
    if (path === style || scripts.has(path)) return "view";
    return path === afterwards ? "afterwards" : "offline";
  };
  for (const { path, bytes } of page.outputs) add(path, bytes, groupOf(path));
  for (const path of [...files.keys()].filter((path) => files.get(path).group !== "afterwards")) {
    const strays = page.sourcesOf(path).filter((source) => /^src\/later\/|^divided:later:/.test(source));
    if (strays.length > 0) throw new Error(`${strays[0]} is fetched afterwards, but ${path} holds it`);
  }
  // A slow link must not learn of a chunk only after the script that imports it has arrived.
  const preload = [...scripts]
    .filter((path) => path !== main)
    .map((path) => `<link rel="modulepreload" href="${url(path)}" />`);
  const html = (await readFile(join(here, "index.html"), "utf8"))
    .replace("/src/main.tsx", url(main))
    .replace("/src/style.css", url(style))
    .replace("<html", `<html data-later="${url(afterwards)}"`)
    .replace("</head>", `${preload.join("")}</head>`);
  add("index.html", html, "view");
}

async function copyStatic() {
  add("manifest.webmanifest", await readFile(join(here, "manifest.webmanifest")), "offline");
  for (const name of await readdir(join(here, "icons"))) {
    // Browsers fetch the pictures themselves when the app is put on the home screen; a first load goes without.
    const group = extname(name) === ".png" ? null : "offline";
    add(`icons/${name}`, await readFile(join(here, "icons", name)), group);
  }
}

/** The service worker keeps a fixed name and knows all the others; so it comes last. */
async function bundleServiceWorker() {
  const kept = [...files].filter(([, { group }]) => group).sort(([a], [b]) => (a < b ? -1 : 1));
  const version = hash(kept.map(([path, { bytes }]) => `${path} ${hash(bytes)}\n`).join(""));
  const listed = (afterwards) =>
    kept
      .filter(([, { group }]) => (group === "afterwards") === afterwards)
      .map(([path]) => (path === "index.html" ? "/" : url(path)));
  const sw = await bundle(
    ["src/sw.ts"],
    { __PRECACHE__: listed(false), __AFTERWARDS__: listed(true), __APP_VERSION__: version },
    { entryNames: "[name]", format: "iife" },
  );
  for (const { path, bytes } of sw.outputs) add(path, bytes, path.endsWith(".map") ? null : "offline");

  const { bytes: html } = files.get("index.html");
  add("index.html", html.toString().replace("<html", `<html data-version="${version}"`), "view");
  return version;
}

const brotli = (bytes) =>
  promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: args.release ? constants.BROTLI_MAX_QUALITY : 4,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
const gzipped = (bytes) => promisify(gzip)(bytes, { level: args.release ? 9 : 6 });
const fileOrNull = (path) => readFile(path).catch(() => null);

/** Writes one file and its compressed siblings, unless they are there already; returns the three sizes. */
async function write(path, bytes) {
  const target = join(out, path);
  const variants = COMPRESSIBLE.has(extname(path)) ? { gzip: `${target}.gz`, brotli: `${target}.br` } : {};
  const present = async (file) => (await stat(file).catch(() => null))?.size;
  const sizes = async () => {
    const [gzip, brotli] = await Promise.all([variants.gzip, variants.brotli].map((file) => file && present(file)));
    return { raw: bytes.length, gzip: gzip ?? bytes.length, brotli: brotli ?? bytes.length };
  };
  const before = await fileOrNull(target);
  const complete = (await Promise.all(Object.values(variants).map(present))).every((size) => size !== undefined);
  if (before?.equals(bytes) && complete) return sizes();

  await mkdir(dirname(target), { recursive: true });
  // The plain file last: it is what says that its siblings are of the same content.
  if (variants.gzip) await writeFile(variants.gzip, await gzipped(bytes));
  if (variants.brotli) await writeFile(variants.brotli, await brotli(bytes));
  await writeFile(target, bytes);
  return sizes();
}

/** Removes what an earlier build left and this one does not have. */
async function prune() {
  for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
    const path = relative(out, join(entry.parentPath, entry.name));
    if (entry.isFile() && !files.has(path.replace(/\.(br|gz)$/, ""))) await rm(join(out, path));
  }
}

await bundlePage({ ...(await bundleEngine()), ...(await addEnglish()) });
await copyStatic();
const version = await bundleServiceWorker();
const listed = await Promise.all(
  [...files].map(async ([path, { bytes, group }]) => ({ path, group, ...(await write(path, bytes)) })),
);
await prune();
const report = { version, files: listed.filter(({ group }) => group).sort((a, b) => (a.path < b.path ? -1 : 1)) };
await writeFile(`${out}.json`, JSON.stringify(report, null, 2) + "\n");
