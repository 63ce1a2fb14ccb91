// Who is signed in, how the app looks to this person, what the phone has sent and holds, and leaving.
import { useState } from "preact/hooks";
import type { Account, Problem, RecordId, Status } from "../api";
import { dropEverythingOfAccount, unfinishedDrafts } from "../drafts";
import { call, status } from "../engine";
import { canInstall, install } from "../install";
import { useRecord, useRows } from "../lists";
import { room } from "../persistence";
import { prefer, preferences } from "../preferences";
import { refTitle } from "../refs";
import { goInstead } from "../route";
import { fieldLabel, kindLabel } from "../schema";
import { setAccount, writableSpace } from "../session";
import { useStore } from "../store";
import { isTextKey, t } from "../texts";
import { sayBytes, sayMoment } from "../time";
import { Button, LinkButton } from "../ui/button";
import { Check } from "../ui/choice";
import { Screen } from "../ui/frame";
import { LanguageSwitch } from "../ui/language";
import { Notice, sayProblem } from "../ui/notice";
import { Rows } from "../ui/rows";
import { State } from "../ui/state";
import { Parcel } from "./parcel";
import { PinCard } from "./pin";
import { SupportCard } from "./support";

export function AccountPage({ person }: { person: Account }) {
  return (
    <Screen title={t("account.title")}>
      <section class="card">
        <h2 data-testid="account-name">{person.name}</h2>
        <ul class="plain">
          {person.posts.map((post) => (
            <li key={`${post.role} ${post.unit}`}>{sayPost(person, post)}</li>
          ))}
        </ul>
      </section>
      <section class="card">
        <h2>{t("account.reading")}</h2>
        <LanguageSwitch />
        <LargeSwitch />
      </section>
      <DataUse />
      <PinCard />
      <Parcel person={person} />
      <StatusDetails />
      {/* Comes when its record has been read: below what is tapped, which must not move under a finger. */}
      {person.mandate !== null && <Introduction mandate={person.mandate} />}
      {writableSpace(person) !== null && <Feedback />}
      <Installing />
      <SupportCard person={person} />
      <SignOut />
      <p class="hint version">{t("account.version", { version: document.documentElement.dataset.version ?? "–" })}</p>
    </Screen>
  );
}

function sayPost(person: Account, { role, unit }: Account["posts"][number]): string {
  const key = `role.${role}`;
  const space = person.spaces.find(({ space }) => space.unit === unit)?.space.name;
  const place = space ?? (refTitle(person.station) || unit);
  return `${isTextKey(key) ? t(key) : role} · ${place}`;
}

/** 简介: what voters read of this deputy, in the deputy's own words. */
function Introduction({ mandate }: { mandate: RecordId }) {
  const deputy = singleOf(useRecord(mandate), "deputy");
  return deputy === null ? null : <IntroductionOf deputy={deputy} />;
}

function IntroductionOf({ deputy }: { deputy: RecordId }) {
  const record = useRecord(deputy);
  if (!record || !("ok" in record)) return null;
  const profile = record.ok.fields.profile;
  const text = profile?.shape === "prose" ? profile.text.trim() : "";
  return (
    <section class="card" data-testid="introduction">
      <h2>{fieldLabel("deputy", "profile")}</h2>
      {text ? <p>{text}</p> : <p class="hint">{t("account.no_introduction")}</p>}
      <p class="hint">{t("account.introduction")}</p>
      <State state={record.ok.row.state} />
      <LinkButton icon="edit" to={`/edit/${deputy}`} testid="edit-introduction">
        {t("account.introduction_do")}
      </LinkButton>
    </section>
  );
}

function singleOf(answer: ReturnType<typeof useRecord>, key: string): string | null {
  const value = answer && "ok" in answer ? answer.ok.fields[key] : undefined;
  return value?.shape === "single" ? String(value.value) : null;
}

function LargeSwitch() {
  const { large } = useStore(preferences);
  return <Check name="large" label={t("account.large")} value={large} onChange={(on) => prefer({ large: on })} />;
}

function DataUse() {
  const known = useStore(status);
  if (!known) return null;
  const { text_only, wifi_only } = known;
  const use = (change: { text_only?: boolean; wifi_only?: boolean }) =>
    void call("set_data_use", { text_only, wifi_only, ...change });
  return (
    <section class="card">
      <h2>{t("account.data")}</h2>
      <Check
        name="text-only"
        label={t("account.text_only")}
        value={text_only}
        onChange={(on) => use({ text_only: on })}
      />
      <Check
        name="wifi-only"
        label={t("account.wifi_only")}
        value={wifi_only}
        onChange={(on) => use({ wifi_only: on })}
      />
      {wifi_only && !tellsNetwork() && <p class="hint">{t("account.wifi_unknown")}</p>}
    </section>
  );
}

