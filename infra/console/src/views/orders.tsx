import { useEffect, useRef, useState } from "preact/hooks";
import { type Client, type Page, unlessForbidden } from "../api";
import { useLive, useSession } from "../hooks";
import type { Order, Subscription } from "../types";
import { Badge, Empty, Heading, Labeled, Loading, Select, Time, Trouble } from "../ui";
import { count, tail, title } from "../words";

export const ORDER_TYPES = [
  "activate_subscription",
  "topup_subscription",
  "cancel_subscription",
  "swap_subscription_sim",
  "change_subscription_plan",
  "cancel_subscription_products",
];
const QUIET_MS = 400;
const ICCID = /^\d{19}$/;
const MAX_SUBSCRIPTIONS = 5;

interface Filters {
  status: string;
  type: string;
  reference: string;
  subscriber: string;
  iccid: string;
  from: string;
  to: string;
}

const NONE: Filters = { status: "", type: "", reference: "", subscriber: "", iccid: "", from: "", to: "" };

/** Every order of the partner, newest first, as they come. */
export function Orders() {
  const { client, announce } = useSession();
  const [filters, filter] = useState(NONE);
  const settled = useSettled(filters);
  const [older, setOlder] = useState<Order[]>([]);
  const [next, setNext] = useState<Page<Order>["next"]>();
  const orders = useLive(() => find(client, settled), [client, settled], {
    keep: true,
    touchedBy: (event) => event.type.startsWith("order."),
  });
  const known = useRef(new Set<string>());
  useEffect(() => (setOlder([]), known.current.clear()), [settled]);
  useEffect(() => {
    if (!orders.value) return;
    setNext(() => orders.value?.next);
    const fresh = orders.value.items.filter((order) => !known.current.has(order.id));
    if (known.current.size && fresh.length) announce(count(fresh.length, "new order"));
    for (const order of orders.value.items) known.current.add(order.id);
  }, [orders.value]);
  const more = async () => {
    const page = await next?.();
    setOlder([...older, ...(page?.items ?? [])]);
    setNext(() => page?.next);
  };
  const first = orders.value?.items ?? [];
  const shown = [...first, ...older.filter((order) => first.every(({ id }) => id !== order.id))];
  return (
    <>
      <Heading
        aside={
          <a class="button main" href="#/new/activate_subscription">
            Place an order
          </a>
        }
      >
        Orders
      </Heading>
      <FilterForm filters={filters} filter={filter} />
      <Trouble error={orders.error} />
      {orders.value ? (
        <Table orders={shown} filtered={Object.values(settled).some(Boolean)} />
      ) : (
        !orders.error && <Loading />
      )}
      {next && (
        <p>
          <button type="button" onClick={() => void more()}>
            Show older orders
          </button>
        </p>
      )}
    </>
  );
}

/** Return a value once it has not changed for a moment, so that typing does not ask at every letter. */
function useSettled<T>(value: T): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), QUIET_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Return the first page of what the filters keep; an ICCID keeps the orders of all subscriptions that had the SIM. */
async function find(client: Client, filters: Filters): Promise<Page<Order>> {
  const query = new URLSearchParams();
  const moment = (day: string, days: number) =>
    new Date(Date.parse(`${day}T00:00:00`) + days * 86_400_000).toISOString();
  if (filters.status) query.set("status", filters.status);
  if (filters.type) query.set("type", filters.type);
  if (filters.reference) query.set("reference", filters.reference);
  if (filters.from) query.set("created-from", moment(filters.from, 0));
  if (filters.to) query.set("created-to", moment(filters.to, 1));
  if (filters.subscriber) query.set("subscriber-id", filters.subscriber);
  if (!ICCID.test(filters.iccid)) return client.page<Order>(`orders?${query}`, "orders");
  const subscriptions = await client.list<Subscription>(
    `subscriptions?iccid=${encodeURIComponent(filters.iccid)}`,
    "subscriptions",
  );
  const lists = subscriptions
    .slice(0, MAX_SUBSCRIPTIONS)
    .map(({ id }) => client.list<Order>(`orders?${query}&subscription-id=${id}`, "orders"));
  const items = (await Promise.all(lists)).flat();
  return { items: items.sort((one, other) => other.created_at.localeCompare(one.created_at)), next: undefined };
}

function FilterForm({ filters, filter }: { filters: Filters; filter: (filters: Filters) => void }) {
  const { client, definitions } = useSession();
  const change = (name: keyof Filters) => (value: string) => filter({ ...filters, [name]: value });
  const typed = (name: keyof Filters) => ({
    value: filters[name],
    onInput: (event: { currentTarget: HTMLInputElement }) => change(name)(event.currentTarget.value.trim()),
  });
  const subscribers = useLive(
    () =>
      unlessForbidden(
        client.list<{ id: string; first_name: string; last_name: string }>("subscribers", "subscribers"),
        [],
      ),
    [client],
  );
  return (
    <form class="filters" role="search" aria-label="Orders" onSubmit={(event) => event.preventDefault()}>
      <Labeled name="status">
        <Select
          value={filters.status}
          none="any"
          values={Object.keys(definitions.statuses)}
          onChange={change("status")}
        />
      </Labeled>
      <Labeled name="type">
        <Select value={filters.type} none="any" values={ORDER_TYPES} onChange={change("type")} />
      </Labeled>
      <Labeled name="subscriber">
        <Select
          value={filters.subscriber}
          none="any"
          values={(subscribers.value ?? []).map(({ id, first_name, last_name }) => [
            id,
            `${first_name} ${last_name} ${tail(id)}`,
          ])}
          onChange={change("subscriber")}
        />
      </Labeled>
      <Labeled name="reference">
        <input type="search" {...typed("reference")} />
      </Labeled>
      <Labeled name="ICCID">
        <input type="search" inputMode="numeric" placeholder="19 digits" {...typed("iccid")} />
      </Labeled>
      <Labeled name="from">
        <input type="date" {...typed("from")} />
      </Labeled>
      <Labeled name="to">
        <input type="date" {...typed("to")} />
      </Labeled>
      {Object.values(filters).some(Boolean) && (
        <button type="button" class="plain" onClick={() => filter(NONE)}>
          Clear filters
        </button>
      )}
    </form>
  );
}

export function Table({ orders, filtered = false }: { orders: Order[]; filtered?: boolean }) {
  if (!orders.length && filtered) return <Empty>No order is like this. Clear the filters to see all of them.</Empty>;
  if (!orders.length)
    return (
      <Empty>
        There is no order yet. <a href="#/new/activate_subscription">Place the first one</a> here, or send it to{" "}
        <code>POST /orders</code>: it appears by itself.
      </Empty>
    );
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Table of orders">
      <table>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Status</th>
            <th scope="col">Reference</th>
            <th scope="col">Created</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id}>
              <th scope="row">
                <a href={`#/orders/${order.id}`}>
                  {title(order.type)} <span class="id">{tail(order.id)}</span>
                </a>
              </th>
              <td>
                <Badge status={order.status} />
              </td>
              <td>{order.reference ?? ""}</td>
              <td>
                <Time at={order.created_at} />
              </td>
              <td>
                {order.failure ? (
                  <code>{order.failure.code}</code>
                ) : (
                  (order.schedule?.effective_at ?? order.on_hold_condition ?? "")
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
