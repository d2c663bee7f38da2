import { useEffect, useRef } from "preact/hooks";
import { type Client, unlessForbidden } from "../api";
import { useLive, useSession } from "../hooks";
import { Bars } from "../parts/bars";
import { Lanes } from "../parts/deliveries";
import { Events, lacksOneBefore } from "../parts/events";
import { Why } from "../parts/failure";
import { Lifecycle } from "../parts/lifecycle";
import { type Around, Next } from "../parts/next";
import { now } from "../time";
import type { ApiEvent, Delivery, HistoryEntry, Order, Product, Webhook } from "../types";
import { Badge, Card, CopyLink, Download, Empty, Facts, Heading, Loading, Time, Trouble } from "../ui";
import { title, words } from "../words";
import { Standing } from "./webhooks";

const MAX_EVENTS = 200;
const MAX_PRODUCTS = 120;
const LOOK_AGAIN_MS = 1000;
const FRESH_MS = 10_000;

interface Sent {
  webhook: Webhook;
  deliveries: Delivery[];
}

interface Whole {
  order: Order;
  history: HistoryEntry[];
  events: ApiEvent[];
  /** Events of before the order, with which its own are compared. */
  earlier: ApiEvent[];
  products: Product[];
  around: Around;
}

async function load(client: Client, id: string): Promise<Whole> {
  const [order, history, events] = await Promise.all([
    client.get<Order>(`orders/${id}`),
    client.get<{ _embedded: { history: HistoryEntry[] } }>(`orders/${id}/history`),
    unlessForbidden(client.list<ApiEvent>(`events?order-id=${id}`, "events", MAX_EVENTS), []),
  ]);
  const products = await unlessForbidden(client.list<Product>(`products?order-id=${id}`, "products"), []);
  const [around, earlier] = await Promise.all([loadAround(client, order), loadEarlier(client, events, order)]);
  return { order, history: history._embedded.history, events, earlier, products, around };
}

async function loadEarlier(client: Client, events: ApiEvent[], { _embedded }: Order): Promise<ApiEvent[]> {
  if (!_embedded || !lacksOneBefore(events)) return [];
  return client.list<ApiEvent>(`events?subscription-id=${_embedded.subscription.id}`, "events", MAX_EVENTS);
}

/** Return what the subscription has beside this order: the orders that wait, and the products that they are about. */
async function loadAround(client: Client, { status, _embedded }: Order): Promise<Around> {
  if (!_embedded || !["scheduled", "completed"].includes(status)) return { waiting: [], others: [] };
  const of = `subscription-id=${_embedded.subscription.id}`;
  const waiting = await client.list<Order>(`orders?status=scheduled&${of}`, "orders");
  if (!waiting.length) return { waiting, others: [] };
  return {
    waiting,
    others: await unlessForbidden(client.list<Product>(`products?${of}`, "products", MAX_PRODUCTS), []),
  };
}

async function loadSent(client: Client, events: ApiEvent[]): Promise<Sent[]> {
  if (!events.length) return [];
  const { _embedded } = await unlessForbidden(client.get<{ _embedded: { webhooks: Webhook[] } }>("webhooks"), {
    _embedded: { webhooks: [] },
  });
  const sent = _embedded.webhooks.map(async (webhook) => ({
    webhook,
    deliveries: await sentTo(client, webhook, events),
  }));
  return (await Promise.all(sent)).filter(({ deliveries }) => deliveries.length);
}

/** Return a webhook's deliveries of these events: among its latest ones, or one event after the other. */
async function sentTo(client: Client, webhook: Webhook, events: ApiEvent[]): Promise<Delivery[]> {
  const path = `webhooks/${webhook.id}/deliveries`;
  const latest = await client.page<Delivery>(path, "deliveries");
  const since = events.map(({ created_at }) => created_at).sort()[0] ?? "";
  const ids = new Set(events.map(({ id }) => id));
  const all = !latest.next || latest.items.some(({ created_at }) => created_at < since);
  const found = all
    ? latest.items.filter(({ event_id }) => ids.has(event_id))
    : (await Promise.all([...ids].map((id) => client.list<Delivery>(`${path}?event-id=${id}`, "deliveries")))).flat();
  return found.sort((one, other) => one.created_at.localeCompare(other.created_at));
}

