import { commandAdapter } from '../../../proxies/command/adapter';
import type { ProxyServer } from '../../../proxies/proxy';
import type { CommandSpec } from '../../../spec/proxies';
import { type Check, check, ok, warn } from '../check';

interface CommandLookup {
  /** Name of the proxy in the spec. */
  name: string;
  spec: CommandSpec;
  /** Backends of the routes through it. */
  backends: string[];
}

/** Checks that all four commands can be started, and that `observe` answers for each backend. Changes nothing. */
export async function examineCommands({ name, spec, backends }: CommandLookup): Promise<Check[]> {
  const title = `proxy ${name}`;
  const look = (counts: boolean, backend: string) =>
    commandAdapter({ ...spec, counts }, { home: '', lock: (_name, act) => act() })
      .open({ platform: '', name })
      .observe(backend);
  const looks = backends.map((backend) =>
    check(title, async () => {
      const members = await look(spec.counts, backend);
      const seen = ok(title, `observe answers for ${backend}: ${shown(members)}`);
      if (spec.counts || members.length === 0) return seen;
      const isCounted = await look(true, backend).then(
        () => true,
        () => false,
      );
      return isCounted ? [seen, uncounted(name)] : seen;
    }),
  );
  return (await Promise.all(looks)).flat();
}

const shown = (members: ProxyServer[]): string =>
  members.length === 0
    ? 'no members'
    : members.map(({ server, address, state }) => `${server} at ${address} ${state}`).join(', ');

const uncounted = (name: string): Check =>
  warn(
    `proxy ${name}`,
    'observe says in_flight for each member, and no drain ends by it',
    `write counts: true under proxies.${name}: then a drain ends when nothing is in flight`,
  );
