// Claims marked in a report's text.

interface Spanned {
  id: string;
  span: { start: number; end: number };
}

export interface Stretch {
  text: string;
  claims: string[];
}

/**
 * Cut a text where claims begin and end; each stretch names the claims that cover it.
 *
 * Spans count Unicode code points, as the server does; JavaScript strings count UTF-16 units.
 */
export function cutByClaims(text: string, claims: readonly Spanned[]): Stretch[] {
  const points = Array.from(text);
  const cuts = new Set([0, points.length]);
  for (const { span } of claims) {
    cuts.add(Math.min(span.start, points.length));
    cuts.add(Math.min(span.end, points.length));
  }
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, i) => {
    const end = edges[i + 1] ?? points.length;
    return {
      text: points.slice(start, end).join(""),
      claims: claims.filter((c) => c.span.start <= start && end <= c.span.end).map((c) => c.id),
    };
  });
}
