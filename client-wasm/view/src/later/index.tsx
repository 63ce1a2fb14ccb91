// The part of the app that nobody needs to record (see ../fetch_later.ts), with the words and the schema that only it shows.
import schema from "later:schema";
import words from "later:words";
// So that all that was fetched first is one file: apart, main.tsx and what is shared with it would be 1 KB more (brotli).
import "../main";
import { learnSchema } from "../schema";
import { learnWords } from "../texts";

learnWords(words);
learnSchema(schema);

export { AccountPage } from "./account";
export { DossierPage } from "./dossier";
export { EditPage } from "./edit_record";
export { HelpPage } from "./help";
export { NewOtherPage } from "./new_record";
export { Notices } from "./notices";
export { RecordPage } from "./record";
export { SealedFormPage } from "./sealed";
export { WorkPage } from "./work";
