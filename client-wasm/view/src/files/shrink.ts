// A photo becomes small on the phone, by being drawn anew: so nothing of its metadata, its position above all, leaves
// the phone.

const LONG_SIDE = 1600;
const BYTES_MAX = 300 * 1024;
const PREVIEW_SIDE = 240;
const PREVIEW_BYTES_MAX = 6 * 1024;
const QUALITIES = [0.8, 0.65, 0.5, 0.35];
/** What is too large at the least quality is drawn smaller. */
const SMALLER = 0.75;
const SIDE_MIN = 64;

export interface Shrunk {
  /** Base64. */
  original: string;
  preview: string;
}

/** Throws where the browser cannot read the picture. */
export async function shrink(file: Blob): Promise<Shrunk> {
  const picture = await createImageBitmap(file);
  try {
    const original = await drawn(picture, LONG_SIDE, BYTES_MAX);
    const preview = await drawn(picture, PREVIEW_SIDE, PREVIEW_BYTES_MAX);
    return { original: await base64(original), preview: await base64(preview) };
  } finally {
    picture.close();
  }
}

async function drawn(picture: ImageBitmap, side: number, bytesMax: number): Promise<Blob> {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  // What is transparent would become black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  let smallest: Blob | null = null;
  for (const quality of QUALITIES) {
    smallest = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (smallest && smallest.size <= bytesMax) return smallest;
  }
  if (!smallest) throw new Error("no picture");
  return side * SMALLER < SIDE_MIN ? smallest : drawn(picture, side * SMALLER, bytesMax);
}

export function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(blob);
  });
}
