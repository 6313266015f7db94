/**
 * Money is counted in integer minor units (cents). The API speaks in major units with at most two
 * decimals; the conversions below are exact for every price that a ticket may have.
 */

/** 999,999.99, the most that a ticket may cost. */
export const priceMinorMax = 99_999_999;

export function minorFromMajor(major: number): number {
  return Math.round(major * 100);
}

/** The JSON number that stands for the amount: the double nearest to the decimal, printed as such. */
export function majorFromMinor(minor: number): number {
  return minor / 100;
}

export type ParsedPrice =
  | { ok: true; minor: number }
  | { ok: false; reason: "empty" | "format" | "decimals" | "zero" | "large" };

/** What a person typed as a price: "19.99", "19,99", "1 200". No floats on the way. */
export function parsePrice(text: string): ParsedPrice {
  const compact = text.replace(/[\s\u00a0\u202f]/g, "");
  if (compact === "") return { ok: false, reason: "empty" };
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(compact);
  if (match === null) return { ok: false, reason: "format" };
  const decimals = match[2] ?? "";
  // "1,200" is a thousand and more to some and a price with three decimals to others.
  if (decimals.length > 2) return { ok: false, reason: "decimals" };
  const minor = Number(match[1]) * 100 + Number(decimals.padEnd(2, "0"));
  if (minor === 0) return { ok: false, reason: "zero" };
  if (minor > priceMinorMax) return { ok: false, reason: "large" };
  return { ok: true, minor };
}

/** For an input field: "19.99". */
export function plainPrice(minor: number): string {
  const text = String(minor).padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** For reading: "$19.99", as the reader's language writes it. */
export function formatMoney(minor: number, currency: string, locale?: string): string {
  try {
    return new Intl.NumberFormat(locale, {
      style: "currency",
      currency: currency.toUpperCase(),
    }).format(majorFromMinor(minor));
  } catch {
    // Not a currency code that this browser can write.
    return `${plainPrice(minor)} ${currency.toUpperCase()}`;
  }
}
