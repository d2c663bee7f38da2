/** When the cycles of what renews begin and end. */

import type { Product } from "./types";

const DAYS: { [unit: string]: number } = { day: 1, week: 7 };
const MONTHS: { [unit: string]: number } = { month: 1, year: 12 };
const MAX_CYCLES = 60;

/** Return the ends of a product's cycles up to a moment, and up to its own end. */
export function cyclesOf(product: Product, until: number): number[] {
  const { validity } = product._embedded.product_offering;
  if (!product.started_at || !validity?.is_recurrent || !validity.unit) return [];
  const end = Math.min(until, Date.parse(product.ended_at ?? product.end_at ?? "9999-01-01"));
  const cycles: number[] = [];
  for (let number = 1; number <= MAX_CYCLES; number++) {
    const moment = later(product.started_at, validity.unit, number * (validity.unit_count ?? 1));
    if (moment > end) break;
    cycles.push(moment);
  }
  return cycles;
}

/** Return a moment so many units later, on the same day of the month, or on its last one if it is too short. */
function later(start: string, unit: string, count: number): number {
  const moment = new Date(start);
  const months = MONTHS[unit];
  if (months === undefined) return moment.getTime() + (DAYS[unit] ?? 1) * count * 86_400_000;
  const day = moment.getUTCDate();
  moment.setUTCDate(1);
  moment.setUTCMonth(moment.getUTCMonth() + months * count);
  const days = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 0)).getUTCDate();
  return moment.setUTCDate(Math.min(day, days));
}
