/** Names and amounts as people read them. */

import type { Balance, Price } from "./types";

const SIZES: [number, string][] = [
  [1024 ** 3, "GB"],
  [1024 ** 2, "MB"],
  [1024, "KB"],
];

const SPELLED: { [word: string]: string } = {
  addon: "add-on",
  addons: "add-ons",
  eid: "EID",
  esim: "eSIM",
  id: "ID",
  ids: "IDs",
  sim: "SIM",
  sms: "SMS",
  topup: "top up",
  uicc: "UICC",
  url: "URL",
};

/** `topup_subscription` → `top up subscription`. */
export const words = (name: string): string =>
  name.replaceAll("_", " ").replace(/\w+/g, (word) => SPELLED[word] ?? word);

/** The same, as the beginning of a line. */
export const title = (name: string): string => words(name).replace(/^[a-z](?![A-Z])/, (letter) => letter.toUpperCase());

/** The last characters of an id, which tell it from others. */
export const tail = (id: string): string => `…${id.slice(-6)}`;

export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

export function amount(value: number, unit: string): string {
  if (unit !== "bytes") return unit === "count" ? String(value) : `${value} ${unit}`;
  const [size, name] = SIZES.find(([size]) => value >= size) ?? [1, "bytes"];
  return `${Number((value / size).toFixed(1))} ${name}`;
}

export function balanceText(balance: Balance): string {
  const spent = amount(balance.spent, balance.unit);
  if (balance.type === "unlimited") return `unlimited, ${spent} used`;
  return `${amount(balance.remaining ?? 0, balance.unit)} of ${amount(balance.initial ?? 0, balance.unit)} left`;
}

export function priceText(price: Price): string {
  const money = new Intl.NumberFormat(undefined, { style: "currency", currency: price.currency });
  const digits = money.resolvedOptions().maximumFractionDigits ?? 2;
  const each = price.recurrence && ` per ${price.recurrence.unit_count === 1 ? "" : `${price.recurrence.unit_count} `}`;
  return `${money.format(price.unit_amount / 10 ** digits)}${each ? each + price.recurrence?.unit : ` ${words(price.type)}`}`;
}
