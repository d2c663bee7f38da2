import { useState } from "preact/hooks";
import { type Client, type Found, PAGE_SIZE } from "../api";
import { type Health, rate, WINDOWS } from "../health";
import { useAction, useLive, useSession } from "../hooks";
import { Lanes } from "../parts/deliveries";
import { duration } from "../time";
import { Older } from "../parts/older";
import type { Delivery, Webhook } from "../types";
import { Button, Card, Careful, CopyLink, Empty, Facts, Heading, Labeled, Loading, Select, Time, Trouble } from "../ui";
import { healthOf, pauseAfter, Since, Standing, USUAL_WINDOW, Window } from "./webhooks";

const LOOK_AGAIN_MS = 2000;
const STATUSES = ["pending", "delivered", "failed"];

/** One endpoint: how it does, its deliveries, and what one can do about those that failed. */
export function WebhookPage({ id }: { id: string }) {
  const { client } = useSession();
  const action = useAction();
  const live = useLive(() => client.get<Webhook>(`webhooks/${id}`), [client, id], { again: () => LOOK_AGAIN_MS });
  if (!live.value) return <>{live.error ? <Trouble error={live.error} /> : <Loading />}</>;
  const webhook = live.value;
  const other = webhook.status === "enabled" ? "disabled" : "enabled";
  return (
    <>
      <Heading aside={<CopyLink />}>
        Webhook <Standing webhook={webhook} />
      </Heading>
      <Trouble error={live.error ?? action.error} />
      <Facts
        of={[
          ["Endpoint", <code>{webhook.url}</code>],
          ["Description", webhook.description],
          ["Gets", webhook.enabled_events.join(", ")],
          ["Failing since", webhook.failing_since && <Time at={webhook.failing_since} />],
        ]}
      />
      <State webhook={webhook} />
      <p class="buttons">
        <Button action={action} does={() => client.post(`webhooks/${id}/test`).then(live.reload)}>
          Send a test
        </Button>
        <Careful action={action} does={() => client.patch(`webhooks/${id}`, { status: other }).then(live.reload)}>
          {other === "enabled" ? "Enable it" : "Disable it"}
        </Careful>
      </p>
      {webhook.status === "enabled" && <Replay id={id} replayed={live.reload} />}
      <Measured id={id} />
      <Deliveries webhook={webhook} />
    </>
  );
}

/** Why it gets less than it should, and what to do. */
function State({ webhook }: { webhook: Webhook }) {
  if (webhook.disabled_reason === "failing")
    return (
      <p class="note">
        It is disabled because every attempt failed for five days. Repair it, enable it, and replay what it has missed.
      </p>
    );
  if (webhook.status === "disabled")
    return <p class="note">It is disabled because you disabled it. Enable it, and replay what it has missed.</p>;
  if (!webhook.resting) return null;
  return (
    <p class="note">It rests: its last 20 attempts failed, so deliveries are tried one at a time until one succeeds.</p>
  );
}

/** How well it takes what is sent, counted over a time that one can choose. */
function Measured({ id }: { id: string }) {
  const { client } = useSession();
  const [hours, choose] = useState(USUAL_WINDOW);
  const live = useLive(() => healthOf(client, id, hours), [client, id, hours], {
    keep: true,
    again: (health) => pauseAfter([health]),
  });
  return (
    <Card name="Success and latency" aside={<Window hours={hours} choose={choose} />}>
      <Trouble error={live.error} />
      {live.value && <Figures health={live.value} window={WINDOWS.find(([each]) => each === hours)?.[1] ?? ""} />}
    </Card>
  );
}

function Figures({ health, window }: { health: Health; window: string }) {
  if (!health.attempts && !health.since) return <Empty>Nothing was sent in {window}.</Empty>;
  return (
    <Facts
      of={[
        ["Succeeded", health.attempts > 0 ? `${rate(health)} attempts` : "nothing sent"],
        ["Median", health.latency && duration(health.latency.median)],
        ["95 %", health.latency && `at most ${duration(health.latency.slow)}`],
        ["Counted", health.since ? <Since at={health.since} /> : `all deliveries of ${window}`],
      ]}
    />
  );
}

function Deliveries({ webhook }: { webhook: Webhook }) {
  const { client } = useSession();
  const [status, filter] = useState("");
  const [wanted, want] = useState(PAGE_SIZE);
  const live = useLive(() => load(client, webhook.id, status, wanted), [client, webhook.id, status, wanted], {
    keep: true,
    again: () => (LOOK_AGAIN_MS * wanted) / PAGE_SIZE,
  });
  const choose = (next: string) => (want(PAGE_SIZE), filter(next));
  return (
    <Card
      name="Deliveries"
      aside={
        <Labeled name="status">
          <Select value={status} none="any" values={STATUSES} onChange={choose} />
        </Labeled>
      }
    >
      <Trouble error={live.error} />
      {live.value && !live.value.items.length && (
        <Empty>{status ? `None is ${status}.` : "None yet. Place an order, or send a test."}</Empty>
      )}
      {live.value && <Lanes webhook={webhook} deliveries={live.value.items} changed={live.reload} />}
      <Older what="deliveries" of={live.value} wanted={wanted} want={want} />
    </Card>
  );
}

const load = (client: Client, id: string, status: string, wanted: number): Promise<Found<Delivery>> =>
  client.find<Delivery>(`webhooks/${id}/deliveries${status ? `?status=${status}` : ""}`, "deliveries", wanted);

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
