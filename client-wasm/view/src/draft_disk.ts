// Drafts on the phone's disk, in a small database of the view: a form is filled in before the engine is here, and what is
// in localStorage reaches the disk only seconds later, which a killed browser does not have.
import type { KeptDraft } from "./drafts";
import { lock, unlock } from "./lock";

/** A draft of someone who has had a PIN. */
interface LockedDraft {
  writer: string;
  saved_ms: number;
  locked: Uint8Array<ArrayBuffer>;
}

export type StoredDraft = KeptDraft | LockedDraft;

export async function lockDraft(key: CryptoKey | undefined, draft: KeptDraft): Promise<StoredDraft> {
  if (!key) return draft;
  const { writer, saved_ms } = draft;
  return { writer, saved_ms, locked: await lock(key, new TextEncoder().encode(JSON.stringify(draft))) };
}

/** Null where another key has locked it. */
export async function openDraft(key: CryptoKey, { locked }: LockedDraft): Promise<KeptDraft | null> {
  try {
    return JSON.parse(new TextDecoder().decode(await unlock(key, locked))) as KeptDraft;
  } catch {
    return null;
  }
}

const DATABASE = "lianxin-drafts";
const STORE = "drafts";

let database: Promise<IDBDatabase> | null = null;

export async function readDrafts(): Promise<Map<string, StoredDraft>> {
  let names: IDBRequest<IDBValidKey[]> | undefined;
  let drafts: IDBRequest<StoredDraft[]> | undefined;
  await transact("readonly", (store) => {
    names = store.getAllKeys();
    drafts = store.getAll();
  });
  const found = drafts?.result ?? [];
  return new Map(names?.result.map((name, index) => [String(name), found[index] as StoredDraft]));
}

/** Writes a draft, or removes it (null), unless there is one that is not to be touched. Says whether it did. */
export async function replaceDraft(
  name: string,
  draft: StoredDraft | null,
  mayReplace: (there: StoredDraft) => boolean,
): Promise<boolean> {
  let done = true;
  await transact("readwrite", (store) => {
    const there: IDBRequest<StoredDraft | undefined> = store.get(name);
    there.onsuccess = () => {
      done = there.result === undefined || mayReplace(there.result);
      if (!done) return;
      if (draft) store.put(draft, name);
      else store.delete(name);
    };
  });
  return done;
}

export function removeDrafts(goes: (name: string) => boolean): Promise<void> {
  return transact("readwrite", (store) => {
    const names = store.getAllKeys();
    names.onsuccess = () => {
      for (const name of names.result) if (goes(String(name))) store.delete(name);
    };
  });
}

/** Resolves when what was written is on the disk, and not only in the browser's memory: that is what "strict" means. */
async function transact(mode: IDBTransactionMode, work: (store: IDBObjectStore) => void): Promise<void> {
  database ??= open();
  const opened = await database;
  return new Promise((resolve, reject) => {
    const transaction = opened.transaction(STORE, mode, { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore(STORE));
  });
}

function open(): Promise<IDBDatabase> {
  const again = () => (database = null);
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      request.result.onclose = again;
      resolve(request.result);
    };
    request.onerror = () => {
      again();
      reject(request.error);
    };
  });
}
