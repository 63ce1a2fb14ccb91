// Which screen is shown.
import type { Account } from "./api";
import { drafts } from "./drafts";
import { status } from "./engine";
import { ChoosePage } from "./pages/choose";
import { HomePage } from "./pages/home";
import { NewActivityPage, NewVoicePage } from "./pages/new_record";
import { OpenDayPage } from "./pages/open_day";
import { SavedPage } from "./pages/saved";
import { ShutPage } from "./pages/shut";
import { SignInPage } from "./pages/sign_in";
import { route, type Route } from "./route";
import { account, writableSpace } from "./session";
import { useStore } from "./store";
import { spoken, t } from "./texts";
import { Announcement, Screen, useArrival } from "./ui/frame";
import { LaterPage } from "./ui/with_later";

export function App() {
  const person = useStore(account);
  const place = useStore(route);
  const language = useStore(spoken);
  const shut = useStore(status)?.lock === "shut";
  useArrival();
  return (
    <>
      {shut && <ShutPage />}
      {/* What is being filled in stays as it is. */}
      <div class="open" hidden={shut}>
        {person === null ? (
          <SignInPage key={language} />
        ) : (
          // Another address is another screen, with nothing left of the one before.
          <Page key={`${place.address} ${language} ${person.user}`} place={place} person={person} />
        )}
        <Announcement />
      </div>
    </>
  );
}

function Page({ place, person }: { place: Route; person: Account }) {
  const { parts, query } = place;
  const [screen = "", what = ""] = parts;
  const space = writableSpace(person);
  const hasDrafts = useStore(drafts) !== null;
  // A form begins with its draft.
  if (!hasDrafts && (screen === "edit" || screen === "new")) {
    return (
      <Screen title={t("name")}>
        <p class="empty">{t("home.opening")}</p>
      </Screen>
    );
  }
  switch (screen) {
    case "account":
      return <LaterPage title={t("account.title")}>{({ AccountPage }) => <AccountPage person={person} />}</LaterPage>;
    case "work":
      return <LaterPage title={t("work.title")}>{({ WorkPage }) => <WorkPage person={person} />}</LaterPage>;
    case "dossier":
      return <LaterPage title={t("work.title")}>{({ DossierPage }) => <DossierPage person={person} />}</LaterPage>;
    case "help":
      return <LaterPage title={t("help.title")}>{({ HelpPage }) => <HelpPage screen={what} />}</LaterPage>;
    case "signin":
      return <SignInPage />;
    case "record":
      return (
        <LaterPage title={t("record.title")}>{({ RecordPage }) => <RecordPage person={person} id={what} />}</LaterPage>
      );
    case "edit":
      return (
        <LaterPage title={t("edit.title_plain")}>{({ EditPage }) => <EditPage person={person} id={what} />}</LaterPage>
      );
    case "sealed":
      return (
        <LaterPage title={t("sealed.title")}>
          {({ SealedFormPage }) => <SealedFormPage voice={what} id={query.get("id")} />}
        </LaterPage>
      );
    case "saved":
      return <SavedPage id={what} slip={query.get("slip") ?? ""} again={query.get("again") ?? ""} />;
    case "new":
      if (["feedback", "report", "suggestion"].includes(what)) {
        return (
          <LaterPage title={t("choose.title")}>
            {({ NewOtherPage }) => <NewOtherPage person={person} what={what} />}
          </LaterPage>
        );
      }
      return space === null ? <HomePage person={person} /> : newPage(what, query, person, space);
    default:
      return <HomePage person={person} />;
  }
}

function newPage(what: string, query: URLSearchParams, person: Account, space: number) {
  switch (what) {
    case "activity":
      return <NewActivityPage person={person} space={space} />;
    case "voice":
      return <NewVoicePage person={person} space={space} query={query} />;
    case "day":
      if (person.station) return <OpenDayPage person={person} space={space} station={person.station} />;
      return <ChoosePage person={person} />;
    default:
      return <ChoosePage person={person} />;
  }
}
