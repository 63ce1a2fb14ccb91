// The contract between the view (page) and the engine (Rust in a worker).
// The view decides nothing about data: it shows what the engine answers and sends commands.
// The Rust side is client-wasm/src/api.rs; the browser suite fails when the two differ.

/** A record, 32 hexadecimal digits. */
export type RecordId = string;
export type ChangeHash = string;

export type Kind =
  | "admin_unit"
  | "station"
  | "deputy"
  | "mandate"
  | "activity"
  | "reception_day"
  | "voice"
  | "suggestion"
  | "training"
  | "pairing"
  | "guidance_visit"
  | "term"
  | "group"
  | "mechanism_plan"
  | "duty_report"
  | "dossier_entry"
  | "checklist_definition"
  | "checklist_answer"
  | "notice"
  | "app_feedback"
  | "code_entry"
  | "attachment"
  | "score_rule"
  | "score_batch"
  | "rectification"
  | "deputy_contact";

export type Value = string | number | boolean;

/** One edit of one field. Only fields that the person changed are sent. */
export type Edit = { field: string } & (
  | { op: "put"; value: Value }
  | { op: "clear" }
  | { op: "write"; text: string }
  | { op: "add"; element: string }
  | { op: "remove"; element: string }
  | { op: "enter"; element: string; value: Value }
  | { op: "increment"; by: number }
  | { op: "append"; text: string }
  | { op: "mark" }
  | { op: "unmark" }
);

/** An account that lies on this phone; `unsent` is what it had not sent when it was left, where that is known. */
export interface OtherAccount {
  user: number;
  name: string;
  /** A tap opens it; otherwise its person has to sign in. */
  open: boolean;
  unsent: number | null;
  /** It opens with a PIN. */
  pin: boolean;
}

/** Which record an edit is about. */
export type Target =
  | { new: Kind; space: number }
  | { reception_day: { station: RecordId; date: string }; space: number }
  | { record: RecordId };

export interface Account {
  user: number;
  name: string;
  posts: { role: string; unit: string; mandate: RecordId | null }[];
  spaces: { space: { id: number; kind: string; unit: string; name: string }; access: "read" | "write" }[];
  /** The first post's mandate: whom new records name as their author. */
  mandate: RecordId | null;
  /** The station record of the user's post, when it has been received. */
  station: RecordId | null;
  /** The space in which this user's activities, reception days and voices are written. */
  home_space: number | null;
}

/** Where a record has got to. The words come from texts `state.<at>`. */
export type RecordState =
  | { at: "phone"; unsent: number } // on this phone only (or: changes that are)
  | { at: "received"; received_ms: number } // everything of mine is at the server since then
  | { at: "refused"; reason: string; field: string; note: string; unsent: number } // reason: a text key; note: by staff
  | { at: "theirs" }; // nothing of mine in it

export interface Row {
  id: RecordId;
  kind: Kind;
  space: number;
  title: string;
  date: string;
  station: RecordId | null;
  place: RecordId | null;
  author: RecordId | null;
  people: string[];
  code: string;
  status: string;
  tags: string[];
  links: RecordId[];
  number: number;
  conflicts: number;
  deleted: boolean;
  updated_ms: number;
  state: RecordState;
  case: CaseRow | null;
  /** Requests of this person that came back. */
  returned: number;
}

/** Where a record stands officially, in one row. The words for the state are in texts `state.<kind>.<state>`. */
export interface CaseRow {
  state: string;
  number?: string;
  lead?: { code: string; name: string };
  dues?: { clock: string; on: string; provisional?: boolean }[];
}

/** An official act: `act` is its key, the rest is what its kind asks for. */
export interface Act {
  act: string;
  text?: string | null;
  /** Of the view of a co-signer: what is said is in here. */
  view?: Record<string, unknown>;
  [more: string]: unknown;
}

export interface Returned {
  reason: string;
  happened?: { seq: number; by: string; act: string; at_ms: number };
  detail: string;
}

export interface RequestView {
  id: string;
  made_ms: number;
  act: Act;
  state: { at: "phone" } | { at: "accepted" } | { at: "returned"; why: Returned; at_ms: number };
}

export interface CaseView {
  row: CaseRow;
  /** Server time of the exchange up to which this is known. */
  as_of_ms: number | null;
  events: { seq: number; act: Act; by: { name: string }; made_ms: number; received_ms: number }[];
  requests: RequestView[];
  /** The acts that could be filed now, as far as the phone knows, with what the engine fills in. */
  offered: Act[];
}

export interface Candidate {
  value: Value;
  actor: string | null;
  time_ms: number;
  change: ChangeHash | null;
}

