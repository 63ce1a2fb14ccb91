// 履职档案, to be shown to voters on this screen: figures and titles of suggestions, nothing that a villager said.
import type { Account, Row } from "../api";
import { useRecord } from "../lists";
import { refTitle } from "../refs";
import { sayTitle } from "../say";
import { fieldOf, kindLabel } from "../schema";
import { t } from "../texts";
import { today } from "../time";
import { Screen } from "../ui/frame";
import { Notice } from "../ui/notice";
import { figuresOf, useMine, yearOf } from "./mine";
import { sayField } from "./say";
import { Figures } from "./work";

/** What of a mandate voters are told. */
const TOLD = ["level", "term", "constituency"];
/** Where a suggestion is its deputy's own business still. */
const UNPUBLISHED = ["draft", "handed_over", "revision", "withdrawn"];

export function DossierPage({ person }: { person: Account }) {
  const mine = useMine(person);
  const now = today();
  const year = now.slice(0, 4);
  if (person.mandate === null || mine === null) {
    return (
      <Screen title={t("dossier.title")}>
        <Notice tone="info">{t(person.mandate === null ? "work.no_mandate" : "home.opening")}</Notice>
      </Screen>
    );
  }
  const told = mine.filter(isTold);
  const { kinds, met } = figuresOf(told, year, now);
  const figures = [
    ...kinds.map(([kind, n]): [string, number] => [kindLabel(kind), n]),
    [t("work.met"), met] as [string, number],
  ];
  const suggestions = told.filter((row) => row.kind === "suggestion" && yearOf(row) === year);
  return (
    <Screen title={t("dossier.title")}>
      <section class="card" data-testid="dossier-head">
        <h2 class="record-title">{person.name}</h2>
        <Mandate id={person.mandate} />
        {person.station && <p>{refTitle(person.station)}</p>}
      </section>
      <section class="card">
        <h2>{t("work.one_year", { year })}</h2>
        <Figures rows={figures.filter(([, n]) => n > 0)} />
        <p class="hint">{t("work.definition")}</p>
      </section>
      <section class="card" data-testid="dossier-suggestions">
        <h2>{t("work.suggestions")}</h2>
        {suggestions.length === 0 && <p class="hint">{t("dossier.no_suggestions")}</p>}
        <ul class="plain">
          {suggestions.map((row) => (
            <li key={row.id}>{sayTitle(row)}</li>
          ))}
        </ul>
      </section>
      <p class="hint">{t("dossier.what")}</p>
    </Screen>
  );
}

function isTold({ kind, case: at }: Row): boolean {
  return kind !== "suggestion" || !UNPUBLISHED.includes(at?.state ?? "draft");
}

function Mandate({ id }: { id: string }) {
  const answer = useRecord(id);
  if (!answer || !("ok" in answer)) return null;
  const { fields, titles } = answer.ok;
  const told = TOLD.flatMap((key) => {
    const value = fields[key];
    return value ? [sayField(fieldOf("mandate", key), value, titles)] : [];
  });
  return <p>{told.join(" · ")}</p>;
}
