import type { FeatureCollection } from "geojson";

/** Voltages of the lines in a grid, the highest first. */
export function gridClasses(grid: FeatureCollection): number[] {
  const lines = grid.features.filter((f) => f.properties?.["kind"] === "line");
  return [...new Set(lines.map((f) => Number(f.properties?.["kv"])))].sort((a, b) => b - a);
}
