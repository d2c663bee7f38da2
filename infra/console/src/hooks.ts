import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Client } from "./api";
import type { Follower } from "./follow";
import { clock, now } from "./time";
import type { ApiEvent, Definitions } from "./types";

export interface Session {
  client: Client;
  follower: Follower;
  definitions: Definitions;
  /** Say something to who cannot see it appear. */
  announce: (text: string) => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("nobody has signed in");
  return session;
}

export interface Live<T> {
  value: T | undefined;
  error: unknown;
  reload: () => void;
}

interface LiveOptions<T> {
  /** Whether an event changes the value. */
  touchedBy?: (event: ApiEvent) => boolean;
  /** Show the last value also while that of other inputs is loaded. */
  keep?: boolean;
  /** How many milliseconds later the value should be looked at again, without an event. */
  again?: (value: T) => number | undefined;
}

/** Load a value, and load it again whenever an event touches it; meanwhile the last one is shown. */
export function useLive<T>(load: () => Promise<T>, inputs: unknown[], options: LiveOptions<T> = {}): Live<T> {
  const { follower } = useSession();
  const [shown, show] = useState<{ value?: T; error?: unknown; of?: unknown[] }>({});
  const latest = useRef(0);
  const reload = useCallback(() => {
    const turn = ++latest.current;
    load().then(
      (value) => turn === latest.current && show({ value, of: inputs }),
      (error: unknown) => turn === latest.current && show((before) => ({ ...before, error })),
    );
  }, inputs);
  useEffect(() => {
    reload();
    return () => void latest.current++;
  }, [reload]);
  const touchedBy = options.touchedBy ?? (() => false);
  useEffect(() => follower.listen((events) => (events === null || events.some(touchedBy)) && reload()), [reload]);
  const value = shown.of && (options.keep || same(shown.of, inputs)) ? shown.value : undefined;
  const wait = value === undefined ? undefined : options.again?.(value);
  useEffect(() => {
    // Nobody sees a hidden page; it looks again when it is shown.
    const look = () => (document.hidden ? show((before) => ({ ...before })) : reload());
    const timer = wait === undefined ? 0 : setTimeout(look, wait);
    return () => clearTimeout(timer);
  }, [shown, wait, reload]);
  return { value, error: shown.error, reload };
}

const same = (some: unknown[], others: unknown[]): boolean =>
  some.every((each, index) => Object.is(each, others[index]));

export interface Action {
  run: (action: () => Promise<unknown>) => Promise<void>;
  running: boolean;
  error: unknown;
}

/** Run what somebody asks for, one at a time; remember what went wrong. */
export function useAction(): Action {
  const { follower } = useSession();
  const [state, set] = useState<{ running: boolean; error?: unknown }>({ running: false });
  const run = async (action: () => Promise<unknown>): Promise<void> => {
    set({ running: true });
    follower.hurry();
    try {
      await action();
      set({ running: false });
    } catch (error) {
      set({ running: false, error });
    }
  };
  return { run, running: state.running, error: state.error };
}

/** Return the parts of the address after the hash: the view, and the ids of what it shows. */
export function useRoute(): string[] {
  const [hash, set] = useState(location.hash);
  useEffect(() => {
    const changed = () => set(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
}

export interface SandboxTime {
  now: number;
  moving: string | undefined;
  reload: () => void;
}

export const TimeContext = createContext<SandboxTime>({ now: 0, moving: undefined, reload: () => {} });

/** Return the sandbox's time, which goes on with the machine's. */
export const useSandboxTime = (): SandboxTime => useContext(TimeContext);

const ASIDE_MS = 2000;

/** Keep the sandbox's time, for all who want to know it. */
export function useClock(): SandboxTime {
  const { client } = useSession();
  const told = useLive(
    async () => {
      const { now, moving_to } = await client.get<{ now: string; moving_to?: string }>("sandbox/clock");
      clock.ahead = Date.parse(now) - Date.now();
      return { moving_to };
    },
    [client],
    {
      // An event from the future: somebody else has moved the time.
      touchedBy: ({ created_at }) => Date.parse(created_at) > now() + ASIDE_MS,
      again: ({ moving_to }) => (moving_to ? 500 : 15_000),
    },
  );
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return { now: now(), moving: told.value?.moving_to, reload: told.reload };
}
