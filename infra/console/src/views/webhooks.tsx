import { useState } from "preact/hooks";
import type { Client } from "../api";
import { useSchemas } from "../form/description";
import { Send } from "../form/send";
import { healthOf, type Health } from "../health";
import { useLive, useSession } from "../hooks";
import { duration } from "../time";
import type { Delivery, Webhook } from "../types";
import { Badge, Card, Empty, Heading, Loading, Time, Trouble } from "../ui";

const LOOK_AGAIN_MS = 3000;

interface Watched {
  webhook: Webhook;
  health: Health;
}

async function load(client: Client): Promise<Watched[]> {
  const { _embedded } = await client.get<{ _embedded: { webhooks: Webhook[] } }>("webhooks");
  const watched = _embedded.webhooks.map(async (webhook) => ({
    webhook,
    health: healthOf(await client.list<Delivery>(`webhooks/${webhook.id}/deliveries`, "deliveries")),
  }));
  return Promise.all(watched);
}

/** Every endpoint, and how well it takes what is sent to it. */
export function Webhooks() {
  const { client } = useSession();
  const webhooks = useLive(() => load(client), [client], { again: () => LOOK_AGAIN_MS });
  return (
    <>
      <Heading>Webhooks</Heading>
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

const Table = ({ webhooks }: { webhooks: Watched[] }) => (
  <div class="wide" tabIndex={0} role="region" aria-label="Table of webhooks">
    <table>
      <thead>
        <tr>
          <th scope="col">Endpoint</th>
          <th scope="col">Status</th>
          <th scope="col">Succeeded</th>
          <th scope="col">Median</th>
          <th scope="col">19 of 20</th>
          <th scope="col">Failing since</th>
        </tr>
      </thead>
      <tbody>
        {webhooks.map(({ webhook, health }) => (
          <tr key={webhook.id}>
            <th scope="row">
              <a href={`#/webhooks/${webhook.id}`}>{webhook.url}</a>
            </th>
            <td>
              <Badge status={health.resting && webhook.status === "enabled" ? "resting" : webhook.status} />{" "}
              {webhook.disabled_reason === "failing" ? "failed for five days" : webhook.disabled_reason && "by you"}
            </td>
            <td>{health.attempts ? rate(health) : "nothing sent"}</td>
            <td>{health.attempts > 0 && duration(health.median)}</td>
            <td>{health.attempts > 0 && `≤ ${duration(health.slow)}`}</td>
            <td>{webhook.failing_since && <Time at={webhook.failing_since} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

export const rate = ({ succeeded, attempts }: Health): string =>
  `${Math.round((succeeded / attempts) * 100)} % of ${attempts}`;

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
