/** The steps of the state machine that an order has taken, as the order tells. */

import type { Order } from "./types";

const STEPS = ["prepare", "provision", "complete"];

/** Return them in their order; the last one is where an order that is being fulfilled has come to. */
export function stepsOf(order: Order): string[] {
  if (order.status === "completed") return STEPS;
  const upTo = (step: string) => STEPS.slice(0, STEPS.indexOf(step) + 1);
  if (order.failure) return [...upTo(order.failure.step), "undo"];
  return order.reached_step ? upTo(order.reached_step) : [];
}

/** Return them with when they began and ended; what comes after the first one is one span, as its inside is not kept. */
export function spansOf(order: Order, from: number, to: number): { steps: string[]; from: number; to: number }[] {
  const steps = stepsOf(order);
  const prepared = Date.parse(order.prepared_at ?? "");
  if (!steps.length) return [];
  if (!(prepared >= from && prepared <= to)) return [{ steps, from, to }];
  return [
    { steps: steps.slice(0, 1), from, to: prepared },
    { steps: steps.slice(1), from: prepared, to },
  ];
}