/** One order, from its acceptance to what is still to come. */
export function OrderPage({ id }: { id: string }) {
  const { client } = useSession();
  const whole = useLive(() => load(client, id), [client, id], {
    touchedBy: ({ data }) => JSON.stringify(data).includes(id),
    again: ({ order }) => (["accepted", "fulfilling"].includes(order.status) ? LOOK_AGAIN_MS : undefined),
  });
  const events = whole.value?.events ?? [];
  const sent = useLive(() => loadSent(client, events), [client, events.length], {
    keep: true,
    again: (sent) =>
      events.some(isFresh) || sent.some(({ deliveries }) => deliveries.some(underWay)) ? LOOK_AGAIN_MS * 2 : undefined,
  });
  useStatusSaid(whole.value?.order);
  if (!whole.value) return <>{whole.error ? <Trouble error={whole.error} /> : <Loading />}</>;
  const { around, earlier, ...kept } = whole.value;
  const { order, history, products } = kept;
  const subscription = order._embedded?.subscription.id;
  const deliveries = (sent.value ?? []).flatMap((each) => each.deliveries);
  return (
    <>
      <Heading
        aside={
          <span class="buttons">
            <CopyLink />
            <Download name={`${order.id}.json`} value={{ ...kept, deliveries: sent.value }} />
          </span>
        }
      >
        {title(order.type)} <Badge status={order.status} />
      </Heading>
      <Trouble error={whole.error ?? sent.error} />
      <Facts
        of={[
          ["Order", <code>{order.id}</code>],
          ["Reference", order.reference],
          ["Created", <Time at={order.created_at} />],
          ["Subscription", subscription && <a href={`#/subscriptions/${subscription}`}>{subscription}</a>],
        ]}
      />
      <Next order={order} history={history} products={products} around={around} deliveries={deliveries} live={whole} />
      {order.failure && <Why failure={order.failure} type={order.type} />}
      <Lifecycle order={order} history={history} />
      <Bars order={order} history={history} />
      <Events events={events} earlier={earlier} />
      <Webhooks sent={sent.value} changed={sent.reload} />
    </>
  );
}

/** Say it when the order moves on: who does not see it could not know. */
function useStatusSaid(order: Order | undefined): void {
  const { announce } = useSession();
  const before = useRef(order?.status);
  useEffect(() => {
    if (order && before.current && before.current !== order.status) announce(`The order is ${words(order.status)}`);
    before.current = order?.status;
  }, [order?.status]);
}

/** The deliveries of an event are made a moment after it. */
const isFresh = ({ created_at }: ApiEvent): boolean => now() - Date.parse(created_at) < FRESH_MS;

const underWay = ({ status, next_attempt_at }: Delivery): boolean =>
  status === "pending" && (!next_attempt_at || Date.parse(next_attempt_at) < now() + 60_000);

const Webhooks = ({ sent, changed }: { sent: Sent[] | undefined; changed: () => void }) => (
  <Card name="Webhook deliveries">
    {sent && !sent.length && (
      <Empty>
        No webhook was told. <a href="#/webhooks">Make one</a>, and the next order's events are sent to it.
      </Empty>
    )}
    {sent?.map(({ webhook, deliveries }) => (
      <section key={webhook.id}>
        <h3>
          <a href={`#/webhooks/${webhook.id}`}>{webhook.url}</a> <Standing webhook={webhook} />
        </h3>
        <Lanes webhook={webhook} deliveries={deliveries} changed={changed} />
      </section>
    ))}
  </Card>
);
