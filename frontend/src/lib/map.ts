// Geometry of the map: projection, shades, marks.
import { geoArea, geoConicConformal, type GeoProjection } from "d3-geo";
import type { Feature, FeatureCollection, Geometry, Position } from "geojson";
import type { DistrictEntry, Knowledge } from "./api";
import type { Shown } from "./hours";

/** A district as it is drawn; `entry` is absent where the audience is told nothing of it. */
export interface Cell extends Shown {
  id: string;
  d: string;
  x: number;
  y: number;
  name: string;
  entry: DistrictEntry | undefined;
  knowledge: Knowledge;
  isReported: boolean;
  bearsOnIncident: boolean;
}

export const WIDTH = 1000;
export const HEIGHT = 680;
const MARGIN = 12;
const HALF_SPHERE = 2 * Math.PI;

/** Least share of people in each shade; the last reaches 1. */
export const SHADE_FROM = [0, 0.01, 0.05, 0.1, 0.25, 0.5] as const;

/** CSS colour of what is told. */
export function shade({ told, share }: Pick<Shown, "told" | "share">): string {
  if (told === "nobody") return "var(--panel)";
  if (share === null) return "var(--shade-unknown)";
  const i = SHADE_FROM.filter((from) => share >= from).length - 1;
  return `var(--shade-${Math.max(i, 0)})`;
}

/** What is drawn over the colour, so that it does not have to be told from another. */
export function cover({ told, isReported }: Cell): string {
  if (told === "nobody") return "url(#nobody)";
  if (told === "unknown") return "url(#not-known)";
  return isReported ? "transparent" : "url(#no-report)";
}

export function fitProjection(districts: FeatureCollection): GeoProjection {
  const lons = districts.features.map((f) => Number(f.properties?.["lon"]));
  const lats = districts.features.map((f) => Number(f.properties?.["lat"]));
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const step = (north - south) / 6;
  return geoConicConformal()
    .parallels([south + step, north - step])
    .rotate([-(Math.min(...lons) + Math.max(...lons)) / 2, 0])
    .fitExtent(
      [
        [MARGIN, MARGIN],
        [WIDTH - MARGIN, HEIGHT - MARGIN],
      ],
      districts,
    );
}

/** GeoJSON rings run counter-clockwise outside; d3-geo wants the way that encloses less. */
export function rewind(collection: FeatureCollection): FeatureCollection {
  return {
    ...collection,
    features: collection.features.map((f): Feature => ({ ...f, geometry: rewindGeometry(f.geometry) })),
  };
}

function rewindGeometry(geometry: Geometry): Geometry {
  if (geometry.type === "Polygon") {
    return { ...geometry, coordinates: geometry.coordinates.map(rewindRing) };
  }
  if (geometry.type === "MultiPolygon") {
    return { ...geometry, coordinates: geometry.coordinates.map((p) => p.map(rewindRing)) };
  }
  return geometry;
}

function rewindRing(ring: Position[], index: number): Position[] {
  const isLarge = geoArea({ type: "Polygon", coordinates: [ring] }) > HALF_SPHERE;
  return isLarge === (index === 0) ? [...ring].reverse() : ring;
}

export interface Label {
  id: string;
  /** Where the mark or dot stands, in pixels of the screen at the present zoom. */
  x: number;
  y: number;
  text: string;
  /** It has a mark, not a dot. */
  isMarked: boolean;
  isStrong: boolean;
}

export interface Placed {
  dx: number;
  dy: number;
  anchor: "start" | "end" | "middle";
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Put each label beside its mark where it covers no other; a weak one with no room is left out. */
export function placeLabels(labels: readonly Label[], mapWidth: number): Map<string, Placed> {
  const taken: Box[] = labels.filter((l) => l.isMarked).map((l) => around(l.x, l.y, 12));
  const placed = new Map<string, Placed>();
  for (const label of labels) {
    const gap = label.isMarked ? 15 : 6;
    const width = label.text.length * (label.isStrong ? 8.6 : 7.2);
    const spots: readonly (readonly [Placed, Box])[] = [
      [{ dx: gap, dy: 4, anchor: "start" }, [gap, -8, gap + width, 8]],
      [{ dx: -gap, dy: 4, anchor: "end" }, [-gap - width, -8, -gap, 8]],
      [{ dx: 0, dy: gap + 10, anchor: "middle" }, [-width / 2, gap - 2, width / 2, gap + 14]],
      [{ dx: 0, dy: -gap - 2, anchor: "middle" }, [-width / 2, -gap - 14, width / 2, -gap + 2]],
    ];
    const free = spots.find(([, box]) => {
      const at = shift(box, label);
      return at[0] > 0 && at[2] < mapWidth && !taken.some((other) => overlaps(at, other));
    });
    const chosen = free ?? (label.isStrong ? spots[0] : undefined);
    if (!chosen) continue;
    placed.set(label.id, chosen[0]);
    taken.push(shift(chosen[1], label));
    if (!label.isMarked) taken.push(around(label.x, label.y, 3));
  }
  return placed;
}

const around = (x: number, y: number, r: number): Box => [x - r, y - r, x + r, y + r];
const shift = ([l, t, r, b]: Box, by: { x: number; y: number }): Box => [l + by.x, t + by.y, r + by.x, b + by.y];
const overlaps = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

const DIRECTIONS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The nearest point in the direction of an arrow key. */
export function neighbour<T extends { x: number; y: number }>(
  from: T,
  all: readonly T[],
  key: string,
): T | undefined {
  const [dx, dy] = DIRECTIONS[key] ?? [0, 0];
  let best: T | undefined;
  let bestCost = Infinity;
  for (const to of all) {
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const across = Math.abs((to.x - from.x) * dy - (to.y - from.y) * dx);
    if (along > 0 && along + 2 * across < bestCost) {
      best = to;
      bestCost = along + 2 * across;
    }
  }
  return best;
}
