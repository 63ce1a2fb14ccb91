// The browser's own encryption for the engine: AES-256-GCM, with the head authenticated. The engine's memory may move
// while it waits, so what it lends is copied first.

type Lock = (key: Uint8Array, nonce: Uint8Array, head: Uint8Array, plain: Uint8Array) => Promise<ArrayBuffer>;

const lock: Lock = async (...lent) => {
  const [key, iv, additionalData, plain] = lent.map((bytes) => bytes.slice()) as Uint8Array<ArrayBuffer>[];
  const imported = await crypto.subtle.importKey("raw", key!, "AES-GCM", false, ["encrypt"]);
  return crypto.subtle.encrypt({ name: "AES-GCM", iv: iv!, additionalData: additionalData! }, imported, plain!);
};

/** Where the engine finds it. */
export function lendLock(): void {
  Object.assign(globalThis, { lianxinLock: lock });
}
