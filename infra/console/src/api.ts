/** A partner's client: it signs in, renews its token, and sends requests to the API that serves this page. */

import type { Json, Links } from "./types";

const BASE = new URL("./", location.href);
const MAX_PAUSES = 5;
const EARLY_SECONDS = 60;
export const PAGE_SIZE = 40;
/** A filtered page may hold few items or none, while there are more behind it. */
const MAX_PAGES_AT_ONCE = 10;

export interface Fault {
  code: string;
  detail: string;
  pointer?: string;
}

/** A refusal of the API. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail = "",
    readonly faults: Fault[] = [],
    readonly correlationId = "",
  ) {
    super(detail || title);
  }
}

/** The client is not known (any more). */
export class SignedOut extends Error {}

/** Return an address below the API's base. */
export const address = (path: string): string => new URL(path.replace(/^\//, ""), BASE).href;

/** Return a random key under which a request is carried out once, however often it is sent. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export class Client {
  private token = "";
  private goodUntil = 0;

  /** The secret lives here alone, as long as the page is open. */
  constructor(
    readonly id: string,
    private readonly secret: string,
  ) {}

  /** Get a token. Throw SignedOut if the client is not known. */
  async signIn(): Promise<void> {
    const grant = { grant_type: "client_credentials", client_id: this.id, client_secret: this.secret };
    const answer = await fetch(address("oauth2/token"), { method: "POST", body: new URLSearchParams(grant) });
    if (!answer.ok) throw new SignedOut("The client id is not known, or the secret is wrong.");
    const { access_token, expires_in } = await answer.json();
    this.token = access_token;
    this.goodUntil = Date.now() + (expires_in - EARLY_SECONDS) * 1000;
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>("GET", path);
  }

  post<T>(path: string, body?: Json, key = newKey()): Promise<T> {
    return this.send<T>("POST", path, body, { "Idempotency-Key": key });
  }

  patch<T>(path: string, body: Json): Promise<T> {
    return this.send<T>("PATCH", path, body, { "Idempotency-Key": newKey() });
  }

  /** Return the first items of a list: so many, if there are, in whole pages. */
  async list<T>(path: string, plural: string, count = PAGE_SIZE): Promise<T[]> {
    return (await this.find<T>(path, plural, count)).items;
  }

  /** The same, and whether there may be more. */
  async find<T>(path: string, plural: string, count = PAGE_SIZE): Promise<Found<T>> {
    const items: T[] = [];
    let page = await this.page<T>(path, plural);
    for (let left = (count / PAGE_SIZE) * MAX_PAGES_AT_ONCE; ; left--) {
      items.push(...page.items);
      if (!page.next || items.length >= count || left <= 1) return { items, more: page.next !== undefined };
      page = await page.next();
    }
  }

  /** Return a page of a list, with what loads the next one. */
  async page<T>(path: string, plural: string, limit = PAGE_SIZE): Promise<Page<T>> {
    const address = new URL(path, BASE);
    if (!address.searchParams.has("limit")) address.searchParams.set("limit", String(limit));
    const answer = await this.get<List<T>>(path.split("?")[0] + address.search);
    const onward = answer._links["next"];
    const next = onward && (() => this.page<T>(path.split("?")[0] + new URL(onward.href).search, plural));
    return { items: answer._embedded[plural] ?? [], next };
  }

  private async send<T>(method: string, path: string, body?: Json, headers: HeadersInit = {}): Promise<T> {
    for (let pauses = 0; ; pauses++) {
      const answer = await this.authorized(method, path, body, headers);
      if (answer.status !== 429 || pauses === MAX_PAUSES) return read<T>(answer);
      await pause(Number(answer.headers.get("Retry-After") ?? 1));
    }
  }

  private async authorized(method: string, path: string, body?: Json, headers?: HeadersInit): Promise<Response> {
    if (Date.now() > this.goodUntil) await this.signIn();
    const answer = await this.request(method, path, body, headers);
    if (answer.status !== 401) return answer;
    await this.signIn();
    return this.request(method, path, body, headers);
  }

  private request(method: string, path: string, body?: Json, headers?: HeadersInit): Promise<Response> {
    const sent = new Headers(headers);
    sent.set("Authorization", `Bearer ${this.token}`);
    if (body !== undefined) sent.set("Content-Type", "application/json");
    return fetch(address(path), { method, headers: sent, body: body === undefined ? null : JSON.stringify(body) });
  }
}

export interface Found<T> {
  items: T[];
  more: boolean;
}

export const NOTHING: Found<never> = { items: [], more: false };

export interface Page<T> {
  items: T[];
  next: (() => Promise<Page<T>>) | undefined;
}

interface List<T> {
  _embedded: { [plural: string]: T[] };
  _links: Links;
}

async function read<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  const value = text ? JSON.parse(text) : undefined;
  if (answer.ok) return value;
  if (answer.status === 401) throw new SignedOut("The client is no longer known.");
  throw new Problem(answer.status, value?.title ?? "", value?.detail, value?.errors, value?.correlation_id);
}

/** Return what is loaded, or nothing if the client lacks the scope for it. */
export async function unlessForbidden<T>(loading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return otherwise;
    throw error;
  }
}
