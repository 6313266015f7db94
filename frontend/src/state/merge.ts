/** Anything with a version that grows by one with every committed change. */
export interface Versioned {
  id: string;
  version: number;
}

/** What is known of one entity. A deleted one stays known, so that nothing older revives it. */
export interface Known<T extends Versioned> {
  entity: T;
  deleted: boolean;
}

/**
 * The later of two states of one entity: the higher version, and between equals the deletion,
 * which is final. Returns `known` itself when the incoming state brings nothing new.
 */
export function later<T extends Versioned>(
  known: Known<T> | undefined,
  incoming: Known<T>,
): Known<T> {
  if (known === undefined) return incoming;
  if (known.deleted || incoming.entity.version < known.entity.version) return known;
  if (incoming.entity.version === known.entity.version && !incoming.deleted) return known;
  return incoming;
}
