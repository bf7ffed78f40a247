export interface Shares {
  /** Of each new instance. */
  fresh: number;
  /** Of each old one. */
  old: number;
  /** What the new ones take together with these, between 0 and 1. */
  share: number;
}

export interface Wanted {
  /** Of the new ones together, between 0 and 1. */
  share: number;
  /** How many new instances, and how many old ones. */
  fresh: number;
  old: number;
  /** The greatest weight that their proxies give a server. */
  heaviest: number;
}

/**
 * Whole weights by which `fresh` instances together take as nearly `share` of the traffic as whole numbers allow, where
 * `old` instances take the rest. Pure.
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
