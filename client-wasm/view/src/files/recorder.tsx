// A voice note: small enough for a village's line, bounded, and kept also when the person turns away in the middle.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api";
import { t } from "../texts";
import { Button } from "../ui/button";
import { base64 } from "./shrink";

/** Speech is understood at this; three minutes of it are 360 KB. */
const BITS_PER_S = 16_000;
const SECONDS_MAX = 180;
/** What the recorder hands over by and by. */
const SLICE_MS = 1000;

interface RecorderProperties {
  onRecorded: (base64: string) => void;
  onProblem: (problem: Problem | null) => void;
}

export function Recorder({ onRecorded, onProblem }: RecorderProperties) {
  const [seconds, setSeconds] = useState<number | null>(null);
  const running = useRef<MediaRecorder | null>(null);
  const stop = () => running.current?.state === "recording" && running.current.stop();

  useEffect(() => {
    const hidden = () => document.visibilityState === "hidden" && stop();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      stop();
    };
  }, []);

  const start = async () => {
    onProblem(null);
    const stream = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
    if (!stream || typeof MediaRecorder === "undefined") return onProblem({ text: "file.no_microphone" });
    const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_PER_S });
    const pieces: Blob[] = [];
    const began = Date.now();
    const timer = setInterval(() => {
      const passed = Math.floor((Date.now() - began) / 1000);
      setSeconds(passed);
      if (passed >= SECONDS_MAX) stop();
    }, SLICE_MS);
    recorder.ondataavailable = ({ data }) => void pieces.push(data);
    recorder.onstop = () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      setSeconds(null);
      void base64(new Blob(pieces)).then(onRecorded);
    };
    running.current = recorder;
    setSeconds(0);
    recorder.start(SLICE_MS);
  };

  if (seconds === null) {
    return (
      <Button icon="voice" testid="record-voice" onPress={() => void start()}>
        {t("files.record")}
      </Button>
    );
  }
  return (
    <Button look="danger" icon="check" testid="record-stop" onPress={stop}>
      {t("files.stop", { seconds, most: SECONDS_MAX })}
    </Button>
  );
}
