// What came from the server, and what is on its way.
import type { FeatureCollection } from "geojson";
import { ApiError, get, type Picture, type Progress, send, type User } from "./api";
import type { Audience } from "./api";
import { t } from "./i18n.svelte";

const PROGRESS_EVERY_MS = 400;

export interface Moment {
  at: string;
  source: string;
}

class Data {
  picture = $state.raw<Picture | null>(null);
  isLoading = $state(false);
  progress = $state.raw<Progress | null>(null);
  error = $state<string | null>(null);
  user = $state.raw<User | null>(null);
  districts = $state.raw<FeatureCollection | null>(null);
  outline = $state.raw<FeatureCollection | null>(null);
  grid = $state.raw<FeatureCollection | null>(null);
  /** Every moment at which a report came in, also those after the one looked at. */
  moments = $state.raw<Moment[]>([]);

  #request: AbortController | null = null;

  /** Load a picture; the newest request wins. `quiet`: keep what is shown until it is there. */
  async load(audience: Audience, at: string | null, quiet = false): Promise<void> {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    const timer = quiet ? undefined : setInterval(() => void this.#poll(), PROGRESS_EVERY_MS);
    if (!quiet) {
      this.isLoading = true;
      this.error = null;
      // A view of another audience must not stay on the screen while the new one is fetched.
      if (this.picture?.audience !== audience) this.picture = null;
    }
    try {
      const picture = await get<Picture>(pictureUrl(audience, at), request.signal);
      if (this.#request !== request) return;
      this.picture = picture;
      this.error = null;
      if (at === null) this.moments = momentsOf(picture);
      else if (this.moments.length === 0) void this.#loadMoments(audience);
    } catch (error) {
      if (this.#request === request) this.error = explain(error);
    } finally {
      clearInterval(timer);
      if (this.#request === request) {
        this.isLoading = false;
        this.progress = null;
      }
    }
  }

  async loadMaps(): Promise<void> {
    try {
      [this.outline, this.districts, this.user] = await Promise.all([
        get<FeatureCollection>("api/map/outline"),
        get<FeatureCollection>("api/map/districts"),
        get<User | null>("api/session"),
      ]);
    } catch (error) {
      this.error = explain(error);
    }
  }

  async loadGrid(): Promise<void> {
    try {
      this.grid ??= await get<FeatureCollection>("api/map/grid?audience=operator");
    } catch (error) {
      this.error = explain(error);
    }
  }

  async openSession(name: string): Promise<void> {
    this.user = await send<User>("POST", "api/session", { name });
  }

  async #poll(): Promise<void> {
    try {
      this.progress = await get<Progress>("api/progress");
    } catch {
      this.progress = null;
    }
  }

  async #loadMoments(audience: Audience): Promise<void> {
    try {
      this.moments = momentsOf(await get<Picture>(pictureUrl(audience, null)));
    } catch (error) {
      this.error = explain(error);
    }
  }
}

export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return t("server_unreachable");
  return [error.message, ...error.problems].join(" ");
}

function pictureUrl(audience: Audience, at: string | null): string {
  // Views that need the rest ask for it: see fetched.svelte.ts.
  const query = new URLSearchParams({ audience });
  for (const part of ["services", "assets"]) query.append("without", part);
  if (at !== null) query.set("at", at);
  return `api/picture?${query}`;
}

function momentsOf(picture: Picture): Moment[] {
  return picture.reports
    .map((r) => ({ at: r.received_at, source: r.title ?? r.channel ?? r.source }))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export const data = new Data();