export type FieldValue =
  | { shape: "single"; value: Value; by: Candidate; others: Candidate[] }
  | { shape: "prose"; text: string }
  | { shape: "set"; elements: string[] }
  | { shape: "count"; count: number }
  | { shape: "log"; entries: { text: string; actor: string | null; time_ms: number }[] }
  | { shape: "flag"; on: boolean }
  | { shape: "entries"; entries: Record<string, { value: Value; by: Candidate; others: Candidate[] }> };

export type FieldChange = { field: string } & (
  | { what: "set"; before: Value | null; after: Value | null }
  | { what: "wrote"; before: string; after: string }
  | { what: "added"; element: string }
  | { what: "removed"; element: string }
  | { what: "counted"; by: number }
  | { what: "noted"; text: string }
  | { what: "entered"; element: string; before: Value | null; after: Value | null }
);

export interface RecordView {
  row: Row;
  /** What the person has seen: sent back with an edit, so that colleagues' edits merge. */
  heads: ChangeHash[];
  fields: Record<string, FieldValue>;
  history: { change: ChangeHash; actor: string; time_ms: number; founding: boolean; fields: FieldChange[] }[];
  /** Actor → name, for contributors, conflicts and history. */
  people: Record<string, string>;
  /** Record id → title, for every reference that is shown. */
  titles: Record<RecordId, string>;
  case: CaseView | null;
  /** Its photos and recordings that were taken on this phone. */
  files: FileView[];
}

/** How far a photo or recording has got: `sent` of its `bytes` are at the server. */
export interface FileView {
  hash: string;
  bytes: number;
  sent: number;
  /** The end of a text key `file.…`. */
  refused: string | null;
}

/** What has happened to what this phone holds. Told until it is put away, by its `what`. */
export type PhoneNotice =
  | { what: "server_restored"; at_ms: number; again: number } // so many changes go there once more
  | { what: "doubled"; at_ms: number } // the storage was set back, or is there twice
  | { what: "spaces_lost"; at_ms: number; names: string[]; kept: number }
  | { what: "left_behind"; label: string; seen_ms: number; unsent: number }; // perhaps this phone, before

/** The truth about the network and the queue, as far as the engine knows it. */
export interface Status {
  /** Changes on this phone that the server has not acknowledged. */
  unsent: number;
  refused: number;
  /** Requests that came back and wait for the person. */
  returned: number;
  /** Photos and recordings of records that the server does not have all of, and how many bytes are to come. */
  files: number;
  files_bytes: number;
  /** What the person lets travel: no photos and recordings; no originals of them without Wi-Fi. */
  text_only: boolean;
  wifi_only: boolean;
  /** Server time of the last complete exchange, milliseconds since 1970; null if none yet. */
  last_success_ms: number | null;
  phase:
    | { at: "idle" }
    | { at: "exchanging" }
    | { at: "waiting"; retry_at_ms: number; problem: "network" | "server" | "smaller" }
    | { at: "sign_in_needed"; revoked: boolean }
    | { at: "update_needed" };
  /** How far the phone's clock is ahead of the server's, when that is worth saying. */
  clock_ahead_ms: number | null;
  /** Whether the browser has promised not to evict the data; null before it was asked. */
  persistent: boolean | null;
  /** Today's. */
  bytes_up: number;
  bytes_down: number;
  notices: PhoneNotice[];
  /** The server has records that only a newer app can show. */
  lacks_kinds: boolean;
  /** Staff have ended this phone or the account: it has handed over what it had not sent, and keeps nothing. */
  ended: boolean;
  /** Whether a PIN stands before the account: entered, or hiding its screens, or not entered since the start. */
  lock: "none" | "open" | "shut" | "locked";
  /** Records from before this phone: all here, on their way, or fetched when the person asks (slow link). */
  older: "here" | "coming" | "on_demand";
}

/** A villager's details (E19): on this person's phones and, encrypted, at the server; in no record, list or draft. */
export interface SealedContents {
  alias: string;
  name: string;
  phone: string;
  address: string;
  note: string;
  basis: "duty" | "consent";
  notice_version: string;
  noticed_ms: number;
  consent_by: string;
  sensitive: ("health" | "status" | "minor")[];
  /** What a newer app wrote: sent back as it came. */
  newer?: number[];
}

export interface Sealed {
  id: string;
  /** Null when it is deleted, or was written by a newer app. */
  contents: SealedContents | null;
  state:
    | { at: "phone" }
    | { at: "received"; received_ms: number }
    | { at: "conflict"; theirs: SealedContents | null }
    | { at: "refused"; reason: string } // a text key
    | { at: "deleted"; reason: string; at_ms: number | null };
  expires_ms: number | null;
  openings: { at_ms: number; by: string; reason: string }[];
}

/** What is missing or doubtful in a form: `text` is a key of the texts, `shown` for its `{shown}`. */
export interface Finding {
  field: string;
  /** `mend`: before it is saved. */
  weight: "notice" | "private" | "mend";
  text: string;
  shown?: string;
}

