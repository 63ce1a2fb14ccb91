import type { Kind, Row } from "../api";
import { sayTitle, sayWhoWhere } from "../say";
import { kindLabel } from "../schema";
import { t } from "../texts";
import { sayDay } from "../time";
import { Icon, type IconName } from "./icon";
import { State } from "./state";

const ICONS: Partial<Record<Kind, IconName>> = {
  voice: "voice",
  activity: "activity",
  reception_day: "day",
  suggestion: "edit",
};

export function RowsByDate({ rows }: { rows: Row[] }) {
  const days: { date: string; rows: Row[] }[] = [];
  for (const row of rows) {
    const last = days[days.length - 1];
    if (last && last.date === row.date) last.rows.push(row);
    else days.push({ date: row.date, rows: [row] });
  }
  return (
    <>
      {days.map(({ date, rows }) => (
        <section class="day" key={`${date} ${rows[0]?.id}`}>
          <h2>{sayDay(date)}</h2>
          <Rows rows={rows} />
        </section>
      ))}
    </>
  );
}

export function Rows({ rows }: { rows: Row[] }) {
  return (
    <ul class="rows" data-testid="rows">
      {rows.map((row) => (
        <li key={row.id}>
          <a class="row" href={`#/record/${row.id}`} data-testid="row" data-id={row.id} data-kind={row.kind}>
            <span class={`row-kind kind-${row.kind}`}>
              <Icon name={ICONS[row.kind] ?? "activity"} />
            </span>
            <span class="row-body">
              <span class="row-title">{sayTitle(row)}</span>
              <span class="row-meta">
                {[row.kind === "reception_day" ? "" : kindLabel(row.kind), sayWhoWhere(row)]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              <span class="row-foot">
                <State state={row.state} />
                {row.conflicts > 0 && (
                  <span class="state state-conflict" data-testid="row-conflict">
                    <Icon name="merge" />
                    {t("conflict.row", { n: row.conflicts })}
                  </span>
                )}
              </span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
