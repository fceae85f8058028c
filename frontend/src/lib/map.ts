// Geometry of the map: projection, shades, marks.
import { geoArea, geoConicConformal, type GeoProjection } from "d3-geo";
import type { Feature, FeatureCollection, Geometry, Position } from "geojson";

export const WIDTH = 1000;
export const HEIGHT = 680;
const MARGIN = 12;
const HALF_SPHERE = 2 * Math.PI;

/** Least share of people without power in each shade; the last reaches 1. */
export const SHADE_FROM = [0, 0.01, 0.05, 0.1, 0.25, 0.5] as const;

/** CSS colour of a share; null: nothing is known. */
export function shade(share: number | null): string {
  if (share === null) return "var(--shade-unknown)";
  const i = SHADE_FROM.filter((from) => share >= from).length - 1;
  return `var(--shade-${Math.max(i, 0)})`;
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
