// Whether this browser can hold records at all, found out before anybody types a word into it.

export type Unsupported = "support.wechat" | "support.insecure" | "support.old";

export function whatIsMissing(): Unsupported | null {
  // WeChat's built-in browser may throw away what it stores; it is a doorway, not a place to keep records.
  if (/MicroMessenger/i.test(navigator.userAgent)) return "support.wechat";
  // Over plain http browsers hide the service worker and more.
  if (!isSecureContext) return "support.insecure";
  const present =
    typeof WebAssembly === "object" &&
    typeof indexedDB === "object" &&
    "serviceWorker" in navigator &&
    "BroadcastChannel" in globalThis;
  return present ? null : "support.old";
}
