// What waits on this phone as a file that somebody else carries to the server (手机文件), and files that this phone carries.
import { useState } from "preact/hooks";
import type { Account, Carried, Problem } from "../api";
import { call, status } from "../engine";
import { base64 } from "../files/shrink";
import { kindLabel } from "../schema";
import { useStore } from "../store";
import { isTextKey, t } from "../texts";
import { today } from "../time";
import { Button } from "../ui/button";
import { Notice, sayProblem } from "../ui/notice";
import { download } from "./download";

export function Parcel({ person }: { person: Account }) {
  const known = useStore(status);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saved, setSaved] = useState<number | null>(null);
  const [carried, setCarried] = useState<Carried | null>(null);

  const save = async () => {
    const answer = await call("pack", {});
    setProblem("problem" in answer ? answer.problem : null);
    if ("problem" in answer) return;
    const bytes = Uint8Array.from(atob(answer.ok.file), (letter) => letter.charCodeAt(0));
    download(`lianxin-${person.name}-${today()}.lxp`, "application/octet-stream", bytes);
    setSaved(answer.ok.left);
  };
  const carry = async (file: File | undefined) => {
    if (!file) return;
    const answer = await call("carry", { file: await base64(file) });
    setProblem("problem" in answer ? answer.problem : null);
    setCarried("ok" in answer ? answer.ok : null);
  };

  return (
    <section class="card" data-testid="parcel">
      <h2>{t("parcel.card")}</h2>
      <p>{t("parcel.why")}</p>
      <Button onPress={() => void save()} testid="parcel-save">
        {t("parcel.save", { n: (known?.unsent ?? 0) + (known?.files ?? 0) })}
      </Button>
      {saved !== null && (
        <Notice tone="wait" testid="parcel-saved">
          {t("parcel.saved")}
          {saved > 0 && t("parcel.left", { n: saved })}
        </Notice>
      )}
      <label class="label" for="parcel-file">
        {t("parcel.carry")}
      </label>
      <input
        id="parcel-file"
        class="input"
        type="file"
        accept=".lxp"
        data-testid="parcel-file"
        onChange={(event) => void carry(event.currentTarget.files?.[0])}
      />
      <div role="alert">{problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}</div>
      {carried && (
        <Notice tone={carried.ended ? "bad" : "good"} testid="parcel-carried">
          {t("parcel.of", { name: carried.name })}
          <ul>
            {carried.lines.map(({ kind, text, count }) => (
              <li key={`${kind} ${text}`}>
                {kind ? kindLabel(kind) : t("parcel.details")} × {count}：{isTextKey(text) ? t(text) : text}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  );
}
