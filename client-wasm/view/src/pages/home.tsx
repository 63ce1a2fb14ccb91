import { useEffect, useState } from "preact/hooks";
import type { Account, Kind, Row } from "../api";
import { drafts, unfinishedDrafts } from "../drafts";
import { engineState, status } from "../engine";
import { useRows, type Filter } from "../lists";
import { isNearlyFull, room } from "../persistence";
import { refs, refTitle } from "../refs";
import { kindLabel } from "../schema";
import { writableSpace } from "../session";
import { useStore } from "../store";
import { t } from "../texts";
import { sayMoment } from "../time";
import { Button, LinkButton } from "../ui/button";
import { HelpLink, Screen } from "../ui/frame";
import { Icon } from "../ui/icon";
import { Notice, sayProblem } from "../ui/notice";
import { Rows, RowsByDate } from "../ui/rows";
import { LaterCard } from "../ui/with_later";

const KINDS: Kind[] = ["reception_day", "activity", "voice", "suggestion"];
/** Rows on the screen before somebody asks for more: some screens full, drawn at once on a slow phone. */
const PAGE = 40;
/** How many of the station's rows are looked through to find that many of one's own. */
const LOOKED_THROUGH = 5;
const TYPING_PAUSE_MS = 200;

type View = "mine" | "all" | Kind;

export function HomePage({ person }: { person: Account }) {
  const station = refTitle(person.station) || homeSpaceName(person);
  useStore(refs);
  return (
    <Screen
      title={t("name")}
      home={
        <div class="bar bar-home">
          <div class="bar-names">
            <h1 tabIndex={-1} data-testid="station">
              {station || t("name")}
            </h1>
            <p>{person.name}</p>
          </div>
          <div class="bar-links">
            <HelpLink />
            <a class="bar-button" href="#/account" data-testid="account">
              <Icon name="person" />
              <span>{t("nav.account")}</span>
            </a>
          </div>
        </div>
      }
    >
      {writableSpace(person) === null ? (
        <Notice tone="info">{t("home.read_only")}</Notice>
      ) : (
        <LinkButton look="record" icon="plus" to="/new" testid="record">
          {t("home.record")}
        </LinkButton>
      )}
      {person.mandate && (
        <LinkButton icon="day" to="/work" testid="work">
          {t("work.title")}
        </LinkButton>
      )}
      <HasNotices />
      {(useStore(status)?.refused ?? 0) > 0 && <Refused />}
      <Drafts />
      <Records person={person} />
    </Screen>
  );
}

function homeSpaceName(person: Account): string {
  return person.spaces.find(({ space }) => space.id === person.home_space)?.space.name ?? "";
}

/** What has happened to this phone's data; it waits until the person has read it. */
function HasNotices() {
  const now = useStore(status);
  useStore(room);
  if (!now || (now.notices.length === 0 && !now.lacks_kinds && !isNearlyFull())) return null;
  return <LaterCard title={t("name")}>{({ Notices }) => <Notices {...now} />}</LaterCard>;
}

/** What the server did not take stands before everything else, however old its date is. */
function Refused() {
  const answer = useRows({ kinds: [...KINDS, "app_feedback"] });
  const rows = answer && "ok" in answer ? answer.ok.filter(({ state }) => state.at === "refused") : [];
  if (rows.length === 0) return null;
  return (
    <section class="day" data-testid="refused">
      <h2>{t("home.refused")}</h2>
      <Rows rows={rows} />
    </section>
  );
}

