// The photos and recordings of a record.
import type { RecordView } from "../api";
import { status } from "../engine";
import { useStore } from "../store";
import { t } from "../texts";
import { File } from "../files/file";

export function FilesCard({ record }: { record: RecordView }) {
  const known = useStore(status);
  const files = ["files", "audio"].flatMap((field) => {
    const value = record.fields[field];
    if (value?.shape !== "entries") return [];
    return Object.entries(value.entries).map(([hash, { value }]) => ({ hash, caption: String(value), field }));
  });
  if (files.length === 0) return null;
  const waiting = record.files.some(({ sent, bytes }) => sent < bytes);
  return (
    <section class="card" data-testid="files">
      <h2>{t("files.title")}</h2>
      {waiting && known?.text_only && <p class="hint">{t("files.held_back_text_only")}</p>}
      {waiting && known?.wifi_only && !known.text_only && <p class="hint">{t("files.held_back_wifi")}</p>}
      <ul class="files">
        {files.map(({ hash, caption, field }, index) => (
          <File
            key={hash}
            record={record.row.id}
            hash={hash}
            number={index + 1}
            recording={field === "audio"}
            caption={caption}
            view={record.files.find((view) => view.hash === hash)}
          />
        ))}
      </ul>
    </section>
  );
}
