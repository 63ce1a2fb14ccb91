// Adding photos and recordings to a form. They are on the phone as soon as they are here; the form only names them.
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { Problem, RecordId } from "../api";
import { call } from "../engine";
import { t } from "../texts";
import { Icon } from "../ui/icon";
import { Notice, sayProblem } from "../ui/notice";
import { File } from "./file";
import { Recorder } from "./recorder";
import { shrink } from "./shrink";

interface InputProperties {
  legend: ComponentChildren;
  name: string;
  value: string[];
  /** Whose files these are; null for a new record. */
  record: RecordId | null;
  photos: boolean;
  recordings: boolean;
  onChange: (value: string[]) => void;
}

export function FilesInput({ legend, name, value, record, photos, recordings, onChange }: InputProperties) {
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // Read when a photo is ready, which may be after another one was added.
  const present = useRef(value);
  present.current = value;
  const put = (next: string[]) => {
    present.current = next;
    onChange(next);
  };

  const keep = async (original: string, preview: string | null) => {
    const answer = await call("keep_file", { original, preview });
    if ("problem" in answer) return setProblem(answer.problem);
    setProblem(null);
    if (!present.current.includes(answer.ok)) put([...present.current, answer.ok]);
  };
  const add = async (picked: globalThis.File[]) => {
    setWorking(true);
    for (const file of picked) {
      const shrunk = await shrink(file).catch(() => null);
      if (shrunk) await keep(shrunk.original, shrunk.preview);
      else setProblem({ text: "file.unreadable" });
    }
    setWorking(false);
  };
  const remove = (hash: string) => {
    put(present.current.filter((other) => other !== hash));
    void call("drop_file", { hash });
  };

  return (
    <div class="field" role="group" aria-label={t("files.title")} data-testid={`field-${name}`}>
      <span class="label">{legend}</span>
      {value.length > 0 && (
        <ul class="files">
          {value.map((hash, index) => (
            <File
              key={hash}
              record={record}
              hash={hash}
              number={index + 1}
              recording={!photos}
              caption=""
              onRemove={() => remove(hash)}
            />
          ))}
        </ul>
      )}
      <div class="buttons">
        {photos && <Pick label={t("files.take")} testid="take-photo" capture onPick={(files) => void add(files)} />}
        {photos && <Pick label={t("files.choose")} testid="choose-photo" onPick={(files) => void add(files)} />}
        {recordings && <Recorder onRecorded={(recording) => void keep(recording, null)} onProblem={setProblem} />}
      </div>
      <p class="hint" role="status">
        {working ? t("files.working") : t(recordings && !photos ? "files.hint_recording" : "files.hint_photo")}
      </p>
      <div role="alert">{problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}</div>
    </div>
  );
}

function Pick(properties: {
  label: string;
  testid: string;
  capture?: boolean;
  onPick: (files: globalThis.File[]) => void;
}) {
  const { label, testid, capture, onPick } = properties;
  const id = useId();
  return (
    <label class="button button-quiet file-pick" for={id}>
      <Icon name="plus" />
      <span>{label}</span>
      <input
        id={id}
        type="file"
        accept="image/*"
        multiple={!capture}
        capture={capture ? "environment" : undefined}
        data-testid={testid}
        onChange={(event) => {
          const input = event.currentTarget;
          onPick([...(input.files ?? [])]);
          // So that the same photo can be picked again after it was removed.
          input.value = "";
        }}
      />
    </label>
  );
}
