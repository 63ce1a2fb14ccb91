// Opening a reception day. Whoever opens it first, it is one day: the engine derives it from station and date.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Account, Edit, Problem, RecordId } from "../api";
import { announce } from "../announce";
import { call } from "../engine";
import { useRows } from "../lists";
import { refTitle } from "../refs";
import { goInstead } from "../route";
import { t } from "../texts";
import { sayDate, today } from "../time";
import { Button, LinkButton } from "../ui/button";
import { Screen } from "../ui/frame";
import { Notice, sayProblem } from "../ui/notice";
import { withForm } from "../update";

export function OpenDayPage({ person, space, station }: { person: Account; space: number; station: RecordId }) {
  const [date, setDate] = useState(today());
  const days = useRows({ kinds: ["reception_day"], space });
  const open = days && "ok" in days ? days.ok.find((row) => row.date === date && row.station === station) : undefined;
  const { problem, busy, openDay } = useOpening(person, space, station);
  useEffect(() => withForm(), []);
  return (
    <Screen title={t("open_day.title")}>
      <section class="card">
        <p class="lead">{refTitle(station)}</p>
        <div class="field">
          <label class="label" for="day-date">
            {t("open_day.date")}
          </label>
          <input
            id="day-date"
            class="input"
            type="date"
            value={date}
            data-testid="field-date"
            onInput={(event) => setDate(event.currentTarget.value)}
          />
          <p class="hint">{sayDate(date)}</p>
        </div>
        <div role="alert">{problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}</div>
        {open ? (
          <>
            <Notice tone="info" icon="day">
              {t("open_day.already")}
            </Notice>
            <LinkButton look="main" to={`/record/${open.id}`} testid="go-day">
              {t("open_day.go")}
            </LinkButton>
          </>
        ) : (
          <>
            <p>{t("open_day.explain")}</p>
            <Button look="main" busy={busy || date === ""} testid="open-day" onPress={() => void openDay(date)}>
              {t(person.mandate ? "open_day.do_and_sign" : "open_day.do")}
            </Button>
          </>
        )}
      </section>
    </Screen>
  );
}

function useOpening(person: Account, space: number, station: RecordId) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const openDay = async (date: string) => {
    if (running.current || date === "") return;
    running.current = true;
    setBusy(true);
    const edits: Edit[] = person.mandate ? [{ field: "deputies", op: "add", element: person.mandate }] : [];
    const answer = await call("edit", { target: { reception_day: { station, date }, space }, base: null, edits });
    if ("ok" in answer) {
      announce(t("saved.on_phone"));
      goInstead(`/record/${answer.ok.id}`);
      return;
    }
    running.current = false;
    setBusy(false);
    setProblem(answer.problem);
  };
  return { problem, busy, openDay };
}
