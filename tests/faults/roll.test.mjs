// All nodes are replaced one after the other, and nobody who asks ready nodes notices anything.
import { given, scenario } from "./scenario.mjs";

scenario("all nodes are rolled", { nodes: 3, patient: true }, async (stage) => {
  for (let round = 0; round < given.longer; ++round) {
    await stage.cluster.rollAll();
    await stage.load(500);
  }
});
