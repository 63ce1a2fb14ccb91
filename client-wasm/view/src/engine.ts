// The page's end of the engine: calls that wait for their answers, and what the engine tells by itself.
import type { Answer, CallMessage, CallName, Calls, EngineMessage, RecordId, Status } from "./api";
import { note } from "./log";
import { Store } from "./store";
import type { PageMessage } from "./tabs";

export type EngineState = { at: "starting" } | { at: "ready" } | { at: "failed"; text: string };

export const engineState = new Store<EngineState>({ at: "starting" });
export const status = new Store<Status | null>(null);

const changeListeners = new Set<(ids: RecordId[]) => void>();
const outstanding = new Map<number, (answer: Answer<unknown>) => void>();
let worker: Worker | null = null;
let lastCall = 0;

export function startEngine(): void {
  worker?.terminate();
  engineState.set({ at: "starting" });
  const started = new Worker(__WORKER_URL__, { type: "module" });
  started.onmessage = (message: MessageEvent<EngineMessage>) => receive(message.data);
  // Without a network the worker's script may not have arrived; nothing has run then.
  started.onerror = (event) => {
    event.preventDefault();
    fail("engine.load");
  };
  worker = started;
  sendVisibility();
}

/** An engine that nobody looks at needs no open line; one that is looked at again fetches the latest. */
export function followVisibility(): void {
  document.addEventListener("visibilitychange", sendVisibility);
}

function sendVisibility(): void {
  const message: PageMessage = { seen: document.visibilityState === "visible" };
  worker?.postMessage(message);
}

/** The answer comes when it comes: a call made while the engine starts is done once it has started. */
export function call<Name extends CallName>(name: Name, args: Calls[Name]["in"]): Promise<Answer<Calls[Name]["out"]>> {
  const state = engineState.get();
  if (state.at === "failed") return Promise.resolve({ problem: { text: state.text } });
  return new Promise((resolve) => {
    const message: CallMessage = { id: ++lastCall, call: name, args };
    outstanding.set(message.id, (answer) => {
      if ("problem" in answer) note(`${name} ${answer.problem.text}`);
      resolve(answer as Answer<Calls[Name]["out"]>);
    });
    worker?.postMessage(message);
  });
}

/** Whether an answer is still awaited: closing the page now could interrupt a saving. */
export function hasWork(): boolean {
  return outstanding.size > 0;
}

/** Tells which records changed, by this person or by others. */
export function onChanged(listener: (ids: RecordId[]) => void): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

/** A page of received records and a photo on its way tell of their changes in many small messages. */
const SETTLE_MS = 800;

/** Tells once no more changes come. */
export function onSettled(listener: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onChanged(() => {
    clearTimeout(timer);
    timer = setTimeout(listener, SETTLE_MS);
  });
}

function receive(message: EngineMessage): void {
  if ("id" in message) {
    const resolve = outstanding.get(message.id);
    outstanding.delete(message.id);
    resolve?.(message.answer);
    return;
  }
  switch (message.event) {
    case "ready":
      engineState.set({ at: "ready" });
      break;
    case "status":
      status.set(message.status);
      break;
    case "changed":
      for (const listener of [...changeListeners]) listener(message.ids);
      break;
    case "failed":
      fail(message.text);
  }
}

function fail(text: string): void {
  engineState.set({ at: "failed", text });
  const waiting = [...outstanding.values()];
  outstanding.clear();
  for (const resolve of waiting) resolve({ problem: { text } });
}
