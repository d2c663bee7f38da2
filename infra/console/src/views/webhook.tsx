import { useState } from "preact/hooks";
import type { Client } from "../api";
import { healthOf } from "../health";
import { useAction, useLive, useSession } from "../hooks";
import { Lanes } from "../parts/deliveries";
import { duration } from "../time";
import type { Delivery, Webhook } from "../types";
import {
  Badge,
  Button,
  Card,
  Careful,
  CopyLink,
  Empty,
  Facts,
  Heading,
  Labeled,
  Loading,
  Select,
  Time,
  Trouble,
} from "../ui";
import { rate } from "./webhooks";

const LOOK_AGAIN_MS = 2000;
const STATUSES = ["pending", "delivered", "failed"];

async function load(client: Client, id: string, status: string): Promise<{ webhook: Webhook; deliveries: Delivery[] }> {
  const query = status ? `?status=${status}` : "";
  const [webhook, deliveries] = await Promise.all([
    client.get<Webhook>(`webhooks/${id}`),
    client.list<Delivery>(`webhooks/${id}/deliveries${query}`, "deliveries"),
  ]);
  return { webhook, deliveries };
}

/** One endpoint: its latest deliveries, and what one can do about those that failed. */
export function WebhookPage({ id }: { id: string }) {
  const { client } = useSession();
  const [status, filter] = useState("");
  const action = useAction();
  const live = useLive(() => load(client, id, status), [client, id, status], { again: () => LOOK_AGAIN_MS });
  if (!live.value) return <>{live.error ? <Trouble error={live.error} /> : <Loading />}</>;
  const { webhook, deliveries } = live.value;
  const health = healthOf(deliveries);
  const other = webhook.status === "enabled" ? "disabled" : "enabled";
  return (
    <>
      <Heading aside={<CopyLink />}>
        Webhook <Badge status={health.resting && webhook.status === "enabled" ? "resting" : webhook.status} />
      </Heading>
      <Trouble error={live.error ?? action.error} />
      <Facts
        of={[
          ["Endpoint", <code>{webhook.url}</code>],
          ["Gets", webhook.enabled_events.join(", ")],
          ["Succeeded", health.attempts > 0 && `${rate(health)} attempts`],
          ["Takes", health.attempts > 0 && `${duration(health.median)}; 19 of 20 at most ${duration(health.slow)}`],
          ["Failing since", webhook.failing_since && <Time at={webhook.failing_since} />],
          [
            "Disabled because",
            webhook.disabled_reason &&
              (webhook.disabled_reason === "failing" ? "it failed for five days" : "you disabled it"),
          ],
        ]}
      />
      {health.resting && (
        <p class="note">
          It rests: its last 20 attempts failed, so deliveries are tried one at a time until one succeeds.
        </p>
      )}
      <p class="buttons">
        <Button action={action} does={() => client.post(`webhooks/${id}/test`).then(live.reload)}>
          Send a test
        </Button>
        <Careful action={action} does={() => client.patch(`webhooks/${id}`, { status: other }).then(live.reload)}>
          {other === "enabled" ? "Enable it" : "Disable it"}
        </Careful>
      </p>
      <Replay id={id} replayed={live.reload} />
      <Card
        name="Deliveries"
        aside={
          <Labeled name="status">
            <Select value={status} none="any" values={STATUSES} onChange={filter} />
          </Labeled>
        }
      >
        {!deliveries.length && <Empty>None yet. Place an order, or send a test.</Empty>}
        <Lanes webhook={webhook} deliveries={deliveries} changed={live.reload} />
      </Card>
    </>
  );
}

/** Send the events since a moment again, as new deliveries. */
function Replay({ id, replayed }: { id: string; replayed: () => void }) {
  const { client } = useSession();
  const action = useAction();
  const [since, write] = useState("");
  const [made, show] = useState<number>();
  const replay = async () => {
    const answer = await client.post<{ deliveries: number }>(`webhooks/${id}/replay`, {
      since: new Date(since).toISOString(),
    });
    show(answer.deliveries);
    replayed();
  };
  return (
    <form class="inline" aria-label="Replay" onSubmit={(event) => (event.preventDefault(), void action.run(replay))}>
      <Labeled name="Send all events again since">
        <input type="datetime-local" required value={since} onInput={(event) => write(event.currentTarget.value)} />
      </Labeled>
      <button disabled={action.running}>Replay</button>
      {made !== undefined && <span role="status">{made} deliveries are on their way.</span>}
      <Trouble error={action.error} />
    </form>
  );
}
