/** Hosts that are this very machine, where tests and trials have their providers. */
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The provider's page to go to, or null for an address that isn't one: HTTPS alone, or plain HTTP
 * from a page of this machine to this machine.
 */
export function providerAddress(url: string | undefined, host: string): string | null {
  let parsed: URL;
  try {
    parsed = new URL(url ?? "");
  } catch {
    return null;
  }
  if (parsed.username !== "" || parsed.password !== "") return null;
  if (parsed.protocol === "https:") return parsed.href;
  if (parsed.protocol !== "http:") return null;
  return parsed.hostname === host && loopback.has(host) ? parsed.href : null;
}
