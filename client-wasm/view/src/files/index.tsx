// Photos and recordings: loaded when a form or a record with them is opened.
export { FilesCard } from "./card";
export { FilesInput } from "./input";
