// The names by which the engine and its glue know each other: some hundred long ones with hashes that do not compress,
// 3.5 KB of what a phone downloads (brotli). Nobody else needs them, so both get short ones.

const IMPORTS = 2;
const EXPORTS = 7;
const CUSTOM = 0;
/** The names that wasm-bindgen has made up; the others are our own functions, which the worker calls. */
const MADE_UP = /^(__|wasm_bindgen_)/;
/** Where wasm-bindgen's glue says that the imports come from. */
const MODULE = "./engine_bg.js";

/** The engine and its glue with short names, and the engine without sections that only tools read. */
export function shorten(wasm, glue) {
  const names = new Map();
  const short = (name) => {
    if (!MADE_UP.test(name)) return name;
    if (!names.has(name)) names.set(name, `_${names.size.toString(36)}`);
    return names.get(name);
  };
  const sections = [...sectionsOf(wasm)]
    .filter(({ id }) => id !== CUSTOM)
    .map(({ id, bytes }) => {
      if (id === IMPORTS)
        return section(
          id,
          renamed(bytes, 2, (names) => ["_", short(names[1])], skipImport),
        );
      if (id === EXPORTS)
        return section(
          id,
          renamed(bytes, 1, ([name]) => [short(name)], skipExport),
        );
      return section(id, bytes);
    });
  const words = glue.replaceAll(`"${MODULE}"`, '"_"').replace(/[\w$]+/g, (word) => names.get(word) ?? word);
  return { wasm: Buffer.concat([wasm.subarray(0, 8), ...sections]), glue: words };
}

function* sectionsOf(wasm) {
  const reader = { bytes: wasm, at: 8 };
  while (reader.at < wasm.length) {
    const id = wasm[reader.at++];
    const size = number(reader);
    yield { id, bytes: wasm.subarray(reader.at, reader.at + size) };
    reader.at += size;
  }
}

/** A section's entries, each of which begins with so many names. */
function renamed(bytes, count, rename, skip) {
  const reader = { bytes, at: 0 };
  const entries = number(reader);
  const parts = [leb(entries)];
  for (let entry = 0; entry < entries; entry++) {
    const before = Array.from({ length: count }, () => text(reader));
    const start = reader.at;
    skip(reader);
    const names = rename(before).map((name) => Buffer.concat([leb(name.length), Buffer.from(name)]));
    parts.push(...names, bytes.subarray(start, reader.at));
  }
  return Buffer.concat(parts);
}

function skipExport(reader) {
  reader.at += 1;
  number(reader);
}

/** A function's type; a table's, of whose limits the kind says how many there are; a memory's; a global's. */
function skipImport(reader) {
  const kind = reader.bytes[reader.at++];
  if (kind === 0) number(reader);
  else if (kind === 3) reader.at += 2;
  else {
    if (kind === 1) reader.at += 1;
    const hasMost = reader.bytes[reader.at++] & 1;
    number(reader);
    if (hasMost) number(reader);
  }
}

function section(id, bytes) {
  return Buffer.concat([Buffer.from([id]), leb(bytes.length), bytes]);
}

function text(reader) {
  const length = number(reader);
  reader.at += length;
  return reader.bytes.subarray(reader.at - length, reader.at).toString();
}

function number(reader) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
}

function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
