import { useAction, useSession } from "../hooks";
import type { Attempt, Delivery, Webhook } from "../types";
import { Badge, Button, Time, Trouble } from "../ui";
import { duration } from "../time";
import { tail } from "../words";

/** The attempt is made beside the answer, and may take a while. */
const LOOK_AFTER_MS = [0, 500, 1500, 4000, 11_000];

interface Props {
  webhook: Webhook;
  deliveries: Delivery[];
  changed: () => void;
}

/** The deliveries of a webhook, each with its attempts on a lane of its own. */
export function Lanes({ webhook, deliveries, changed }: Props) {
  const { client, announce } = useSession();
  const action = useAction();
  const retry = async (delivery: Delivery) => {
    await client.post(`webhooks/${webhook.id}/deliveries/${delivery.id}/retry`);
    announce("One more attempt is made");
    for (const wait of LOOK_AFTER_MS) setTimeout(changed, wait);
  };
  return (
    <>
      <Trouble error={action.error} />
      <ul class="lanes">
        {deliveries.map((delivery) => (
          <li key={delivery.id}>
            <div class="line">
              <code class="type">{delivery.event_type}</code>
              <Badge status={delivery.status} />
              {delivery.test && <span class="quiet">test</span>}
              <span class="quiet id">{tail(delivery.id)}</span>
              {!delivery.test && webhook.status === "enabled" && (
                <Button
                  action={action}
                  does={() => retry(delivery)}
                  label={`Retry ${delivery.event_type} ${delivery.id}`}
                >
                  Retry
                </Button>
              )}
            </div>
            <ol class="lane" aria-label={`Attempts of ${delivery.event_type}`}>
              {delivery.attempts.map((attempt) => (
                <Try key={attempt.number} attempt={attempt} />
              ))}
              {delivery.next_attempt_at && (
                <li class="ahead">
                  next <Time at={delivery.next_attempt_at} />
                </li>
              )}
            </ol>
          </li>
        ))}
      </ul>
    </>
  );
}

const Try = ({ attempt }: { attempt: Attempt }) => (
  <li class={attempt.error ? "bad" : "good"} title={attempt.response_body}>
    {attempt.number}. <Time at={attempt.at} /> <strong>{attempt.status_code ?? attempt.error}</strong>{" "}
    {attempt.error && attempt.status_code !== undefined && `${attempt.error.replace("_", " ")} `}
    {duration(attempt.duration_ms)}
  </li>
);
