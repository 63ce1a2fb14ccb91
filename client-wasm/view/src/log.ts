// What went wrong since the page was opened, for whoever helps (`later/support.tsx`): names and places in the program,
// never what people wrote.

/** The last so many. */
const KEPT_MAX = 100;

export const log: { at_ms: number; what: string }[] = [];

export function note(what: string): void {
  log.push({ at_ms: Date.now(), what });
  if (log.length > KEPT_MAX) log.shift();
}

/** A message may quote what a person typed, so it is left out. */
export function followErrors(): void {
  addEventListener("error", ({ error, filename, lineno, colno }) => {
    note(`${nameOf(error)} ${filename}:${lineno}:${colno}`);
  });
  addEventListener("unhandledrejection", ({ reason }) => note(nameOf(reason)));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