/** What went wrong, for people: `text` is a key of the texts; nothing was changed or lost. */
export interface Problem {
  text: string;
  field?: string;
  seconds?: number;
  detail?: string;
}

/** What became of a file: so many things of a kind (null: a villager's details) have these words. */
export interface Carried {
  name: string;
  ended: boolean;
  lines: { kind: Kind | null; text: string; count: number }[];
}

export type Answer<T> = { ok: T } | { problem: Problem };

export interface Calls {
  /** Who is signed in on this phone; null before the first sign-in. */
  account: { in: Record<string, never>; out: Account | null };
  sign_in: { in: { login: string; password: string }; out: Account };
  /**
   * `keep`: what is here stays, closed until the person signs in again. Otherwise nothing does; that is refused with
   * problem text `sign_out.unsent` while something is unsent, unless `discard`.
   */
  sign_out: { in: { keep: boolean; discard: boolean }; out: null };
  /** The accounts of this phone that are not open. */
  others: { in: Record<string, never>; out: OtherAccount[] };
  /** Opens another account of this phone that is signed in. */
  switch: { in: { user: number; pin?: string }; out: null };
  /** Puts a PIN before the open account, or another one; resolves when all that lies here is locked. */
  set_pin: { in: { pin: string }; out: null };
  drop_pin: { in: Record<string, never>; out: null };
  /** Hides the account's screens behind its PIN, in all windows, and shows them again. */
  shut: { in: Record<string, never>; out: null };
  unlock: { in: { pin: string }; out: null };
  /** 32 bytes that drafts are locked with; null for who has never had a PIN. */
  drafts_key: { in: Record<string, never>; out: number[] | null };
  /** Rows that are not deleted, newest date first. */
  list: { in: { kinds: Kind[]; space?: number; link?: RecordId; text?: string; limit?: number }; out: Row[] };
  record: { in: { id: RecordId }; out: RecordView };
  /** Resolves only after the change and its place in the outbox are durably stored. */
  edit: { in: { target: Target; base: ChangeHash[] | null; edits: Edit[] }; out: { id: RecordId; state: RecordState } };
  /** Files a request for an official act; resolves once it is durably stored. */
  act: { in: { record: RecordId; act: Act; replaces: string | null }; out: string };
  /** Lets a request go that came back. */
  dismiss: { in: { id: string }; out: null };
  /** This person's sealed records of a voice. A change of one is told as a change of its voice. */
  sealed: { in: { voice: RecordId }; out: Sealed[] };
  /** Resolves only after it is durably stored. `id` null for a new one. */
  seal: { in: { id: string | null; voice: RecordId; contents: SealedContents }; out: string };
  /** Resolves only after nothing of it is on this phone any more. */
  unseal: { in: { id: string }; out: null };
  status: { in: Record<string, never>; out: Status };
  sync_now: { in: Record<string, never>; out: null };
  /** Fetches older records on a slow link, too. */
  load_older: { in: Record<string, never>; out: null };
  /** The user has read a notice. */
  put_away: { in: { what: PhoneNotice["what"] }; out: null };
  /** Offers once more what was refused of a record. */
  offer_again: { in: { id: RecordId }; out: null };
  /** Resolves with the hash only after the file (base64) is durably stored; an edit then names it. */
  keep_file: { in: { original: string; preview: string | null }; out: string };
  /** A form does without a file that it has kept. */
  drop_file: { in: { hash: string }; out: null };
  /** A file as base64: from this phone, or, with the record that names it, from the server. */
  file: { in: { record: RecordId | null; hash: string; preview: boolean }; out: string };
  /** All that waits here as a file (base64) for somebody else to carry, and how many photos did not fit. */
  pack: { in: Record<string, never>; out: { file: string; left: number } };
  /** Hands over a file (base64) from another phone. */
  carry: { in: { file: string }; out: Carried };
  set_data_use: { in: { text_only: boolean; wifi_only: boolean }; out: null };
  /** A short number for the villager: device, counter, and some digits of chance. */
  slip_number: { in: Record<string, never>; out: string };
  /** What is missing or doubtful if these edits are made. `before`: what the form said when it was opened. */
  check: {
    in: { kind: Kind; aim: "keep" | "hand_in"; today: string; before: Edit[]; edits: Edit[] };
    out: Finding[];
  };
  /** These texts without the telephone numbers in them, and the numbers in one line. */
  take_out: { in: { texts: Record<string, string> }; out: { texts: Record<string, string>; phone: string } };
}

export type CallName = keyof Calls;

/** Page → worker. */
export interface CallMessage {
  id: number;
  call: CallName;
  args: unknown;
}

/** Worker → page. */
export type EngineMessage =
  | { id: number; answer: Answer<unknown> }
  | { event: "ready" }
  | { event: "status"; status: Status }
  | { event: "changed"; ids: RecordId[] }
  | { event: "failed"; text: string };
