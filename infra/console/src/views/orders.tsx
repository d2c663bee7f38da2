import { useEffect, useRef, useState } from "preact/hooks";
import { type Client, type Found, PAGE_SIZE, unlessForbidden } from "../api";
import { useLive, useSession } from "../hooks";
import { Older } from "../parts/older";
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
const MAX_SUBSCRIBERS = 5;
const SUBSCRIBERS = "subscribers-to-choose";

interface Subscriber {
  id: string;
  first_name: string;
  last_name: string;
}

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
  const [wanted, want] = useState(PAGE_SIZE);
  const orders = useLive(() => find(client, settled, wanted), [client, settled, wanted], {
    keep: true,
    touchedBy: (event) => event.type.startsWith("order."),
  });
  useEffect(() => want(PAGE_SIZE), [settled]);
  const newest = useRef<string | undefined>(undefined);
  useEffect(() => void (newest.current = undefined), [settled]);
  useEffect(() => {
    if (!orders.value) return;
    const { items } = orders.value;
    const fresh = items.filter(({ id }) => newest.current !== undefined && id > newest.current);
    if (fresh.length) announce(count(fresh.length, "new order"));
    newest.current = items[0]?.id ?? newest.current ?? "";
  }, [orders.value]);
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
        <Table orders={orders.value.items} filtered={Object.values(settled).some(Boolean)} more={orders.value.more} />
      ) : (
        !orders.error && <Loading />
      )}
      <Older what="orders" of={orders.value} wanted={wanted} want={want} />
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

/** Return what the filters keep. */
async function find(client: Client, filters: Filters, wanted: number): Promise<Found<Order>> {
  const query = new URLSearchParams();
  if (filters.status) query.set("status", filters.status);
  if (filters.type) query.set("type", filters.type);
  if (filters.reference) query.set("reference", filters.reference);
  if (filters.from) query.set("created-from", new Date(filters.from).toISOString());
  if (filters.to) query.set("created-to", new Date(filters.to).toISOString());
  if (ICCID.test(filters.iccid)) {
    const [subscription] = await client.list<Subscription>(`subscriptions?iccid=${filters.iccid}`, "subscriptions");
    if (!subscription) return { items: [], more: false };
    query.set("subscription-id", subscription.id);
  }
  if (!filters.subscriber) return client.find<Order>(`orders?${query}`, "orders", wanted);
  const subscribers = await subscribersOf(client, filters.subscriber);
  const found = await Promise.all(
    subscribers.map((id) =>
      client.find<Order>(`orders?${query}&subscriber-id=${encodeURIComponent(id)}`, "orders", wanted),
    ),
  );
  const items = found.flatMap((each) => each.items);
  items.sort((one, other) => other.id.localeCompare(one.id));
  return { items, more: found.some(({ more }) => more) };
}

/** Return the ids of the subscribers that an e-mail address belongs to; what is no address is an id. */
async function subscribersOf(client: Client, text: string): Promise<string[]> {
  if (!text.includes("@")) return [text];
  const found = await client.list<Subscriber>(`subscribers?email=${encodeURIComponent(text)}`, "subscribers");
  return found.slice(0, MAX_SUBSCRIBERS).map(({ id }) => id);
}

function FilterForm({ filters, filter }: { filters: Filters; filter: (filters: Filters) => void }) {
  const { client, definitions } = useSession();
  const change = (name: keyof Filters) => (value: string) => filter({ ...filters, [name]: value });
  const typed = (name: keyof Filters) => ({
    value: filters[name],
    onInput: (event: { currentTarget: HTMLInputElement }) => change(name)(event.currentTarget.value.trim()),
  });
  const subscribers = useLive(
    () => unlessForbidden(client.list<Subscriber>("subscribers", "subscribers"), []),
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
        <input type="search" list={SUBSCRIBERS} placeholder="ID or e-mail" {...typed("subscriber")} />
      </Labeled>
      <datalist id={SUBSCRIBERS}>
        {subscribers.value?.map(({ id, first_name, last_name }) => (
          <option value={id}>{`${first_name} ${last_name}`}</option>
        ))}
      </datalist>
      <Labeled name="reference">
        <input type="search" {...typed("reference")} />
      </Labeled>
      <Labeled name="ICCID">
        <input
          type="search"
          inputMode="numeric"
          placeholder="19 digits"
          aria-invalid={filters.iccid !== "" && !ICCID.test(filters.iccid)}
          {...typed("iccid")}
        />
      </Labeled>
      <Labeled name="from">
        <input type="datetime-local" {...typed("from")} />
      </Labeled>
      <Labeled name="to">
        <input type="datetime-local" {...typed("to")} />
      </Labeled>
      {filters.iccid !== "" && !ICCID.test(filters.iccid) && (
        <span class="fault">It is looked for once it has 19 digits.</span>
      )}
      {Object.values(filters).some(Boolean) && (
        <button type="button" class="plain" onClick={() => filter(NONE)}>
          Clear filters
        </button>
      )}
    </form>
  );
}

interface TableProps {
  orders: Order[];
  filtered?: boolean;
  more?: boolean;
}

export function Table({ orders, filtered = false, more = false }: TableProps) {
  if (!orders.length && more) return <Empty>None of the latest orders is like this. There are older ones.</Empty>;
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
              <td data-name="Reference">{order.reference ?? ""}</td>
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
