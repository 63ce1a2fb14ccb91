// The part of the app that nobody needs to record (see ../fetch_later.ts), with the words and the schema that only it shows.
import schema from "later:schema";
import words from "later:words";
import { learnSchema } from "../schema";
import { learnWords } from "../texts";

learnWords(words);
learnSchema(schema);

export { AccountPage } from "./account";
export { Conflicts } from "./conflicts";
export { NewFeedbackPage } from "./feedback";
export { History } from "./history";
export { Notices } from "./notices";
export { Official } from "./official";
export { SealedCard, SealedFormPage } from "./sealed";
