// A node is frozen for longer than its lease lasts and wakes up believing that it still owns its
// shards: everything that it then does has to be refused by the store.
import { given, scenario } from "./scenario.mjs";

/** How often a node wakes up; what is on its way when it is frozen differs each time. */
const rounds = 3;

scenario("a node is frozen past its lease", { nodes: 3 }, async (stage) => {
  for (let round = 0; round < rounds * given.longer; ++round) {
    const node = stage.anyNode();
    // Cut off first, what it sends stays on its way, and arrives when others own its shards.
    if (stage.canCut && round % rounds !== 1) {
      stage.cluster.cutFromStore(node);
      await stage.load(400);
    }
    stage.cluster.pause(node);
    await stage.takeover(node);
    if (stage.canCut) stage.cluster.heal(node);
    stage.cluster.resume(node);
    await stage.load(700);
  }
});
