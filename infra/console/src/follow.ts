/** Follows the log of events (`GET /events?after=`), and tells every view what has happened. */

import { type Client, Problem, SignedOut } from "./api";
import type { ApiEvent, Links } from "./types";

const BUSY_MS = 1000;
const IDLE_MS = 3000;
const BUSY_FOR_MS = 60_000;
const OVERLAP_MS = 30_000;
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Told of events; of none if everything has to be loaded again, as after a reset. */
export type Listener = (events: ApiEvent[] | null) => void;
type State = "live" | "waiting";

interface Log {
  has_more: boolean;
  _embedded: { events: ApiEvent[] };
  _links: Links;
}

export class Follower {
  private readonly listeners = new Set<Listener>();
  private place: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busyUntil = Date.now() + BUSY_FOR_MS;
  private stopped = false;
  onState: (state: State) => void = () => {};
  onSignedOut: () => void = () => {};

  constructor(private readonly client: Client) {}

  /** Call the listener from now on; return what ends it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(): void {
    document.addEventListener("visibilitychange", this.look);
    void this.look();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.look);
  }

  /** Look more often for a while, because somebody does something. */
  hurry(): void {
    this.busyUntil = Date.now() + BUSY_FOR_MS;
  }

  private readonly look = async (): Promise<void> => {
    clearTimeout(this.timer);
    if (this.stopped || document.hidden) return;
    const more = await this.read().catch((error: unknown) => this.failed(error));
    if (this.stopped) return;
    const wait = more ? 0 : Date.now() < this.busyUntil ? BUSY_MS : IDLE_MS;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.look, wait);
  };

  private async read(): Promise<boolean> {
    this.place ??= await this.begin();
    const log = await this.client.get<Log>(`events?limit=40&after=${encodeURIComponent(this.place)}`);
    const next = log._links["next"];
    this.place = (next && new URL(next.href).searchParams.get("after")) ?? this.place;
    this.onState("live");
    if (log._embedded.events.length) {
      this.hurry();
      this.tell(log._embedded.events);
    }
    return log.has_more;
  }

  /** Return a place shortly before the newest event: what was written at the same time may still come in before it. */
  private async begin(): Promise<string> {
    const [newest] = (await this.client.page<ApiEvent>("events?limit=1", "events")).items;
    return newest ? `evt_${ulidOf(Date.parse(newest.created_at) - OVERLAP_MS)}` : "";
  }

  private failed(error: unknown): boolean {
    if (error instanceof SignedOut) this.onSignedOut();
    if (error instanceof Problem && error.status === 403) return this.withoutEvents();
    // The place is no longer one of this log: it was reset, or nobody has read it for 90 days.
    const lost = error instanceof Problem && error.status === 400;
    if (lost) {
      this.place = undefined;
      this.tell(null);
    }
    this.onState("waiting");
    return false;
  }

  /** Let every view look again by itself: the client lacks the scope of events. */
  private withoutEvents(): boolean {
    this.onState("live");
    this.tell(null);
    return false;
  }

  private tell(events: ApiEvent[] | null): void {
    for (const listener of [...this.listeners]) listener(events);
  }
}

/** Return the first ULID of a millisecond. */
function ulidOf(time: number): string {
  let text = "";
  for (let rest = time, digit = 0; digit < 10; digit++, rest = Math.floor(rest / 32))
    text = CROCKFORD[rest % 32] + text;
  return text + "0".repeat(16);
}
