// What can be shown of the hours to come; the names are those of the API.
export const MEASURES = ["people_off", "people_without_heat", "people_below_16"] as const;
export type Measure = (typeof MEASURES)[number];
