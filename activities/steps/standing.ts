import type { Deps } from '../../src/host';
import { readFence } from '../../src/hosts/fence';
import type { Standing } from './series';
import type { Turn } from './turn';

/** Tells whether the revision of a closed release still stands alone. */
export async function serviceStanding({ home }: Deps, { ledger, token }: Turn, revision: number): Promise<Standing> {
  if ((await ledger.head()) !== revision) return 'over';
  return (await readFence({ home, ...token })).owner ? 'busy' : 'open';
}

/**
 * Tells the same of all services of the platform. The release has made the revisions in `heads`; those of other services
 * stand in the turn's memory from the first look on.
 */
export async function platformStanding(
  { home, ledger }: Deps,
  { token: { platform }, memory }: Turn,
  heads: Record<string, number>,
): Promise<Standing> {
  const services = await ledger.services(platform);
  const keys = services.map((service) => ({ platform, service }));
  const found = await Promise.all(keys.map(async (key) => [key.service, await ledger.of(key).head()] as const));
  const now = Object.fromEntries(found.filter(([, head]) => head !== undefined));
  memory.heads ??= JSON.stringify({ ...now, ...heads });
  const fences = await Promise.all(keys.map((key) => readFence({ home, ...key })));
  if (fences.some(({ owner }) => owner)) return 'busy';
  const then: Record<string, number> = JSON.parse(memory.heads);
  return [...Object.keys(then), ...services].every((service) => now[service] === then[service]) ? 'open' : 'over';
}
