// One engine for all windows of the app: two would work on the same storage and use the same signal twice.
// Each window's worker asks for one lock. Whoever holds it runs the engine; the others send their calls to the holder
// over a channel and hear its events. When the holder's window closes, or its engine fails, the next one takes over.
import type { CallMessage, CallName, EngineMessage } from "./api";

const NAME = "lianxin-engine";

/** What a page sends to its worker: a call, or whether the person can see the page. */
export type PageMessage = CallMessage | { seen: boolean };

/** The engine, as `client-wasm/src/lib.rs` describes it. */
export interface RunningEngine {
  call(message: CallMessage): void;
  seen(visible: boolean): void;
}

/** Loads the engine and starts it. Rejects after it has posted `failed`; the engine is no more after that event. */
export type Start = (post: (message: EngineMessage) => void) => Promise<RunningEngine>;

type TabId = string;

type Letter =
  /** A window without the engine has opened, and knows nothing yet. */
  | { letter: "arrived"; from: TabId }
  /** The engine runs here now. */
  | { letter: "holder"; from: TabId; to: TabId | null }
  | { letter: "call"; from: TabId; message: CallMessage }
  | { letter: "seen"; from: TabId; visible: boolean }
  /** The engine has the call: from here on nobody may assume that it was not done. */
  | { letter: "accepted"; to: TabId; id: number }
  | { letter: "message"; to: TabId | null; message: EngineMessage };

type Send = (letter: Letter) => void;
type Post = (message: EngineMessage) => void;

/** What changes nothing and may therefore be asked twice. */
const QUESTIONS: readonly CallName[] = ["account", "list", "record", "status", "file", "others", "drafts_key"];

/** After these somebody else may be there. */
const CHANGES_ACCOUNT: readonly CallName[] = ["sign_in", "sign_out", "switch"];

/** Returns what takes the messages of this window's page. */
export function shareEngine(start: Start, post: Post): (message: PageMessage) => void {
  const me: TabId = `${Date.now()}-${Math.random()}`;
  const channel = new BroadcastChannel(NAME);
  const send: Send = (letter) => channel.postMessage(letter);
  const follower = new Follower(me, send, post);
  let holder: Holder | null = null;

  channel.onmessage = ({ data: letter }: MessageEvent<Letter>) => {
    if ("to" in letter && letter.to !== null && letter.to !== me) return;
    (holder ?? follower).receive(letter);
  };
  /** Resolves when this engine is no more. */
  const hold = async () => {
    holder = new Holder(me, send, post);
    follower.moveTo(me, holder);
    await holder.run(start);
    channel.close();
  };

  send({ letter: "arrived", from: me });
  // Very old browsers have no locks; there each window is on its own.
  if (navigator.locks) void navigator.locks.request(NAME, hold);
  else void hold();
  return (message) => {
    const here = holder ?? follower;
    if ("seen" in message) here.seen(me, message.seen);
    else here.call(me, message);
  };
}

/** A window that has the engine elsewhere. */
class Follower {
  private readonly waiting = new Map<number, { message: CallMessage; accepted: boolean }>();
  private holder: TabId | null = null;
  private visible = true;

  constructor(
    private readonly me: TabId,
    private readonly send: Send,
    private readonly post: Post,
  ) {}

  call(from: TabId, message: CallMessage): void {
    this.waiting.set(message.id, { message, accepted: false });
    this.send({ letter: "call", from, message });
  }

  seen(from: TabId, visible: boolean): void {
    this.visible = visible;
    this.send({ letter: "seen", from, visible });
  }

  receive(letter: Letter): void {
    switch (letter.letter) {
      case "holder":
        this.moveTo(letter.from, this);
        break;
      case "accepted": {
        const call = this.waiting.get(letter.id);
        if (call) call.accepted = true;
        break;
      }
      case "message":
        if ("id" in letter.message) this.waiting.delete(letter.message.id);
        this.post(letter.message);
    }
  }

  /** Hands the open calls to a new holder. What the old one may have done already is not done again. */
  moveTo(holder: TabId, to: Follower | Holder): void {
    if (holder === this.holder) return;
    this.holder = holder;
    to.seen(this.me, this.visible);
    const open = [...this.waiting.values()];
    this.waiting.clear();
    for (const { message, accepted } of open) {
      if (accepted && !QUESTIONS.includes(message.call)) {
        this.post({ id: message.id, answer: { problem: { text: "engine.moved" } } });
      } else to.call(this.me, message);
    }
  }
}

/** The window in which the engine runs. */
class Holder {
  private readonly asked = new Map<number, { from: TabId; message: CallMessage }>();
  private lastId = 0;
  private engine: RunningEngine | null = null;
  private readonly watching = new Set<TabId>();
  /** What a window that opens later has missed. */
  private readonly latest = new Map<string, EngineMessage>();
  private over: () => void = () => undefined;

  constructor(
    private readonly me: TabId,
    private readonly send: Send,
    private readonly post: Post,
  ) {}

  /** Resolves when the engine is no more. */
  async run(start: Start): Promise<void> {
    const over = new Promise<void>((resolve) => (this.over = resolve));
    this.send({ letter: "holder", from: this.me, to: null });
    start((message) => this.hear(message)).then(
      (engine) => this.begin(engine),
      () => this.over(),
    );
    return over;
  }

  call(from: TabId, message: CallMessage): void {
    const id = ++this.lastId;
    this.asked.set(id, { from, message });
    if (this.engine) this.pass(this.engine, id);
  }

  seen(from: TabId, visible: boolean): void {
    if (visible) this.watching.add(from);
    else this.watching.delete(from);
    this.engine?.seen(this.watching.size > 0);
  }

  receive(letter: Letter): void {
    switch (letter.letter) {
      case "arrived":
        this.send({ letter: "holder", from: this.me, to: letter.from });
        for (const message of this.latest.values()) this.send({ letter: "message", to: letter.from, message });
        break;
      case "call":
        this.call(letter.from, letter.message);
        break;
      case "seen":
        this.seen(letter.from, letter.visible);
    }
  }

  private begin(engine: RunningEngine): void {
    this.engine = engine;
    engine.seen(this.watching.size > 0);
    for (const id of this.asked.keys()) this.pass(engine, id);
  }

  private pass(engine: RunningEngine, id: number): void {
    const asked = this.asked.get(id);
    if (!asked) return;
    if (asked.from !== this.me) this.send({ letter: "accepted", to: asked.from, id: asked.message.id });
    engine.call({ ...asked.message, id });
  }

  private hear(message: EngineMessage): void {
    if ("id" in message) {
      this.answer(message.id, message);
      return;
    }
    this.post(message);
    if (message.event === "failed") {
      // The other windows need not hear of it: the next of them starts an engine of its own.
      this.over();
      return;
    }
    if (message.event !== "changed") this.latest.set(message.event, message);
    this.send({ letter: "message", to: null, message });
  }

  private answer(id: number, { answer }: Extract<EngineMessage, { id: number }>): void {
    const asked = this.asked.get(id);
    if (!asked) return;
    this.asked.delete(id);
    const message: EngineMessage = { id: asked.message.id, answer };
    if (asked.from === this.me) this.post(message);
    else this.send({ letter: "message", to: asked.from, message });
    const { call } = asked.message;
    if (CHANGES_ACCOUNT.includes(call)) this.tellOfAccount();
  }

  /** "ready" makes a window ask who is signed in. */
  private tellOfAccount(): void {
    this.post({ event: "ready" });
    this.send({ letter: "message", to: null, message: { event: "ready" } });
  }
}
