/// <reference types="node" />
/** What the console works out by itself: differences, places in a picture, cycles, the health of an endpoint. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "../src/api";
import { cyclesOf } from "../src/cycles";
import { differences } from "../src/diff";
import { filled, Schemas } from "../src/form/schema";
import { layout } from "../src/graph";
import { MAX_PAGES, measure, rate } from "../src/health";
import { endedAt, releaseOf } from "../src/release";
import { spansOf, stepsOf } from "../src/steps";
import { duration } from "../src/time";
import type { Delivery, Order, Product } from "../src/types";
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

const delivery = (at: string, attempts: object[], more: object = {}) =>
  ({ created_at: `2026-01-${at}:00.000Z`, attempts, ...more }) as unknown as Delivery;
const answered = (duration_ms: number) => ({ duration_ms, status_code: 204 });
const failed = (error: string, duration_ms = 0) => ({ duration_ms, error });

/** A list of pages, each of which leads to the next. */
const pages = ([items = [], ...others]: Delivery[][], read: string[] = []): Page<Delivery> => ({
  items,
  next: others.length ? async () => (read.push(items.at(-1)?.created_at ?? ""), pages(others, read)) : undefined,
});

test("an order that waits ends what would go on", () => {
  const product = (type: string, end: object) =>
    ({ ...end, _embedded: { product_offering: { type } } }) as unknown as Product;
  const plan = product("plan", { billing_cycle_end_at: "2026-02-28T10:00:00.000Z" });
  const addon = product("addon", { end_at: "2026-03-15T12:00:00.000Z" });
  const order = (type: string, effective_at: string, mode = "end_of_cycle", status = "scheduled") =>
    ({ type, status, schedule: { mode, effective_at } }) as Order;
  const ended = (of: Product, ...waiting: Order[]) => endedAt(of, waiting, [plan, addon]);
  const cancel = order("cancel_subscription", "2026-02-28");
  assert.equal(releaseOf(cancel, [plan, addon]), plan.billing_cycle_end_at);
  assert.equal(releaseOf(cancel, [addon]), undefined);
  assert.deepEqual([ended(plan, cancel), ended(addon, cancel)], Array(2).fill(plan.billing_cycle_end_at));
  const change = order("change_subscription_plan", "2026-02-28");
  assert.deepEqual([ended(plan, change), ended(addon, change)], [plan.billing_cycle_end_at, undefined]);
  const dated = order("cancel_subscription", "2026-02-20", "specific_date");
  assert.equal(ended(plan, cancel, dated), "2026-02-20T00:00:00.000Z");
  assert.equal(ended(plan, order("cancel_subscription", "2026-03-20", "specific_date")), undefined);
  assert.equal(ended(plan, order("cancel_subscription", "2026-02-28", "end_of_cycle", "canceled")), undefined);
});

test("what counts for an endpoint are the attempts of a time, from page to page, and no tests", async () => {
  const read: string[] = [];
  const first = pages(
    [
      [delivery("03T10:00", [failed("dns"), answered(30)]), delivery("03T09:00", [failed("dns")], { test: true })],
      [],
      [delivery("02T12:00", [failed("timeout", 10_000)]), delivery("02T11:00", [answered(20)])],
      [delivery("01T11:00", [answered(10)])],
    ],
    read,
  );
  const health = await measure(first, Date.parse("2026-01-02T11:30:00Z"));
  const expected = { attempts: 3, succeeded: 1, latency: { median: 30, slow: 10_000 }, since: undefined, pages: 3 };
  assert.deepEqual(health, expected);
  assert.equal(read.length, 2);
  assert.equal(rate(health), "33.3 % of 3");
  assert.deepEqual(await measure(pages([[delivery("03T10:00", [failed("dns")])]]), 0), {
    attempts: 1,
    succeeded: 0,
    latency: undefined,
    since: undefined,
    pages: 1,
  });
});

test("of very many deliveries the latest count, and it says since when; 100 % are all of them", async () => {
  const many = Array.from({ length: MAX_PAGES + 1 }, (_, page) =>
    Array.from({ length: 100 }, (_, at) =>
      delivery(`0${page < MAX_PAGES ? 2 : 1}T10:00`, [page + at ? answered(1) : failed("dns")]),
    ),
  );
  const health = await measure(pages(many), 0);
  assert.deepEqual([health.attempts, health.since, health.pages], [1000, "2026-01-02T10:00:00.000Z", MAX_PAGES]);
  assert.equal(rate(health), "99.9 % of 1000");
  assert.equal(rate({ ...health, succeeded: 3999, attempts: 4000 }), "99.9 % of 4000");
});

test("an order tells which steps it has taken, and how long they took", () => {
  const order = (of: object) => ({ prepared_at: "2026-01-01T00:00:02.000Z", ...of }) as unknown as Order;
  const [from, prepared, to] = ["00", "02", "05"].map((at) => Date.parse(`2026-01-01T00:00:${at}Z`)) as [
    number,
    number,
    number,
  ];
  const spans = (of: object) => spansOf(order(of), from, to).map((span) => [span.steps.join(), span.to - span.from]);
  assert.deepEqual(spans({ status: "fulfilling", reached_step: "prepare", prepared_at: undefined }), [
    ["prepare", 5000],
  ]);
  assert.deepEqual(spans({ status: "fulfilling", reached_step: "provision" }), [
    ["prepare", prepared - from],
    ["provision", to - prepared],
  ]);
  assert.deepEqual(spans({ status: "completed" }), [
    ["prepare", 2000],
    ["provision,complete", 3000],
  ]);
  assert.deepEqual(spans({ status: "failed", failure: { step: "provision" } }), [
    ["prepare", 2000],
    ["provision,undo", 3000],
  ]);
  assert.deepEqual(spans({ status: "failed", failure: { step: "prepare" }, prepared_at: undefined }), [
    ["prepare,undo", 5000],
  ]);
  assert.deepEqual(stepsOf(order({ status: "scheduled", prepared_at: undefined })), []);
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
  const schedule = { type: "object", properties: { mode: {}, type: {}, effective_at: {} } };
  assert.deepEqual(
    schemas.members(schedule).map(([name, , required]) => [name, required]),
    [
      ["mode", true],
      ["effective_at", false],
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