/** Android's browsers tell mobile data from Wi-Fi; no other does. */
function tellsNetwork(): boolean {
  return (navigator as { connection?: { type?: string } }).connection?.type !== undefined;
}

function StatusDetails() {
  const known = useStore(status);
  const space = useStore(room);
  return (
    <section class="card">
      <h2>{t("account.status")}</h2>
      {known && (
        <dl class="facts" data-testid="status">
          {factsOf(known, space).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {known?.persistent === false && <p class="hint">{t("account.not_persistent_help")}</p>}
      {known?.older === "on_demand" && (
        <Button onPress={() => void call("load_older", {})} testid="load-older">
          {t("account.load_older")}
        </Button>
      )}
    </section>
  );
}

function factsOf(known: Status, space: ReturnType<typeof room.get>): [string, string][] {
  const persistence =
    known.persistent === null
      ? t("account.persistent_unknown")
      : t(known.persistent ? "account.persistent_yes" : "account.persistent_no");
  return [
    [t("account.unsent"), String(known.unsent)],
    [t("account.refused"), String(known.refused)],
    [
      t("account.files"),
      known.files === 0 ? "0" : t("account.files_value", { n: known.files, bytes: sayBytes(known.files_bytes) }),
    ],
    [t("account.last_contact"), known.last_success_ms === null ? t("banner.never") : sayMoment(known.last_success_ms)],
    [t("account.persistent"), persistence],
    [t("account.older"), t(`account.older_${known.older}`)],
    [
      t("account.used"),
      space ? t("account.used_value", { used: sayBytes(space.used), quota: sayBytes(space.quota) }) : "–",
    ],
    [
      t("account.traffic"),
      t("account.traffic_value", { up: sayBytes(known.bytes_up), down: sayBytes(known.bytes_down) }),
    ],
  ];
}

const FEEDBACK_SHOWN = 10;

/** What was said of this app, with what came of it: one's own, and what colleagues of the station said. */
function Feedback() {
  const answer = useRows({ kinds: ["app_feedback"], limit: FEEDBACK_SHOWN });
  const rows = answer && "ok" in answer ? answer.ok : [];
  return (
    <section class="card" data-testid="feedback">
      <h2>{kindLabel("app_feedback")}</h2>
      <p>{t("account.feedback")}</p>
      <LinkButton icon="edit" to="/new/feedback" testid="new-feedback">
        {t("account.feedback_do")}
      </LinkButton>
      <Rows rows={rows} />
    </section>
  );
}

function Installing() {
  const offered = useStore(canInstall);
  if (matchMedia("(display-mode: standalone)").matches) return null;
  return (
    <section class="card">
      <h2>{t("install.title")}</h2>
      <p>{t(offered ? "install.why" : "install.by_hand")}</p>
      {offered && (
        <Button onPress={() => void install()} testid="install">
          {t("install.do")}
        </Button>
      )}
    </section>
  );
}

function SignOut() {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const drafts = unfinishedDrafts().length;
  const unsent = problem?.text === "sign_out.unsent";

  const signOut = async (keep: boolean) => {
    const answer = await call("sign_out", { keep, discard: unsent });
    if ("problem" in answer) return setProblem(answer.problem);
    if (!keep) await dropEverythingOfAccount();
    setAccount(null);
    goInstead("/");
  };

  if (!asking) {
    return (
      <div class="buttons">
        <LinkButton to="/signin" testid="other-people">
          {t("sign_in.others")}
        </LinkButton>
        <Button onPress={() => setAsking(true)} testid="sign-out">
          {t("sign_out.do")}
        </Button>
      </div>
    );
  }
  return (
    <section class="card" data-testid="sign-out-sheet">
      <h2>{t("sign_out.title")}</h2>
      {drafts > 0 && <Notice tone="wait">{t("sign_out.drafts", { n: drafts })}</Notice>}
      <div role="alert">{problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}</div>
      <p>{t("sign_out.explain")}</p>
      <div class="buttons">
        <Button look="main" onPress={() => setAsking(false)}>
          {t("sign_out.stay")}
        </Button>
        <Button onPress={() => void signOut(true)} testid="sign-out-keep">
          {t("sign_out.keep")}
        </Button>
        <Button
          look="danger"
          testid={unsent ? "sign-out-discard" : "sign-out-sure"}
          onPress={() => void signOut(false)}
        >
          {t(unsent ? "sign_out.discard" : "sign_out.sure")}
        </Button>
      </div>
    </section>
  );
}
