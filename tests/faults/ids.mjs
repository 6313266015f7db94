// What can be read off ids and positions. Clients must not look inside; a judge may.

const slots = 16_384;

/** The shard that an entity of this id lives in. */
export function shardOf(id, shards) {
  const high = parseInt(id.slice(15, 18), 16);
  const low = parseInt(id[19], 16) & 3;
  return Math.floor((((high << 2) | low) * shards) / slots);
}

/** "0-123_7-42" as a map from stream to sequence. */
export function parsePosition(text) {
  if (!text) return new Map();
  return new Map(text.split("_").map((part) => part.split("-").map(Number)));
}

/** A feed event's id, "0-123_7-42.7.0", as {stream, sequence, index}. */
export function parseFeedId(text) {
  const [reached, stream, index] = text.split(".");
  return {
    stream: Number(stream),
    sequence: parsePosition(reached).get(Number(stream)),
    index: Number(index),
  };
}

/** Numbers in [0, 1) that a seed decides. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
