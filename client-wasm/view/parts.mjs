// What of the generated words and of the schema a phone gets at first, and what afterwards (see src/fetch_later.ts).
//
// The sources say it: with the first load come the words that a file outside of src/later names, those that the engine
// may name in an answer, and what the kinds are made of that are recorded in the field. All others come with src/later, so a word that
// this misjudges arrives late and is never lost.
import { readFile, readdir } from "node:fs/promises";
import { join, sep } from "node:path";

const here = import.meta.dirname;

/** Families of keys, and keys, that the engine's answers hold and that a form or the frame of a screen may have to show. */
const NAMED_BY_ENGINE = [
  ...["check", "denied", "edit", "engine", "sign_in", "storage"],
  // Why the server refused a file comes afterwards: such a file has been at the server.
  ...["file.bad", "file.not_here", "file.not_arrived", "file.no_signal"],
];

/** Of these families, what is only said in forms that come later, or at the desk. */
const SAID_LATER = [
  ...["edit.title", "edit.not_here", "edit.verbatim_locked", "check.bad_code", "check.votes", "check.target"],
  ...["check.no_congress", "check.lead_cosigns", "check.title_form", "check.one_matter"],
];

/** The kinds with a form (`RECORDED` in src/form/layout.ts) that does not come later, and what is opened there. */
const RECORDED = ["activity", "reception_day", "voice"];

const generated = async (name) => JSON.parse(await readFile(join(here, "generated", name), "utf8"));
const pick = (object, wanted) => Object.fromEntries(Object.entries(object).filter(([key]) => wanted(key)));

/** { first, later }: schema and Chinese words of each. */
export async function parts() {
  const [{ kinds, codes, open, notice_version }, words] = await Promise.all(
    ["schema.json", "words.zh.json"].map(generated),
  );
  const isRecorded = (kind) => RECORDED.includes(kind);
  const offered = new Set(RECORDED.flatMap((kind) => kinds[kind].flatMap(lists)));
  const named = await namedBySources();
  const isFirst = (key) => {
    const [of, name] = key.split(".");
    if (of === "kind") return true;
    if (of === "field") return isRecorded(name);
    if (of === "code") return offered.has(name);
    if (SAID_LATER.includes(key)) return false;
    return NAMED_BY_ENGINE.includes(of) || NAMED_BY_ENGINE.includes(key) || named(key);
  };
  const divide = (object, isFirst) => [pick(object, isFirst), pick(object, (key) => !isFirst(key))];
  const [firstWords, laterWords] = divide(words, isFirst);
  const [firstKinds, laterKinds] = divide(kinds, isRecorded);
  const [firstCodes, laterCodes] = divide(codes, (list) => offered.has(list));
  return {
    first: { words: firstWords, schema: { kinds: firstKinds, codes: firstCodes, open } },
    later: { words: laterWords, schema: { kinds: laterKinds, codes: laterCodes, notice_version } },
  };
}

/** The code lists that a field offers. */
function lists({ type }) {
  const types = type.each ? [type.each.of, type.each.value] : [type];
  return types.flatMap(({ code }) => (code ? [code.list] : []));
}

/** Tells whether a source outside of src/later names a key, whole or by the beginning of a template. */
async function namedBySources() {
  const keys = new Set();
  const beginnings = [];
  const later = join(here, "src/later") + sep;
  for (const entry of await readdir(join(here, "src"), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!/\.tsx?$/.test(entry.name) || path.startsWith(later)) continue;
    const source = await readFile(path, "utf8");
    for (const [, key] of source.matchAll(/"([a-z_0-9.]+)"/g)) keys.add(key);
    for (const [, beginning] of source.matchAll(/`([a-z_0-9]+\.[a-z_0-9.]*)\$\{/g)) beginnings.push(beginning);
  }
  return (key) => keys.has(key) || beginnings.some((beginning) => key.startsWith(beginning));
}
