import { useState } from "preact/hooks";
import { type Client, PAGE_SIZE } from "../api";
import { useSchemas } from "../form/description";
import { Send } from "../form/send";
import { type Health, MAX_PAGES, measure, rate, WINDOWS } from "../health";
import { useLive, useSession } from "../hooks";
import { duration, now } from "../time";
import type { Delivery, Webhook } from "../types";
import { Badge, Card, Empty, Heading, Labeled, Loading, Select, Time, Trouble } from "../ui";

const LOOK_AGAIN_MS = 3000;
const HOUR_MS = 3_600_000;
export const USUAL_WINDOW = "24";

interface Watched {
  webhook: Webhook;
  health: Health;
}

async function load(client: Client, hours: string): Promise<Watched[]> {
  const { _embedded } = await client.get<{ _embedded: { webhooks: Webhook[] } }>("webhooks");
  return Promise.all(
    _embedded.webhooks.map(async (webhook) => ({ webhook, health: await healthOf(client, webhook.id, hours) })),
  );
}

export async function healthOf(client: Client, id: string, hours: string): Promise<Health> {
  const first = await client.page<Delivery>(`webhooks/${id}/deliveries`, "deliveries");
  return measure(first, now() - Number(hours) * HOUR_MS);
}

/** Return when to look again: the later, the more there was to read. */
export const pauseAfter = (read: Health[]): number => LOOK_AGAIN_MS * Math.max(1, ...read.map(({ pages }) => pages));

/** Every endpoint, and how well it takes what is sent to it. */
export function Webhooks() {
  const { client } = useSession();
  const [hours, choose] = useState(USUAL_WINDOW);
  const webhooks = useLive(() => load(client, hours), [client, hours], {
    keep: true,
    again: (watched) => pauseAfter(watched.map(({ health }) => health)),
  });
  return (
    <>
      <Heading aside={<Window hours={hours} choose={choose} />}>Webhooks</Heading>
      <Trouble error={webhooks.error} />
      {!webhooks.value && !webhooks.error && <Loading />}
      {webhooks.value && !webhooks.value.length && (
        <Empty>No webhook yet. Make one below: events are sent to it from then on.</Empty>
      )}
      {webhooks.value && webhooks.value.length > 0 && <Table webhooks={webhooks.value} />}
      <New made={webhooks.reload} />
    </>
  );
}

/** The choice of what success and latency are counted over. */
export const Window = ({ hours, choose }: { hours: string; choose: (hours: string) => void }) => (
  <Labeled name="counted over">
    <Select value={hours} values={WINDOWS} onChange={choose} />
  </Labeled>
);

const Table = ({ webhooks }: { webhooks: Watched[] }) => (
  <>
    <div class="wide" tabIndex={0} role="region" aria-label="Table of webhooks">
      <table>
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col">Status</th>
            <th scope="col">Succeeded</th>
            <th scope="col">Median</th>
            <th scope="col">95 %</th>
            <th scope="col">Failing since</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map(({ webhook, health }) => (
            <Row key={webhook.id} webhook={webhook} health={health} />
          ))}
        </tbody>
      </table>
    </div>
    <p class="note">{HOW_IT_IS_COUNTED}</p>
  </>
);

const HOW_IT_IS_COUNTED =
  "What counts are the attempts of deliveries made in that time; tests do not. Of an endpoint that gets very much, the " +
  `latest ${MAX_PAGES * PAGE_SIZE} deliveries count, and it says since when. Half of the answers took at most the median, ` +
  "and 95 % of them what stands beside it.";

const Row = ({ webhook, health }: Watched) => (
  <tr>
    <th scope="row">
      <a href={`#/webhooks/${webhook.id}`}>{webhook.url}</a>
    </th>
    <td>
      <Standing webhook={webhook} /> {webhook.disabled_reason && REASONS[webhook.disabled_reason]}
    </td>
    <td data-name="Succeeded">
      {health.attempts ? rate(health) : "nothing sent"}
      {health.since && <Since at={health.since} />}
    </td>
    <td data-name="Median">{health.latency && duration(health.latency.median)}</td>
    <td data-name="95 %">{health.latency && `≤ ${duration(health.latency.slow)}`}</td>
    <td data-name="Failing since">{webhook.failing_since && <Time at={webhook.failing_since} />}</td>
  </tr>
);

const REASONS: { [reason: string]: string } = { failing: "failed for five days", partner: "by you" };

export const Standing = ({ webhook }: { webhook: Webhook }) => (
  <Badge status={webhook.resting ? "resting" : webhook.status} />
);

export const Since = ({ at }: { at: string }) => (
  <small>
    {" "}
    since <Time at={at} />
  </small>
);

function New({ made }: { made: () => void }) {
  const schemas = useSchemas();
  const [secret, show] = useState("");
  const sent = (webhook: Webhook) => {
    show(webhook.signing_secret ?? "");
    made();
  };
  return (
    <Card name="A new webhook">
      {secret && (
        <p role="status">
          Its signing secret, which is shown only now: <code>{secret}</code>
        </p>
      )}
      {schemas.value && (
        <Send<Webhook>
          schemas={schemas.value}
          path="/webhooks"
          body={schemas.value.body("/webhooks")}
          name="Make the webhook"
          given={{ enabled_events: ["*"] }}
          sent={sent}
        />
      )}
    </Card>
  );
}
