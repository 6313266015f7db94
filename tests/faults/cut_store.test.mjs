// The link between a node and Redis is cut without a word, for longer than its lease, then for less.
import { given, scenario } from "./scenario.mjs";

scenario("a node is cut off from Redis", { nodes: 3 }, async (stage) => {
  for (let round = 0; round < given.longer; ++round) {
    const node = stage.anyNode();
    stage.cluster.cutFromStore(node);
    await stage.untilNotReady(node);
    await stage.takeover(node);
    stage.cluster.heal(node);
    await stage.load(1_500);
    const other = stage.anyNode((one) => one !== node);
    stage.cluster.cutFromStore(other);
    await stage.load(stage.leaseMs / 2);
    stage.cluster.heal(other);
    await stage.load(1_000);
  }
});
