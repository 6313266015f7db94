// One node on SQLite, killed and brought back: the quickest run of the workload and the checker.
import { given, scenario } from "./scenario.mjs";

scenario("a single node is killed again and again", { nodes: 1, store: "sqlite" }, async (stage) => {
  const [node] = stage.nodes;
  for (let round = 0; round < 3 * given.longer; ++round) {
    await stage.cluster.kill9(node);
    await stage.cluster.restart(node);
    await stage.load(1_500);
  }
});
