import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BelayError } from '../../../errors';
import { ask } from '../../../proxies/haproxy/api';
import { adviseHaproxy, type BackendNeed, usedMaps } from '../../../proxies/haproxy/config';
import { stateFileIn } from '../../../proxies/haproxy/state-file';
import type { HaproxySpec } from '../../../spec/spec';
import { haproxyFacts } from '../../init/haproxy';
import { bad, type Check, check, ok } from '../check';
import { isWritable } from '../writable';
import { adviceCheck } from './advice';
import { examineMaps } from './haproxy-map';

interface HaproxyLookup {
  /** Name of the proxy in the spec. */
  name: string;
  spec: HaproxySpec;
  /** The spec's other HAProxies of the user's own, with their backends. */
  others?: Array<Omit<HaproxyLookup, 'others'>>;
  /** Requirements of the services behind it. */
  backends: BackendNeed[];
}

/** Checks if Belay can control an HAProxy, and what its configuration lacks. */
export async function examineHaproxy(lookup: HaproxyLookup): Promise<Check[]> {
  const { name, spec } = lookup;
  const title = `proxy ${name}`;
  const [runtime, config] = await Promise.all([
    check(title, () => runtimeApi(title, spec)),
    check(title, () => configuration(title, lookup)),
  ]);
  return [...runtime, ...config];
}

/** HAProxy reports its version, and the rights of this socket. */
async function runtimeApi(title: string, { socket }: HaproxySpec): Promise<Check> {
  const level = (await ask(socket, 'show cli level')).trim();
  const version = /^Version: (\S+)/m.exec(await ask(socket, 'show info'))?.[1] ?? 'of an unknown version';
  if (level === 'admin') return ok(title, `HAProxy ${version} answers at ${socket}, level admin`);
  return bad(
    title,
    `HAProxy ${version} answers at ${socket} with level ${level}`,
    'give its stats socket line: level admin',
  );
}

async function configuration(title: string, lookup: HaproxyLookup): Promise<Check[]> {
  const { spec, backends, others = [] } = lookup;
  const name = others.length > 0 ? lookup.name : undefined;
  const config = await readText(spec.config);
  const advice = adviseHaproxy({ config, spec, backends, name }).map((one) => adviceCheck(title, one));
  const written = backends.filter(({ backend }) => haproxyFacts(config).backends.includes(backend));
  const checks = await Promise.all([
    stateFolder(title, stateFileIn(config)),
    notLoaded(title, spec, written),
    examineMaps({ title, socket: spec.socket, maps: usedMaps(config, backends, name) }),
    sharedFiles(title, lookup),
  ]);
  const found = [...advice, ...checks.flat()];
  return found.length > 0 ? found : [ok(title, `${spec.config} has every line it needs`)];
}

/** The later of two proxies tells what both write to. A configuration that cannot be read has a check of its own. */
async function sharedFiles(title: string, { others = [], ...own }: HaproxyLookup): Promise<Check[]> {
  const files = await writtenFiles(own);
  const shared = others
    .filter(({ name }) => name < own.name)
    .map(async (other) =>
      (await writtenFiles(other))
        .filter((file) => files.includes(file))
        .map((file) =>
          bad(
            title,
            `proxies ${other.name} and ${own.name} both write to ${file}: each reads at its start what the other has written`,
            'name another file in the configuration of one of them, and reload it',
          ),
        ),
    );
  return (await Promise.all(shared)).flat();
}

/** Returns the files that Belay writes for a HAProxy, as far as its configuration names them. */
async function writtenFiles({ spec, backends }: Omit<HaproxyLookup, 'others'>): Promise<string[]> {
  const config = await readFile(spec.config, 'utf8').catch(() => '');
  const maps = usedMaps(config, backends).flatMap(({ file, written }) => (written ? [file] : []));
  return [...new Set([stateFileIn(config) ?? [], maps].flat())];
}

/** Finds changes of the file since HAProxy has read it. Another check reports an HAProxy that does not answer. */
async function notLoaded(title: string, { socket, config }: HaproxySpec, needs: BackendNeed[]): Promise<Check[]> {
  const running = await ask(socket, 'show backend').catch(() => undefined);
  if (running === undefined) return [];
  const names = running.split('\n').map((line) => line.trim());
  return needs
    .filter(({ backend }) => !names.includes(backend))
    .map(({ backend }) =>
      bad(
        title,
        `the running HAProxy has no backend ${backend}, and ${config} has: it was not reloaded since`,
        'reload HAProxy: systemctl reload haproxy',
      ),
    );
}

/** A rename replaces the state file, so its folder has to be writable. */
async function stateFolder(title: string, file: string | undefined): Promise<Check[]> {
  if (file === undefined || (await isWritable(dirname(file)))) return [];
  return [
    bad(
      title,
      `the folder of server-state-file ${file} is not writable for you`,
      `let the user that runs the worker write in ${dirname(file)}, where Belay replaces the file after every change`,
      'or let server-state-file name a file in a folder of its own',
    ),
  ];
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new BelayError('proxy-unreachable', `${path} cannot be read (${cause.code})`, {
      hint: 'let the user that runs the worker read it, or correct config in belay.yaml',
      cause,
    });
  });
}
