import { BelayError } from '../errors';
import type { Deps } from '../host';
import { peekFence } from '../hosts/fence';
import type { ServiceKey } from '../hosts/home';
import type { DesiredService } from '../model/desired';
import { imageWord } from '../model/instance-name';
import { headOf } from '../revisions/head-of';
import { runtimesHere, runtimesIn } from '../revisions/runtimes-in';
import type { NamedArtifact } from '../runtimes/runtime';
import { listed } from '../spec/sentences';

interface Trace extends ServiceKey {
  revision: number;
  /** A container's name, or a tag. */
  name: string;
}

const most = 5;

/**
 * Containers and images named like Belay's without a record in this host's ledger, one line a service. Another home on
 * this engine may own them, so Belay only names them.
 */
export async function strangers(deps: Deps, platform?: string): Promise<string[]> {
  const runtimes = await runtimesHere(deps);
  const instances: Trace[] = (await Promise.all(runtimes.map((one) => one.labelled()))).flat();
  const kept = (await Promise.all(runtimes.map(({ artifacts }) => artifacts.all()))).flat();
  const named = await Promise.all(kept.map((one) => traceOf(deps, one)));
  const asked = [...instances, ...named].filter((one) => platform === undefined || one.platform === platform);
  const known = await Promise.all(asked.map((one) => isKnown(deps, one)));
  const foreign = asked.filter((_, index) => !known[index]);
  return [...new Set(foreign.map(serviceOf))].map((service) =>
    leftAlone(
      service,
      foreign.filter((one) => serviceOf(one) === service),
    ),
  );
}

/**
 * Throws `preflight-failed` where instances of a service run that has no revision in this host's ledger: a first release
 * would replace them, and its rollback could not bring them back.
 */
export async function refuseStrangers(
  deps: Deps,
  { platform, services }: { platform: string; services: Array<Pick<DesiredService, 'service' | 'runtime'>> },
): Promise<void> {
  const heads = await Promise.all(services.map(({ service }) => headOf(deps, { platform, service })));
  const first = services.filter((_, index) => heads[index] === undefined);
  const names = first.map(({ service }) => service);
  const runtimes = runtimesIn(deps, first);
  const found = (await Promise.all(runtimes.map((one) => one.labelled()))).flat();
  const asked = found.filter((one) => one.running && one.platform === platform && names.includes(one.service));
  const known = await Promise.all(asked.map((one) => isKnown(deps, one)));
  const foreign = asked.filter((_, index) => !known[index]);
  if (foreign.length === 0) return;
  const named = foreign.map(({ name }) => name);
  throw new BelayError(
    'preflight-failed',
    `${listed(named)} ${named.length > 1 ? 'run' : 'runs'}, and the ledger in ${deps.home} does not know ${platform}: another BELAY_HOME has released it`,
    {
      hint: 'start the worker with that BELAY_HOME; if it is lost, belay release --take-over replaces them, and no rollback brings them back',
    },
  );
}

const serviceOf = ({ platform, service }: ServiceKey): string => `${platform}/${service}`;

async function traceOf({ ledger }: Deps, { platform, word, revision, tag }: NamedArtifact): Promise<Trace> {
  // Tags spell a service's name with fewer letters.
  const service = (await ledger.services(platform)).find((one) => imageWord(one) === word) ?? word;
  return { platform, service, revision, name: tag };
}

/**
 * True if the ledger or a fence on this host knows it. A running release may have launched instances before it recorded
 * them.
 */
async function isKnown({ home, ledger }: Deps, { revision, platform, service }: Trace): Promise<boolean> {
  const key = { platform, service };
  const look = async () => (await ledger.of(key).revision(revision)) ?? (await peekFence({ home, ...key }))?.owner;
  // A label may be foreign, and name no file.
  return (await look().catch(() => undefined)) !== undefined;
}

function leftAlone(service: string, traces: Trace[]): string {
  const names = traces.slice(0, most).map(({ name }) => name);
  const more = traces.length > most ? `, … ${traces.length - most} more` : '';
  return `${service}: this host's ledger does not know ${names.join(', ')}${more}; left alone, because another Belay may own it`;
}
