// Short sentences that screen readers speak and that everybody sees for some seconds.
import { Store } from "./store";

const SHOWN_MS = 4000;

export const announcement = new Store("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
  clearTimeout(timer);
  announcement.set(text);
  timer = setTimeout(() => announcement.set(""), SHOWN_MS);
}
