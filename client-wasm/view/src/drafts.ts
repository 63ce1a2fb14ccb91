// What is typed into a form is on the phone within a second, until the engine has it.
// A draft is named by the form's address, so opening that address again brings it back.
import type { ChangeHash, Kind } from "./api";
import { call, engineState, status } from "./engine";
import { lockDraft, openDraft, readDrafts, removeDrafts, replaceDraft, type StoredDraft } from "./draft_disk";
import { letAllGo } from "./form/moved";
import type { FormValues } from "./form/values";
import { importKey } from "./lock";
import { forget, recall, rememberedKeys } from "./memory";
import { renameAddress } from "./route";
import { account, accountKey, onOtherPerson, setAccount } from "./session";
import { Store } from "./store";

export interface Draft {
  kind: Kind;
  values: FormValues;
  /** What the record said when the form was opened, with its heads: colleagues' later edits must merge. */
  initial: FormValues;
  base: ChangeHash[] | null;
  saved_ms: number;
  /** False while it holds nothing that a person has entered (a slip number is kept all the same). */
  touched: boolean;
  /** The beginning of what was typed, for the list of unfinished forms. */
  excerpt: string;
}

export interface KeptDraft extends Draft {
  /** The window that wrote it. */
  writer: string;
}

export interface NamedDraft extends Draft {
  address: string;
}

/** Between two writes of a form, so that they do not pile up on a slow phone. */
const PAUSE_MS = 300;
/** What was typed a second ago and is not on the phone is said. */
const LATE_MS = 1000 - PAUSE_MS;

const WINDOW = random();

/** The drafts on this phone that can be read, by account and address; null until they have been. */
export const drafts = new Store<Map<string, KeptDraft> | null>(null);

/** Forms whose latest is not on the disk. */
const unwritten = new Set<FormDraft>();
let others: BroadcastChannel | null = null;
/** What the drafts of people are locked with who have had a PIN, by the beginning of their names. */
const keys = new Map<string, CryptoKey>();
let lastRead = 0;

export function followDrafts(): void {
  others = new BroadcastChannel("lianxin-drafts");
  others.onmessage = () => void read();
  void takeOverOld().then(read, read);
  // A telephone on its way into a sealed record is nothing for the next person; drafts wait for theirs.
  onOtherPerson(() => {
    letAllGo();
    drafts.set(null);
    void learnKey();
  });
  // Before there was a PIN the engine had no key; and it tells no key before it runs.
  engineState.watch(() => void learnKey());
  let lock = status.get()?.lock;
  status.watch(() => {
    if (lock === status.get()?.lock) return;
    lock = status.get()?.lock;
    void learnKey();
  });
  status.watch(() => {
    if (status.get()?.ended && account.get()) void dropEverythingOfAccount().then(() => setAccount(null));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") unwritten.forEach((form) => form.write());
  });
}

async function read(): Promise<void> {
  const reading = ++lastRead;
  const stored = await readDrafts().catch(() => null);
  const found = stored ? await readable(stored) : drafts.get();
  if (reading !== lastRead) return;
  // Without their key this person's drafts are not known, and a form begins with its draft.
  if (!found && stored) return;
  const known = found ?? new Map<string, KeptDraft>();
  for (const { name, latest } of unwritten) if (latest) known.set(name, latest);
  drafts.set(known);
}

async function readable(stored: Map<string, StoredDraft>): Promise<Map<string, KeptDraft> | null> {
  const mine = accountKey("");
  const key = keys.get(mine);
  const found = new Map<string, KeptDraft>();
  for (const [name, draft] of stored) {
    if (!("locked" in draft)) {
      found.set(name, draft);
    } else if (name.startsWith(mine)) {
      if (!key) return null;
      const opened = await openDraft(key, draft);
      if (opened) found.set(name, opened);
    }
  }
  return found;
}

/** Who has had a PIN has a key: with it drafts are read, and those locked that were written before. */
async function learnKey(): Promise<void> {
  const mine = accountKey("");
  if (account.get() && engineState.get().at === "ready" && !keys.has(mine)) {
    const answer = await call("drafts_key", {});
    if ("ok" in answer && answer.ok && mine === accountKey("")) {
      const key = await importKey(new Uint8Array(answer.ok));
      keys.set(mine, key);
      await lockOpen(mine, key);
    }
  }
  await read();
}

