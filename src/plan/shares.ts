export interface Shares {
  /** Weight of each new instance. */
  fresh: number;
  /** Weight of each old one. */
  old: number;
  /** The share of the new instances together, between 0 and 1. */
  share: number;
}

export interface Wanted {
  /** The wanted share of the new instances together, between 0 and 1. */
  share: number;
  /** Number of new instances, and of old ones. */
  fresh: number;
  old: number;
  /** The greatest weight that the proxies give a server. */
  heaviest: number;
}

/**
 * Returns whole weights for `fresh` new and `old` old instances. The share of the new ones is as near to `share` as
 * whole numbers allow. Pure.
 */
export function sharesOf(wanted: Wanted): Shares {
  const candidates = Array.from({ length: wanted.heaviest }, (_, index) => best({ ...wanted, oldWeight: index + 1 }));
  return candidates.reduce((a, b) => (Math.abs(b.share - wanted.share) < Math.abs(a.share - wanted.share) ? b : a));
}

function best({ share, fresh, old, heaviest, oldWeight }: Wanted & { oldWeight: number }): Shares {
  const exact = (share * old * oldWeight) / ((1 - share) * fresh);
  const weight = Math.min(heaviest, Math.max(1, Math.round(exact)));
  return { fresh: weight, old: oldWeight, share: (weight * fresh) / (weight * fresh + oldWeight * old) };
}
