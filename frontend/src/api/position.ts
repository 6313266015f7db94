/**
 * The last position of the feed that this page has seen. It is sent with every request, so that no
 * answer is older than what the page shows already. Positions are opaque: two of them can't be
 * compared, only their order of arrival is known.
 */
export class SeenPosition {
  #position: string | null = null;
  #writes = 0;

  get value(): string | null {
    return this.#position;
  }

  /** How many writes were answered. Take it when a subscription is sent. */
  get writes(): number {
    return this.#writes;
  }

  noteWrite(position: string): void {
    if (position === "") return;
    this.#position = position;
    this.#writes += 1;
  }

  /**
   * A subscription's position was taken at some time after it was sent. If a write was answered
   * since, the write's may be the later one and is kept.
   */
  noteSubscribed(position: string, writesWhenSent: number): void {
    if (this.#writes !== writesWhenSent && this.#position !== null) return;
    // A store without a single change has no position yet.
    this.#position = position === "" ? null : position;
  }

  /**
   * The server doesn't get to this position: its store may be a restored backup, which ends before
   * it. A later one, learnt meanwhile, is kept.
   */
  forget(position: string): void {
    if (this.#position === position) this.#position = null;
  }
}
