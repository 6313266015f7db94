const firstMs = 500;
const longestMs = 20_000;

/**
 * How long to wait before try number `tries` (from 1 on): doubling, capped, and spread over the
 * upper half, so that a restarted server isn't met by everybody at once.
 */
export function backoffMs(tries: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(tries - 1, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
