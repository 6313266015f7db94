// One node becomes three, and three become one again, under load, unnoticed by those who ask
// ready nodes.
import { given, scenario } from "./scenario.mjs";

scenario("one node becomes three and one again", { nodes: 1, patient: true }, async (stage) => {
  for (let round = 0; round < given.longer; ++round) {
    await stage.addNode();
    await stage.addNode();
    await stage.load(2_500);
    // The first ones go: those who came later have to carry all of it.
    for (const node of stage.nodes.slice(0, 2)) {
      await stage.cluster.removeNode(node);
      await stage.load(500);
    }
  }
});
