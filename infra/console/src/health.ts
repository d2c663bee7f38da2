/** How well an endpoint takes what is sent to it. */

import type { Attempt, Delivery } from "./types";

const RESTS_AFTER = 20;

export interface Health {
  attempts: number;
  succeeded: number;
  /** Half of the attempts, and 19 of 20, took at most so many milliseconds. */
  median: number;
  slow: number;
  resting: boolean;
}

/** Return the health that these deliveries show; a test says nothing about it. */
export function healthOf(deliveries: Delivery[]): Health {
  const attempts = deliveries.filter(({ test }) => !test).flatMap((delivery) => delivery.attempts);
  const latest = attempts.sort((one, other) => other.at.localeCompare(one.at)).slice(0, RESTS_AFTER);
  const durations = attempts.map(({ duration_ms }) => duration_ms).sort((one, other) => one - other);
  return {
    attempts: attempts.length,
    succeeded: attempts.filter(wentWell).length,
    median: durations[Math.floor((durations.length - 1) / 2)] ?? 0,
    slow: durations[Math.floor((durations.length - 1) * 0.95)] ?? 0,
    resting: latest.length === RESTS_AFTER && !latest.some(wentWell),
  };
}

const wentWell = (attempt: Attempt): boolean => !attempt.error;
