// Photos and recordings: loaded when a form or a record with them is opened.
import texts from "../../../../shared/texts/files.json";
import { learn } from "../texts";

learn(texts);

export { FilesCard } from "./card";
export { FilesInput } from "./input";
