/** Moments and durations as people read them. */

const SHORT = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const UNITS: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** How far the sandbox's time is ahead of the machine's. */
export const clock = { ahead: 0 };

/** The sandbox's time. */
export const now = (): number => Date.now() + clock.ahead;

/** The time of day for what is of this day, else with its date. */
export function shown(moment: string): string {
  const date = new Date(moment);
  return date.toDateString() === new Date(now()).toDateString() ? SHORT.format(date) : LONG.format(date);
}

export const inFull = (moment: string): string => LONG.format(new Date(moment));

export const day = (moment: string | number): string => DAY.format(new Date(moment));

/** A date that belongs to no zone. */
export const plainDay = (date: string): string => DATE.format(new Date(date));

/** The same moment in UTC, for logs and colleagues elsewhere. */
export const utc = (moment: string): string => `${moment.replace("T", " ").replace("Z", "")} UTC`;

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const at = UNITS.findIndex(([size]) => milliseconds >= size);
  const [size, name] = UNITS[at] ?? [1000, "s"];
  if (name === "s") return `${(milliseconds / size).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
  const whole = Math.floor(milliseconds / size);
  const [lesser, lesserName] = UNITS[at + 1] ?? [1000, "s"];
  const rest = Math.floor((milliseconds - whole * size) / lesser);
  return rest ? `${whole} ${name} ${rest} ${lesserName}` : `${whole} ${name}`;
}

export const span = (from: string, to: string): string => duration(Date.parse(to) - Date.parse(from));

/** How long it is until, or since, a moment. */
export function distance(moment: string, now: number): string {
  const away = Date.parse(moment) - now;
  return away >= 0 ? `in ${duration(away)}` : `${duration(-away)} ago`;
}
