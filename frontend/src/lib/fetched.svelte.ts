// What one view needs and the picture leaves out: fetched when the view opens, anew with the picture.
import { get, type Picture } from "./api";
import { explain } from "./data.svelte";
import { view } from "./view.svelte";

export interface Fetched<T> {
  readonly value: T | null;
  readonly problem: string | null;
}

/** Ask for `path` as the picture's audience and moment see it; call while a component is made. */
export function fetched<T>(path: () => string, picture: () => Picture): Fetched<T> {
  let value = $state.raw<T | null>(null);
  let problem = $state<string | null>(null);
  const url = $derived.by(() => {
    const query = new URLSearchParams({ audience: picture().audience });
    if (view.place.at !== null) query.set("at", view.place.at);
    return `${path()}?${query}`;
  });
  let shown = "";

  async function load(from: string, signal: AbortSignal) {
    if (from !== shown) value = null;
    shown = from;
    try {
      const found = await get<T>(from, signal);
      if (signal.aborted) return;
      value = found;
      problem = null;
    } catch (error) {
      if (!signal.aborted) problem = explain(error);
    }
  }
  $effect(() => {
    void picture().seq; // a report more may change it
    const request = new AbortController();
    void load(url, request.signal);
    return () => request.abort();
  });
  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
  };
}