async function lockOpen(mine: string, key: CryptoKey): Promise<void> {
  const stored = await readDrafts().catch(() => new Map<string, StoredDraft>());
  for (const [name, draft] of stored) {
    if ("locked" in draft || !name.startsWith(mine)) continue;
    const isTheSame = (there: StoredDraft) => !("locked" in there) && there.saved_ms === draft.saved_ms;
    // One that cannot be written now is locked with its next letter, or at the next start.
    await replaceDraft(name, await lockDraft(key, draft), isTheSame).catch(() => false);
  }
}

/** Earlier versions of the app kept drafts in localStorage. */
async function takeOverOld(): Promise<void> {
  for (const key of rememberedKeys("")) {
    const [, user, address] = /^([^.]+)\.draft\.(.+)$/.exec(key) ?? [];
    const draft = recall<Draft>(key);
    if (user === undefined || !draft) continue;
    await replaceDraft(`${user}.${address}`, { ...draft, writer: "" }, () => false);
    forget(key);
  }
}

/** Forms that were begun and neither saved nor emptied, the latest first. */
export function unfinishedDrafts(): NamedDraft[] {
  const mine = accountKey("");
  const found: NamedDraft[] = [];
  for (const [name, draft] of drafts.get() ?? []) {
    if (draft.touched && name.startsWith(mine)) found.push({ ...draft, address: name.slice(mine.length) });
  }
  return found.sort((a, b) => b.saved_ms - a.saved_ms);
}

/** When an account leaves the phone nothing of it stays. */
export async function dropEverythingOfAccount(): Promise<void> {
  const mine = accountKey("");
  for (const key of rememberedKeys(mine)) forget(key);
  letAllGo();
  await dropDrafts((name) => name.startsWith(mine));
}

async function dropDrafts(goes: (name: string) => boolean): Promise<void> {
  try {
    await removeDrafts(goes);
  } catch {
    // Nobody else sees them.
  }
  tell();
  await read();
}

export type DraftState = "none" | "kept" | "late" | "failed";

/** The draft of one open form. */
export class FormDraft {
  readonly state: Store<DraftState>;
  /** What was there when the form was opened. */
  readonly found: Draft | null;
  latest: KeptDraft | null = null;
  private readonly mine = accountKey("");
  private readonly before: string | undefined;
  private keptAt: string;
  private last: Promise<void> = Promise.resolve();
  private pausing = false;

  constructor(readonly address: string) {
    this.keptAt = address;
    const found = drafts.get()?.get(this.name);
    const isWritten = found && ![...unwritten].some(({ latest }) => latest === found);
    this.state = new Store<DraftState>(isWritten ? "kept" : "none");
    this.found = found ?? null;
    this.before = found?.writer;
  }

  get name(): string {
    return this.mine + this.keptAt;
  }

  keep(draft: Draft): void {
    this.latest = { ...draft, writer: WINDOW };
    drafts.get()?.set(this.name, this.latest);
    unwritten.add(this);
    if (!this.pausing) this.write();
  }

  /** The form is done. */
  drop(): void {
    this.latest = null;
    unwritten.delete(this);
    drafts.get()?.delete(this.name);
    this.last = this.last.then(async () => {
      await replaceDraft(this.name, null, this.mayReplace).catch(() => false);
      tell();
      await read();
    });
  }

  write(): void {
    this.pausing = true;
    const late = setTimeout(() => this.state.set("late"), LATE_MS);
    this.last = this.last.then(async () => {
      const draft = this.latest;
      try {
        if (draft) await this.put(draft);
        if (this.latest === draft) {
          unwritten.delete(this);
          this.state.set("kept");
        }
      } catch {
        this.state.set("failed");
      }
      clearTimeout(late);
      setTimeout(() => {
        this.pausing = false;
        if (this.latest !== draft && unwritten.has(this)) this.write();
      }, PAUSE_MS);
    });
  }

  /** Where another window has a form open under the same address, each keeps its own text. */
  private async put(draft: KeptDraft): Promise<void> {
    const stored = await lockDraft(keys.get(this.mine), draft);
    if (await replaceDraft(this.name, stored, this.mayReplace)) return tell();
    const aside = `${this.address}${this.address.includes("?") ? "&" : "?"}draft=${random()}`;
    renameAddress(this.keptAt, aside);
    this.keptAt = aside;
    await replaceDraft(this.name, stored, this.mayReplace);
    tell();
    await read();
  }

  private readonly mayReplace = ({ writer }: StoredDraft) => writer === WINDOW || writer === this.before;
}

/** Other windows read anew. */
function tell(): void {
  others?.postMessage(null);
}

function random(): string {
  return Math.random().toString(36).slice(2);
}