function Drafts() {
  useStore(drafts);
  const unfinished = unfinishedDrafts();
  if (unfinished.length === 0) return null;
  return (
    <section class="day">
      <h2>{t("drafts.title")}</h2>
      <ul class="rows">
        {unfinished.map(({ address, kind, excerpt, saved_ms }) => (
          <li key={address}>
            <a class="row row-draft" href={`#${address}`} data-testid="draft">
              <span class="row-kind">
                <Icon name="edit" />
              </span>
              <span class="row-body">
                <span class="row-title">{excerpt || kindLabel(kind)}</span>
                <span class="row-meta">{t("drafts.line", { kind: kindLabel(kind), time: sayMoment(saved_ms) })}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Records({ person }: { person: Account }) {
  const [view, setView] = useState<View>(person.mandate ? "mine" : "all");
  const [pages, setPages] = useState(1);
  const [typed, setTyped] = useState("");
  const text = usePause(typed.trim());
  const searching = text !== "";
  const narrowed = view === "mine" && !searching;
  const limit = PAGE * pages * (narrowed ? LOOKED_THROUGH : 1);
  const answer = useRows(filterOf(person, searching ? "all" : view, text, limit));
  const starting = useStore(engineState).at === "starting";

  const found = answer && "ok" in answer ? answer.ok : [];
  const fitting = narrowed ? found.filter((row) => isMine(row, person)) : found;
  const shown = fitting.slice(0, PAGE * pages);
  const more = fitting.length > shown.length || found.length === limit;
  return (
    <section aria-label={t("home.records")}>
      <Search value={typed} onInput={setTyped} />
      {!searching && <Views person={person} view={view} onView={(next) => (setView(next), setPages(1))} />}
      {answer && "problem" in answer && <Notice tone="bad">{sayProblem(answer.problem)}</Notice>}
      {answer ? (
        <>
          {shown.length === 0 && "ok" in answer && <Empty text={text} narrowed={narrowed} />}
          <RowsByDate rows={shown} />
          {more && (
            <Button onPress={() => setPages(pages + 1)} testid="more-rows">
              {t("home.more")}
            </Button>
          )}
        </>
      ) : (
        <p class="empty">{t(starting ? "home.opening" : "home.reading")}</p>
      )}
    </section>
  );
}

function filterOf(person: Account, view: View, text: string, limit: number): Filter {
  return {
    kinds: view === "mine" || view === "all" ? KINDS : [view],
    // One's own drafts and cases lie in spaces of their own.
    ...(view !== "mine" && view !== "suggestion" && person.home_space !== null && { space: person.home_space }),
    ...(text && { text }),
    limit,
  };
}

/** What this person wrote, takes part in, or the whole station opens together. */
function isMine(row: Row, person: Account): boolean {
  const { mandate } = person;
  const names = mandate !== null && (row.author === mandate || row.people.includes(mandate));
  return names || row.state.at !== "theirs" || row.kind === "reception_day";
}

function Search({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        enterkeyhint="search"
        aria-label={t("home.search")}
        placeholder={t("home.search")}
        value={value}
        data-testid="search"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

function Views({ person, view, onView }: { person: Account; view: View; onView: (view: View) => void }) {
  const all: View[] = [...(person.mandate ? (["mine"] as const) : []), "all", ...KINDS];
  const name = (one: View) => (one === "mine" ? t("home.mine") : one === "all" ? t("home.all") : kindLabel(one));
  return (
    <div class="chips chips-line" role="group" aria-label={t("home.show")}>
      {all.map((one) => (
        <label class="chip chip-small" key={one}>
          <input
            type="radio"
            name="view"
            checked={view === one}
            data-testid={`view-${one}`}
            onChange={() => onView(one)}
          />
          <span>{name(one)}</span>
        </label>
      ))}
    </div>
  );
}

function Empty({ text, narrowed }: { text: string; narrowed: boolean }) {
  return (
    <div class="empty" data-testid="empty">
      <p>{text ? t("home.nothing_found", { text }) : t("home.empty")}</p>
      <p class="hint">
        {text ? t("home.nothing_found_help") : t(narrowed ? "home.empty_mine_help" : "home.empty_help")}
      </p>
    </div>
  );
}

/** The value, once nothing has been typed for a moment. */
function usePause(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
