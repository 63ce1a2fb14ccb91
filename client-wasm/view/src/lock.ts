// The browser's own encryption, AES-256-GCM: for the engine, which the worker lends it to, and for drafts.

export async function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const NONCE_BYTES = 12;

/** Locks bytes under a nonce of their own, which goes before them. */
export async function lock(key: CryptoKey, plain: BufferSource): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const locked = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  const whole = new Uint8Array(NONCE_BYTES + locked.byteLength);
  whole.set(iv);
  whole.set(new Uint8Array(locked), NONCE_BYTES);
  return whole;
}

/** Rejects where they were locked with another key, or somebody has changed them. */
export async function unlock(key: CryptoKey, locked: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const iv = locked.subarray(0, NONCE_BYTES);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, locked.subarray(NONCE_BYTES)));
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What is not bytes stays as it is. */
async function each(lent: Bytes, values: unknown[], act: (key: CryptoKey, value: Bytes) => Promise<Bytes>) {
  const key = await importKey(lent);
  return Promise.all(values.map((value) => (value instanceof Uint8Array ? act(key, value as Bytes) : value)));
}

/** Where the engine finds it. The engine's memory may move while it waits, so what it lends is copied first. */
export function lendLock(): void {
  Object.assign(globalThis, {
    lianxinLock: async (...lent: Bytes[]) => {
      const [key, iv, additionalData, plain] = lent.map((bytes) => bytes.slice());
      const imported = await importKey(key!);
      return crypto.subtle.encrypt({ name: "AES-GCM", iv: iv!, additionalData: additionalData! }, imported, plain!);
    },
    lianxinLockAll: (key: Bytes, values: unknown[]) => each(key.slice(), values, lock),
    lianxinOpenAll: (key: Bytes, values: unknown[]) => each(key.slice(), values, unlock),
    lianxinPin: async (pin: string, lentSalt: Bytes, iterations: number, open: boolean, lent: Bytes) => {
      const [salt, bytes] = [lentSalt.slice(), lent.slice()];
      const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, [
        "deriveBits",
      ]);
      const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, typed, 256);
      return (open ? unlock : lock)(await importKey(new Uint8Array(bits)), bytes);
    },
  });
}
