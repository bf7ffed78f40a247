import type { Deps } from '../../src/host';
import { hasEnded, readFence } from '../../src/hosts/fence';
import type { Standing } from './series';
import type { Turn } from './turn';

/** Tells whether the revision of a closed release still stands alone. A terminated release has come all the same. */
export async function serviceStanding(
  { home, temporal }: Deps,
  { ledger, token }: Turn,
  revision: number,
): Promise<Standing> {
  // A release sets the head before it gives the fence back.
  const { owner } = await readFence({ home, ...token });
  if ((await ledger.head()) !== revision) return 'over';
  if (!owner) return 'open';
  return (await hasEnded(owner, temporal)) ? 'over' : 'busy';
}

/**
 * Tells the same of all services of the platform. The release has made the revisions in `heads`; those of other services
 * stand in the turn's memory from the first look on. A terminated release leaves its fences: those of the first look are
 * nobody's, and a later one says that another release has come.
 */
export async function platformStanding(
  { home, ledger, temporal }: Deps,
  { token: { platform }, memory }: Turn,
  heads: Record<string, number>,
): Promise<Standing> {
  const services = await ledger.services(platform);
  const keys = services.map((service) => ({ platform, service }));
  const fences = await Promise.all(keys.map((key) => readFence({ home, ...key })));
  const found = await Promise.all(keys.map(async (key) => [key.service, await ledger.of(key).head()] as const));
  const now = Object.fromEntries(found.filter(([, head]) => head !== undefined));
  memory.heads ??= JSON.stringify({ ...now, ...heads });
  const owners = fences.flatMap(({ owner }) => owner ?? []);
  const isLeft = await Promise.all(owners.map((owner) => hasEnded(owner, temporal)));
  const left = owners.filter((_, index) => isLeft[index]).map(({ runId }) => runId);
  memory.left ??= JSON.stringify(left);
  if (left.length < owners.length) return 'busy';
  const [then, before]: [Record<string, number>, string[]] = [JSON.parse(memory.heads), JSON.parse(memory.left)];
  const isSame = [...Object.keys(then), ...services].every((service) => now[service] === then[service]);
  return isSame && left.every((runId) => before.includes(runId)) ? 'open' : 'over';
}
