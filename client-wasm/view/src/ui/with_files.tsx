// Photos and recordings are a part of the app that few screens need: it arrives when one of them is opened.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../texts";
import { Button } from "./button";

type Files = typeof import("../files");

export function WithFiles({ children }: { children: (files: Files) => ComponentChildren }) {
  const [files, setFiles] = useState<Files | "missing" | null>(null);
  const load = () => {
    setFiles(null);
    import("../files").then(setFiles, () => setFiles("missing"));
  };
  useEffect(load, []);
  if (files === null) return null;
  if (files !== "missing") return <>{children(files)}</>;
  return (
    <div class="field">
      <p class="hint">{t("engine.load")}</p>
      <Button onPress={load}>{t("state.offer_again")}</Button>
    </div>
  );
}
