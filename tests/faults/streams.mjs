// Redis's own streams, read behind the server's back: one for each shard, `{s17}:log`, each entry one
// commit. What a later version of the store writes otherwise is reported, not guessed.

const page = 1_000;

/** [{shard, sequence, epoch (null: the entry names none), events: [{type, entity, version}]}] */
export async function readStreams(redis) {
  const entries = [];
  for (const key of await keysOf(redis)) {
    const shard = Number(/^\{s(\d+)\}:log$/.exec(key)[1]);
    for (let after = "-"; ;) {
      const found = await redis.command("XRANGE", key, after, "+", "COUNT", page);
      for (const [id, fields] of found) entries.push({ shard, ...entryOf(id, fields) });
      if (found.length < page) break;
      after = `(${found.at(-1)[0]}`;
    }
  }
  return entries;
}

async function keysOf(redis) {
  const keys = new Set();
  let cursor = "0";
  do {
    const [next, found] = await redis.command("SCAN", cursor, "MATCH", "{s*}:log", "COUNT", 1_000);
    for (const key of found) keys.add(key);
    cursor = next;
  } while (cursor !== "0");
  return [...keys].sort();
}

function entryOf(id, fields) {
  const named = {};
  for (let at = 0; at < fields.length; at += 2) named[fields[at]] = fields[at + 1];
  const lines = (named.e ?? "").split("\n").filter(Boolean);
  return {
    id,
    epoch: named.epoch === undefined ? null : Number(named.epoch),
    events: lines.map((line) => {
      const [type, entity, version] = line.split(" ");
      return { type, entity, version: Number(version) };
    }),
  };
}
