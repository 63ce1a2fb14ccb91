// Saves a file among the downloads of the phone.

/** So long it may be read: some browsers begin only after the click. */
const KEPT_MS = 60_000;

export function download(name: string, type: string, content: BlobPart): void {
  const href = URL.createObjectURL(new Blob([content], { type }));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}
