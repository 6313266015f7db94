import type { ApiClient, Failure } from "../api/client";
import type { User } from "../api/types";
import { Observable } from "../lib/observable";

/** Who is signed in: undefined until the server has said. */
export type SessionUser = User | null | undefined;

export class Session {
  readonly user = new Observable<SessionUser>(undefined);
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Asks who is signed in. What can't be asked leaves things as they are. */
  async load(): Promise<Failure | null> {
    const outcome = await this.#api.get<{ currentUser: User | null }>("/api/users/currentuser");
    if (!outcome.ok) return outcome.failure;
    const before = this.user.value;
    const now = outcome.value.currentUser;
    if (before === undefined || before?.id !== now?.id) this.user.set(now);
    return null;
  }

  signIn(email: string, password: string): Promise<Failure | null> {
    return this.#enter("/api/users/signin", email, password);
  }

  signUp(email: string, password: string): Promise<Failure | null> {
    return this.#enter("/api/users/signup", email, password);
  }

  async signOut(): Promise<Failure | null> {
    const outcome = await this.#api.post("/api/users/signout", {});
    if (!outcome.ok && outcome.failure.status !== 401) return outcome.failure;
    this.user.set(null);
    return null;
  }

  /** The server no longer knows the session. */
  forget(): void {
    this.user.set(null);
  }

  async #enter(path: string, email: string, password: string): Promise<Failure | null> {
    const outcome = await this.#api.post<User>(path, { email, password });
    if (!outcome.ok) return outcome.failure;
    this.user.set(outcome.value);
    // The answer has no roles; an admin's page is complete once these are known.
    const current = await this.#api.get<{ currentUser: User | null }>("/api/users/currentuser");
    if (current.ok && current.value.currentUser?.id === outcome.value.id) {
      this.user.set(current.value.currentUser);
    }
    return null;
  }
}

export function isAdmin(user: SessionUser): boolean {
  return user?.roles?.includes("admin") ?? false;
}
