// 我的履职: what is due, where the suggestions stand, and the year in figures. All from what is on the phone.
import { useState } from "preact/hooks";
import type { Account, Row } from "../api";
import { useRecord, useRows } from "../lists";
import { refs } from "../refs";
import { sayTitle } from "../say";
import { codeLabel, kindLabel } from "../schema";
import { writableSpace } from "../session";
import { useStore } from "../store";
import { t, textOf } from "../texts";
import { byDate, sayDate, today } from "../time";
import { LinkButton } from "../ui/button";
import { Screen } from "../ui/frame";
import { Icon } from "../ui/icon";
import { Notice } from "../ui/notice";
import { deadlinesOf, dutyDays, figuresOf, pairingsOf, useMine, yearOf } from "./mine";

export function WorkPage({ person }: { person: Account }) {
  const mine = useMine(person);
  useStore(refs);
  return (
    <Screen title={t("work.title")}>
      {person.mandate === null && <Notice tone="info">{t("work.no_mandate")}</Notice>}
      {person.mandate !== null && mine === null && <p class="empty">{t("home.opening")}</p>}
      {person.mandate !== null && mine !== null && (
        <>
          <Reminders person={person} mine={mine} />
          <Suggestions mine={mine} />
          <Year mine={mine} />
          {writableSpace(person) !== null && (
            <LinkButton icon="edit" to="/new/report" testid="new-report">
              {t("work.report")}
            </LinkButton>
          )}
          <LinkButton icon="person" to="/dossier" testid="dossier">
            {t("work.dossier")}
          </LinkButton>
          <LinkButton icon="alert" to={`/record/${person.mandate}`} testid="contest">
            {t("work.contest")}
          </LinkButton>
        </>
      )}
    </Screen>
  );
}

function Reminders({ person, mine }: { person: Account; mine: Row[] }) {
  const pairings = useRows({ kinds: ["pairing"] });
  const now = today();
  const year = now.slice(0, 4);
  const due = deadlinesOf(mine, now);
  const duty = dutyDays(mine, now);
  const returned = mine.filter((row) => row.returned > 0);
  const paired = pairings && "ok" in pairings ? pairingsOf(pairings.ok, person, year) : [];
  const isEmpty = due.length + duty.length + returned.length + paired.length === 0;
  return (
    <section class="card" data-testid="reminders">
      <h2>{t("work.reminders")}</h2>
      {isEmpty && <p class="hint">{t("work.nothing_due")}</p>}
      <ul class="plain due-list">
        {returned.map((row) => (
          <Line key={row.id} row={row} tone="bad" what={t("work.returned")} />
        ))}
        {due.map(({ row, clock, on, over }) => (
          <Line
            key={`${row.id} ${clock}`}
            row={row}
            tone={over ? "bad" : "wait"}
            what={t(over ? "work.over" : "work.due", { what: textOf(`clock.${clock}`), date: sayDate(on) })}
          />
        ))}
        {duty.map((row) => (
          <Line key={row.id} row={row} tone="info" what={t("work.duty")} />
        ))}
        {paired.map((row) => (
          <Paired key={row.id} row={row} year={year} />
        ))}
      </ul>
    </section>
  );
}

function Line({ row, tone, what }: { row: Row; tone: "bad" | "wait" | "info"; what: string }) {
  return (
    <li>
      <a class="link" href={`#/record/${row.id}`} data-testid="due">
        <span>
          <span class={`due tone-${tone}`}>{what}</span>
          {sayTitle(row)}
        </span>
        <Icon name="next" />
      </a>
    </li>
  );
}

/** 结对联系: how many verified activities of this year name the pairing, of how many that are planned. */
function Paired({ row, year }: { row: Row; year: string }) {
  const record = useRecord(row.id);
  const linked = useRows({ kinds: ["activity"], link: row.id });
  const target = record && "ok" in record ? record.ok.fields.target : undefined;
  if (target?.shape !== "single" || !linked || !("ok" in linked)) return null;
  const verified = linked.ok.filter((one) => yearOf(one) === year && one.case?.state === "verified");
  const [n, of] = [verified.length, Number(target.value)];
  const names = [row.place, row.status].map((unit) => refs.get().get(unit ?? "")?.title).filter(Boolean);
  return (
    <li>
      <a class="link" href={`#/record/${row.id}`} data-testid="pairing">
        <span>
          <span class={`due tone-${n < of ? "wait" : "good"}`}>{t("work.pairing", { n, of })}</span>
          {names.join(t("value.separator"))}
        </span>
        <Icon name="next" />
      </a>
    </li>
  );
}

function Suggestions({ mine }: { mine: Row[] }) {
  const rows = mine.filter(({ kind }) => kind === "suggestion");
  return (
    <section class="card" data-testid="my-suggestions">
      <h2>{t("work.suggestions")}</h2>
      {rows.length === 0 && <p class="hint">{t("work.no_suggestions")}</p>}
      <ul class="plain due-list">
        {rows.map((row) => (
          <li key={row.id}>
            <a class="link" href={`#/record/${row.id}`}>
              <span>
                {sayTitle(row)}
                <span class="hint">{sayStanding(row)}</span>
              </span>
              <Icon name="next" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where a suggestion stands, with its number and the limit that ends first. */
function sayStanding({ case: at }: Row): string {
  const dues = [...(at?.dues ?? [])].sort((a, b) => byDate(a.on, b.on));
  const next = dues[0] && t("work.next", { what: textOf(`clock.${dues[0].clock}`), date: sayDate(dues[0].on) });
  return [textOf(`state.suggestion.${at?.state ?? "draft"}`), at?.number, next].filter(Boolean).join(" · ");
}

function Year({ mine }: { mine: Row[] }) {
  const now = today();
  const thisYear = now.slice(0, 4);
  const years = [...new Set([thisYear, ...mine.map(yearOf)])].filter((one) => one && one <= thisYear);
  years.sort((a, b) => byDate(b, a));
  const [year, setYear] = useState(thisYear);
  const { kinds, activities, roles, focuses, met, verified } = figuresOf(mine, year, now);
  return (
    <section class="card" data-testid="my-year">
      <h2>{t("work.year")}</h2>
      <select
        class="input"
        aria-label={t("work.choose_year")}
        value={year}
        data-testid="year"
        onChange={(event) => setYear(event.currentTarget.value)}
      >
        {years.map((one) => (
          <option key={one} value={one}>
            {t("work.one_year", { year: one })}
          </option>
        ))}
      </select>
      <Figures rows={[...kinds.map(([kind, n]): [string, number] => [kindLabel(kind), n]), [t("work.met"), met]]} />
      <p class="hint">{t("work.verified", { n: verified })}</p>
      <p class="hint">{t("work.definition")}</p>
      <Group title={t("work.by_kind")} list="activity_kind" counts={activities} />
      <Group title={t("work.by_role")} list="role" counts={roles} />
      <Group title={t("work.by_focus")} list="focus" counts={focuses} />
    </section>
  );
}

function Group({ title, list, counts }: { title: string; list: string; counts: [string, number][] }) {
  if (counts.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <Figures rows={counts.map(([code, n]): [string, number] => [codeLabel(list, code), n])} />
    </>
  );
}

export function Figures({ rows }: { rows: [string, number][] }) {
  return (
    <dl class="figures">
      {rows.map(([name, n]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{n}</dd>
        </div>
      ))}
    </dl>
  );
}
