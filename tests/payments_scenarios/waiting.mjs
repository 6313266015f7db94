// Waiting for the very thing, with a deadline.

/** How long anything may take that should be there soon, on a busy machine. */
export const deadlineMs = 20_000;

const turnMs = 25;

/** Asks again until the answer is truthy, and gives it; fails at the deadline. */
export async function until(isSo, what, limitMs = deadlineMs) {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await isSo();
    if (answer) return answer;
    if (performance.now() > end) {
      const said = typeof what === "function" ? what() : what;
      throw new Error(`not within ${limitMs} ms: ${said}`);
    }
    await new Promise((over) => setTimeout(over, turnMs));
  }
}

/** Closed until `open()`; whoever waits at it goes on then. */
export class Gate {
  constructor() {
    this.opened = new Promise((open) => (this.open = open));
  }
}
