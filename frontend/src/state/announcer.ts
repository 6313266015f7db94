import { Observable } from "../lib/observable";

export interface Notice {
  id: number;
  text: string;
}

const noticeMs = 6000;

/** Says things: politely to screen readers, and as a short notice to everybody. */
export class Announcer {
  /** What the polite live region holds. */
  readonly spoken = new Observable("");
  readonly notices = new Observable<Notice[]>([]);
  #count = 0;

  /** For listeners alone; the page shows it elsewhere. */
  say(text: string): void {
    // The same words again are only heard if the text differs.
    this.spoken.set(text === this.spoken.value ? `${text}\u00a0` : text);
  }

  /** For everybody, for a few seconds. */
  notify(text: string): void {
    this.#count += 1;
    const notice = { id: this.#count, text };
    this.notices.set([...this.notices.value, notice].slice(-3));
    this.say(text);
    setTimeout(() => this.dismiss(notice.id), noticeMs);
  }

  dismiss(id: number): void {
    this.notices.set(this.notices.value.filter((notice) => notice.id !== id));
  }
}
