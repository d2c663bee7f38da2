/** How well an endpoint takes what is sent to it. */

import type { Page } from "./api";
import type { Attempt, Delivery } from "./types";

export const WINDOWS: [hours: string, name: string][] = [
  ["1", "the last hour"],
  ["24", "the last 24 hours"],
  ["168", "the last 7 days"],
  ["720", "the last 30 days"],
];
export const MAX_PAGES = 10;

export interface Health {
  attempts: number;
  succeeded: number;
  /** Half of the answers, and 95 of 100, took at most so many milliseconds; a time-out is as long as it was waited for. */
  latency: { median: number; slow: number } | undefined;
  /** Since when deliveries count, if there are too many to count all of the time that was asked for. */
  since: string | undefined;
  pages: number;
}

/** Return the health that the deliveries made since a moment show, going from page to page, as far as there is need. */
export async function measure(first: Page<Delivery>, from: number): Promise<Health> {
  const deliveries: Delivery[] = [];
  let page = first;
  for (let pages = 1; ; pages++) {
    deliveries.push(...page.items);
    const oldest = deliveries.at(-1)?.created_at;
    const whole = !page.next || (oldest !== undefined && Date.parse(oldest) < from);
    if (page.next && !whole && pages < MAX_PAGES) {
      page = await page.next();
      continue;
    }
    const counted = deliveries.filter(({ created_at }) => Date.parse(created_at) >= from);
    return { ...healthOf(counted), since: whole ? undefined : oldest, pages };
  }
}

function healthOf(deliveries: Delivery[]): Omit<Health, "since" | "pages"> {
  // A test says nothing about how events are taken.
  const attempts = deliveries.filter(({ test }) => !test).flatMap((delivery) => delivery.attempts);
  const waited = attempts.filter(wasWaitedFor).map(({ duration_ms }) => duration_ms);
  waited.sort((one, other) => one - other);
  return {
    attempts: attempts.length,
    succeeded: attempts.filter(({ error }) => !error).length,
    latency: waited.length ? { median: share(waited, 0.5), slow: share(waited, 0.95) } : undefined,
  };
}

/** Whether the endpoint was there to answer, in time or not. */
const wasWaitedFor = ({ status_code, error }: Attempt): boolean => status_code !== undefined || error === "timeout";

const share = (sorted: number[], part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? 0;

/** Return the share in per cent that is never better than it is: all of them is only what is all of them. */
export const rate = ({ succeeded, attempts }: Health): string =>
  `${Math.floor((succeeded / attempts) * 1000) / 10} % of ${attempts}`;
