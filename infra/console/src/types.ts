/** What the API answers, as far as the console reads it. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Links {
  [name: string]: { href: string };
}

export interface Resource {
  id: string;
  status: string;
  created_at: string;
  updated_at?: string;
  _links: Links;
}

export interface Failure {
  code: string;
  step: string;
  detail: string;
  retriable: boolean;
}

export interface Order extends Resource {
  type: string;
  completed_at?: string;
  canceled_at?: string;
  schedule?: { mode: string; effective_at: string };
  on_hold_condition?: string;
  reference?: string;
  expected_by?: string;
  prepared_at?: string;
  reached_step?: string;
  failure?: Failure;
  _embedded?: { subscription: Subscription };
}

export interface HistoryEntry {
  status: string;
  at: string;
  reason?: string;
}

export interface SimProfile {
  id: string;
  iccid: string;
  sim_type: string;
  status: string;
  profile_status?: string;
  matching_id?: string;
  smdp_address?: string;
  _embedded?: { device: { uicc: { eid: string } } };
}

export interface Subscription extends Resource {
  ended_at?: string;
  _embedded: {
    sim_profile: SimProfile;
    account: { id: string };
    active_phone_numbers?: { msisdn: string; country: string }[];
  };
}

export interface Balance {
  type: "limited" | "unlimited";
  allowance_type: string;
  unit: string;
  initial?: number;
  remaining?: number;
  spent: number;
}

export interface Price {
  type: string;
  unit_amount: number;
  currency: string;
  recurrence?: { unit: string; unit_count: number };
}

export interface ProductOffering {
  id: string;
  name: string;
  type: string;
  validity?: { type: string; unit?: string; unit_count?: number; is_recurrent?: boolean };
}

export interface Product extends Resource {
  start_at?: string;
  started_at?: string;
  end_at?: string;
  ended_at?: string;
  billing_cycle_end_at?: string;
  expire_at?: string;
  expired_at?: string;
  _embedded: { product_offering: ProductOffering; balances: Balance[]; prices: Price[] };
}

export interface ApiEvent {
  id: string;
  type: string;
  created_at: string;
  sequence: number;
  data: { [name: string]: Json };
}

export interface Attempt {
  number: number;
  at: string;
  duration_ms: number;
  status_code?: number;
  error?: string;
  response_body?: string;
}

export interface Delivery extends Resource {
  event_id: string;
  event_type: string;
  attempts: Attempt[];
  delivered_at?: string;
  next_attempt_at?: string;
  test?: boolean;
}

export interface Webhook extends Resource {
  url: string;
  description?: string;
  enabled_events: string[];
  disabled_reason?: string;
  failing_since?: string;
  resting?: boolean;
  signing_secret?: string;
}

/** What is served at console/definitions.json: see infra/console/definitions.py. */
export interface Definitions {
  statuses: { [status: string]: string[] };
  machine: { start: string; states: { [state: string]: { next: string[]; catch: string[] } } };
  held_days: number;
  advice: { [code: string]: { meaning: string; remedy: string } };
}
