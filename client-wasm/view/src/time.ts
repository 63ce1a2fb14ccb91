// Dates as people say them and as the records keep them (`YYYY-MM-DD`, `YYYY-MM-DDThh:mm`, local time).
import { spoken } from "./texts";
import { t } from "./texts";

const locale = () => (spoken.get() === "zh" ? "zh-CN" : "en-GB");
const two = (number: number) => String(number).padStart(2, "0");

export function dateOf(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

export function today(): string {
  return dateOf(new Date());
}

export function now(): string {
  const time = new Date();
  return `${dateOf(time)}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** 11月12日 星期四; with the year where it is not this one. */
export function sayDate(date: string): string {
  const time = new Date(`${date}T00:00`);
  if (Number.isNaN(time.getTime())) return date;
  const otherYear = time.getFullYear() !== new Date().getFullYear();
  const said = new Intl.DateTimeFormat(locale(), {
    year: otherYear ? "numeric" : undefined,
    month: "long",
    day: "numeric",
    weekday: "long",
  }).format(time);
  // Chromium writes 11月12日星期四 without the space that makes it readable.
  return said.replace(/日(?=星期)/, "日 ");
}

export function daysAfter(date: string, days: number): string {
  const time = new Date(`${date}T00:00`);
  time.setDate(time.getDate() + days);
  return dateOf(time);
}

/** The earlier one first. */
export function byDate(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The heading of a day in a list. */
export function sayDay(date: string): string {
  if (!date) return t("time.no_date");
  if (date === today()) return `${t("time.today")} · ${sayDate(date)}`;
  return date === daysAfter(today(), -1) ? `${t("time.yesterday")} · ${sayDate(date)}` : sayDate(date);
}

/** 10:32 if it was today, otherwise with the date. */
export function sayMoment(ms: number): string {
  const time = new Date(ms);
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (dateOf(time) === today()) return clock;
  const date = new Intl.DateTimeFormat(locale(), {
    year: time.getFullYear() === new Date().getFullYear() ? undefined : "numeric",
    month: "short",
    day: "numeric",
  }).format(time);
  return `${date} ${clock}`;
}

/** How long, in the largest unit that fits. */
export function sayDuration(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return t("time.minutes", { n: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t("time.hours", { n: hours }) : t("time.days", { n: Math.round(hours / 24) });
}

export function sayBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
