/** When scheduled orders are released, and what they end. */

import type { Order, Product } from "./types";

/** Return when a scheduled order is released, if that is known: of the end of a cycle, an order tells only the day. */
export function releaseOf({ schedule }: Order, products: Product[]): string | undefined {
  if (!schedule) return undefined;
  if (schedule.mode === "specific_date") return `${schedule.effective_at}T00:00:00.000Z`;
  const open = products.filter(({ ended_at }) => !ended_at);
  const ends = new Set(open.map(endOf).filter((end) => end?.startsWith(schedule.effective_at)));
  return ends.size === 1 ? [...ends][0] : undefined;
}

/** Return when a waiting order ends a product that would otherwise go on. */
export function endedAt(product: Product, waiting: Order[], products: Product[]): string | undefined {
  const end = endOf(product);
  const moments = waiting
    .filter((order) => order.status === "scheduled" && ends(order, product))
    .map((order) => releaseOf(order, products))
    .filter((at) => at !== undefined && (end === undefined || at <= end));
  return moments.sort()[0];
}

const ends = ({ type }: Order, { _embedded }: Product): boolean =>
  type === "cancel_subscription" || (type === "change_subscription_plan" && _embedded.product_offering.type === "plan");

const endOf = ({ end_at, billing_cycle_end_at }: Product): string | undefined => end_at ?? billing_cycle_end_at;
