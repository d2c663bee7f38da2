import { useSession } from "../hooks";
import type { Failure } from "../types";
import { Card } from "../ui";

/** Why an order failed, and what to do. */
export function Why({ failure, type }: { failure: Failure; type: string }) {
  const advice = useSession().definitions.advice[failure.code];
  return (
    <Card name="Why it failed">
      <p class="why">{failure.detail}</p>
      <dl>
        <dt>Code</dt>
        <dd>
          <code>{failure.code}</code> {advice?.meaning.replaceAll("`", "")}
        </dd>
        <dt>Step</dt>
        <dd>{failure.step}</dd>
        <dt>What to do</dt>
        <dd>{advice?.remedy.replaceAll("`", "")}</dd>
        <dt>Send it again?</dt>
        <dd>
          {failure.retriable
            ? "The same content may be sent again, under a new key and reference."
            : "Not as it is: the same content would fail again."}{" "}
          <a href={`#/new/${type}`}>Place another one</a>
        </dd>
      </dl>
    </Card>
  );
}
