// Telephone numbers on their way from a voice's text into its sealed form: in memory and nowhere else, until they are
// sealed or the account leaves the phone.
import type { RecordId } from "../api";
import { withForm } from "../update";

const moved = new Map<RecordId, { phone: string; release: () => void }>();

export function carry(voice: RecordId, phone: string): void {
  letGo(voice);
  // A new version of the app waits meanwhile: loading it would lose the number.
  moved.set(voice, { phone, release: withForm() });
}

export function carried(voice: RecordId): string {
  return moved.get(voice)?.phone ?? "";
}

export function letGo(voice: RecordId): void {
  moved.get(voice)?.release();
  moved.delete(voice);
}

export function letAllGo(): void {
  for (const voice of [...moved.keys()]) letGo(voice);
}
