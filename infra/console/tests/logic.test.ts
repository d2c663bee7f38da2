/// <reference types="node" />
/** What the console works out by itself: differences, places in a picture, cycles, the health of an endpoint. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cyclesOf } from "../src/cycles";
import { differences } from "../src/diff";
import { filled, Schemas } from "../src/form/schema";
import { layout } from "../src/graph";
import { healthOf } from "../src/health";
import { duration } from "../src/time";
import type { Attempt, Delivery, Product } from "../src/types";
import { amount, title, words } from "../src/words";

const STATUSES = {
  accepted: ["scheduled", "on_hold", "fulfilling"],
  scheduled: ["fulfilling", "canceled"],
  on_hold: ["fulfilling", "canceled", "expired"],
  fulfilling: ["completed", "failed"],
  completed: [],
  failed: [],
  canceled: [],
  expired: [],
};

test("only what differs is a difference, and what is new as a whole is one", () => {
  const before = { status: "active", sim: { id: "a", kept: 1 }, updated_at: "1", _links: { self: "x" } };
  const after = {
    status: "ended",
    sim: { id: "b", kept: 1 },
    updated_at: "2",
    _links: {},
    account: { id: "c", _links: 1 },
  };
  assert.deepEqual(differences(before, after), [
    { path: "status", before: "active", after: "ended" },
    { path: "sim.id", before: "a", after: "b" },
    { path: "account", before: undefined, after: '{"id":"c"}' },
  ]);
  assert.deepEqual(differences(before, before), []);
  assert.deepEqual(differences({ list: [1, 2] }, { list: [1] }), [{ path: "list.1", before: "2", after: undefined }]);
});

test("the usual way is the first row, and no line passes another state", () => {
  const places = layout(STATUSES, "accepted", "completed");
  assert.deepEqual(
    ["accepted", "fulfilling", "completed"].map((status) => places.get(status)),
    [0, 2, 3].map((column) => ({ column, row: 0 })),
  );
  assert.equal(new Set([...places.values()].map(({ column, row }) => `${column} ${row}`)).size, places.size);
  for (const [from, following] of Object.entries(STATUSES))
    for (const to of following) {
      const [start, end] = [places.get(from), places.get(to)];
      assert.ok(start && end && start.column < end.column);
      const between = [...places.values()].filter(({ column, row }) => {
        const inside = start.column < column && column < end.column;
        return row === end.row && (inside || (column === start.column && start.row < row));
      });
      assert.deepEqual(start.row <= end.row ? between : [], []);
    }
});

test("cycles end on the first start's day", () => {
  const monthly = { type: "duration", unit: "month", unit_count: 1, is_recurrent: true };
  const product = (validity: object, more: object = {}) =>
    ({
      started_at: "2026-01-31T10:00:00.000Z",
      _embedded: { product_offering: { validity } },
      ...more,
    }) as unknown as Product;
  const days = (of: Product, until: string) =>
    cyclesOf(of, Date.parse(until)).map((at) => new Date(at).toISOString().slice(0, 10));
  assert.deepEqual(days(product(monthly), "2026-05-01"), ["2026-02-28", "2026-03-31", "2026-04-30"]);
  assert.deepEqual(days(product(monthly, { end_at: "2026-03-01T00:00:00Z" }), "2026-05-01"), ["2026-02-28"]);
  assert.deepEqual(days(product({ ...monthly, unit: "week", unit_count: 2 }), "2026-03-01"), [
    "2026-02-14",
    "2026-02-28",
  ]);
  assert.deepEqual(days(product({ ...monthly, is_recurrent: false }), "2026-05-01"), []);
});

test("an endpoint rests when its last 20 attempts failed; tests say nothing", () => {
  const attempts = (count: number, error?: string): Attempt[] =>
    Array.from({ length: count }, (_, at) => ({
      number: at,
      at: `2026-01-01T00:00:${10 + at}Z`,
      duration_ms: at + 1,
      ...(error ? { error } : {}),
    }));
  const delivery = (of: Attempt[], more: object = {}) => ({ attempts: of, ...more }) as unknown as Delivery;
  assert.equal(healthOf([delivery(attempts(20, "timeout"))]).resting, true);
  assert.equal(healthOf([delivery(attempts(19, "timeout"))]).resting, false);
  assert.equal(healthOf([delivery(attempts(20, "timeout")), delivery(attempts(25))]).resting, false);
  const { succeeded, median, slow } = healthOf([delivery(attempts(20)), delivery(attempts(9, "dns"), { test: true })]);
  assert.deepEqual([succeeded, median, slow], [20, 10, 19]);
});

test("a form begins with what is decided, and sends nothing that is empty", () => {
  const schemas = new Schemas({
    paths: {},
    components: {
      schemas: {
        Esim: { type: "object", properties: { kind: { const: "esim" } }, required: ["kind"] },
        Psim: {
          type: "object",
          properties: { kind: { const: "psim" }, code: { type: "string" } },
          required: ["kind", "code"],
        },
        Country: { type: "string", enum: ["DE", "FR"] },
      },
    },
  });
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const sim = { discriminator: { propertyName: "kind", mapping: { esim: ref("Esim").$ref, psim: ref("Psim").$ref } } };
  const body = {
    type: "object",
    properties: { sim, country: ref("Country"), note: { type: "string" }, other: ref("Psim") },
    required: ["sim", "country"],
  };
  assert.deepEqual(schemas.beginning(body, { country: "FR" }), { sim: { kind: "esim" }, country: "FR" });
  assert.deepEqual(
    schemas.members(body).map(([name, , required]) => [name, required]),
    [
      ["sim", true],
      ["country", true],
      ["note", false],
      ["other", false],
    ],
  );
  assert.deepEqual(
    schemas.members(schemas.variant(sim, { kind: "psim" }), "kind").map(([name]) => name),
    ["code"],
  );
  assert.deepEqual(
    schemas.plain({ anyOf: [ref("Country"), { type: "null" }], description: "Where." }).description,
    "Where.",
  );
  assert.deepEqual(filled({ a: "", b: ["", "x"], c: { d: "" }, e: 0 }), { b: ["x"], c: {}, e: 0 });
});

test("amounts, durations and names are as people read them", () => {
  assert.deepEqual(
    [amount(1024 ** 3 * 1.5, "bytes"), amount(0, "bytes"), amount(7, "minutes"), amount(7, "count")],
    ["1.5 GB", "0 bytes", "7 minutes", "7"],
  );
  assert.deepEqual([12, 1500, 61_000, 3_600_000, 90_000_000].map(duration), [
    "12 ms",
    "1.5 s",
    "1 min 1 s",
    "1 h",
    "1 d 1 h",
  ]);
  assert.deepEqual(
    [words("swap_subscription_sim"), title("topup_subscription"), title("esim")],
    ["swap subscription SIM", "Top up subscription", "eSIM"],
  );
});
