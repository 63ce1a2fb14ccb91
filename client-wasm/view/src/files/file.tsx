// One photo or recording, with where it has got to.
import type { FileView, RecordId } from "../api";
import { isTextKey, t } from "../texts";
import { Button } from "../ui/button";
import { sayProblem } from "../ui/notice";
import { useFile } from "./shown";

interface FileProperties {
  record: RecordId | null;
  hash: string;
  number: number;
  /** Known to be a recording, so that nobody asks for its preview. */
  recording: boolean;
  caption: string;
  /** What this phone knows of its delivery; nothing of a colleague's file. */
  view?: FileView;
  onRemove?: () => void;
}

export function File({ record, hash, number, recording, caption, view, onRemove }: FileProperties) {
  const { shown, open } = useFile(record, hash, recording);
  const name = t(shown.at === "recording" || recording ? "files.recording" : "files.photo", { n: number });
  return (
    <li class="file" data-testid="file" data-at={shown.at} data-state={view && stateOf(view)}>
      {shown.at === "loading" && <p class="hint">{t("files.loading")}</p>}
      {shown.at === "photo" && (
        <button
          type="button"
          class={shown.whole ? "file-whole" : "file-preview"}
          aria-label={shown.whole ? name : t("files.enlarge", { name })}
          onClick={open}
        >
          <img src={shown.src} alt={caption || name} />
        </button>
      )}
      {shown.at === "recording" && <audio controls src={shown.src} aria-label={name} data-testid="recording" />}
      {shown.at === "away" && (
        <>
          <p class="hint">{shown.problem ? sayProblem(shown.problem) : name}</p>
          {record && (
            <Button onPress={open} testid="file-open">
              {t("files.open")}
            </Button>
          )}
        </>
      )}
      {caption && <p>{caption}</p>}
      {view && <p class={view.refused ? "remark tone-bad" : "hint"}>{sayDelivery(view)}</p>}
      {onRemove && (
        <Button icon="close" onPress={onRemove} testid="file-remove">
          {t("files.remove", { name })}
        </Button>
      )}
    </li>
  );
}

function stateOf({ sent, bytes, refused }: FileView): string {
  if (refused) return "refused";
  return sent >= bytes ? "received" : sent > 0 ? "sending" : "phone";
}

function sayDelivery(view: FileView): string {
  const state = stateOf(view);
  if (state === "refused") {
    // Not a template: these words come afterwards (parts.mjs).
    const why = "file." + view.refused;
    return isTextKey(why) ? t(why) : t("file.refused");
  }
  const percent = Math.floor((100 * view.sent) / view.bytes);
  return t(state === "received" ? "files.received" : state === "sending" ? "files.sending" : "files.phone", {
    percent,
  });
}
