/** What is different between two representations of a resource. */

import type { Json } from "./types";

export interface Difference {
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/** Links only repeat the ids, and a change is no news of itself; they would hide what has really changed. */
const PASSED_OVER = ["_links", "updated_at"];

/** Return the values that differ; what is new or gone as a whole is one of them. */
export function differences(before: Json | undefined, after: Json | undefined, path = ""): Difference[] {
  if (!hasMembers(before) || !hasMembers(after)) {
    const [old, now] = [written(before), written(after)];
    return old === now ? [] : [{ path, before: old, after: now }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !PASSED_OVER.includes(name),
  );
  return names.flatMap((name) =>
    differences(member(before, name), member(after, name), path ? `${path}.${name}` : name),
  );
}

type Members = { [name: string]: Json } | Json[];

const hasMembers = (value: Json | undefined): value is Members => typeof value === "object" && value !== null;

const member = (value: Members, name: string): Json | undefined => (value as { [name: string]: Json })[name];

function written(value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return JSON.stringify(value, (name, each) => (PASSED_OVER.includes(name) ? undefined : each));
}
