// An account with a PIN hides its screens when nobody has touched the phone for a while. The engine goes on working.
import { call, status } from "./engine";
import { recall, remember } from "./memory";

const IDLE_MS = 5 * 60_000;
const LOOK_MS = 15_000;
/** How exactly the last touch is known. */
const TOUCH_MS = 5_000;
/** Of all windows: where one is used, none is idle. */
const TOUCHED = "touched_ms";

export function followIdle(): void {
  touch();
  for (const event of ["pointerdown", "keydown", "scroll"])
    addEventListener(event, touch, { passive: true, capture: true });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
}

function touch(): void {
  look();
  if (Math.abs(idle_ms()) > TOUCH_MS) remember(TOUCHED, Date.now());
}

function look(): void {
  if (status.get()?.lock === "open" && idle_ms() > IDLE_MS) void call("shut", {});
}

function idle_ms(): number {
  return Date.now() - (recall<number>(TOUCHED) ?? 0);
}
