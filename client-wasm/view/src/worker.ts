// The engine's worker: loads the engine and carries messages. What they say only the engine and the page know.
import type { CallMessage, EngineMessage } from "./api";
import { shareEngine, type PageMessage, type Start } from "./tabs";
import { lendLock } from "./lock";
import init, { fail, start as startEngine } from "../generated/engine.js";

const start: Start = async (post) => {
  lendLock();
  try {
    await init({ module_or_path: __ENGINE_URL__ });
  } catch (error) {
    // Not all of it has arrived yet, or what arrived is a captive portal's page.
    post({ event: "failed", text: "engine.load" });
    throw error;
  }
  // A panic stops the engine without a word; the browser reports it before anything else can run in there.
  const look = (error: unknown) => {
    if (error instanceof WebAssembly.RuntimeError) fail(error.stack ?? error.message);
  };
  addEventListener("error", ({ error }) => look(error));
  addEventListener("unhandledrejection", ({ reason }) => look(reason));
  const engine = await startEngine((event: string) => post(JSON.parse(event) as EngineMessage));
  const call = async ({ id, call, args }: CallMessage) => {
    const answer: string = await engine.call(call, JSON.stringify(args));
    post({ id, answer: JSON.parse(answer) });
  };
  return { call: (message) => void call(message), seen: (visible) => engine.seen(visible) };
};

const receive = shareEngine(start, (message) => postMessage(message));
addEventListener("message", (event: MessageEvent<PageMessage>) => receive(event.data));
