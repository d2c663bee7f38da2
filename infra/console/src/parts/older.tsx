import { type Found, PAGE_SIZE } from "../api";

interface OlderProps {
  what: string;
  of: Found<unknown> | undefined;
  wanted: number;
  want: (wanted: number) => void;
}

/** A button for what lies behind the items of a list that are shown. */
export const Older = ({ what, of, wanted, want }: OlderProps) =>
  of?.more ? (
    <p>
      <button type="button" onClick={() => want(wanted + PAGE_SIZE)}>
        Show older {what}
      </button>
    </p>
  ) : null;
