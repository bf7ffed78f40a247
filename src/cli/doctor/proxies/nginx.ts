import { basename } from 'node:path';
import { asBelayError } from '../../../errors';
import { adviseNginx, versionIn } from '../../../proxies/nginx/advisor';
import { pathOf, readList } from '../../../proxies/nginx/files';
import { testConfig } from '../../../proxies/nginx/reload';
import { serversOf } from '../../../proxies/nginx/upstreams';
import { workersOf } from '../../../proxies/nginx/workers';
import { runProgram } from '../../../run-program';
import type { NginxSpec } from '../../../spec/proxies';
import type { Spec } from '../../../spec/spec';
import { bad, type Check, check, ok } from '../check';
import { isWritable } from '../writable';
import { adviceCheck } from './advice';

interface NginxLookup {
  /** Name of the proxy in the spec. */
  name: string;
  spec: NginxSpec;
  /** The backends of the routes through it. */
  keys: string[];
}

/** Checks if Belay can control an nginx, and what its configuration lacks. */
export async function examineNginx({ name, spec, keys }: NginxLookup): Promise<Check[]> {
  const title = `proxy ${name}`;
  const [running, lists, config] = await Promise.all([
    check(title, () => master(title, spec)),
    check(title, () => listChecks(title, spec, keys)),
    check(title, () => configuration(title, spec, keys)),
  ]);
  return [...running, ...lists, ...config];
}

/** Returns the backends of the routes through a proxy, each once. Pure. */
export const keysOf = ({ services }: Spec, proxy: string): string[] => [
  ...new Set(
    Object.entries(services).flatMap(([name, { routes }]) =>
      routes.filter((route) => route.proxy === proxy).map(({ backend }) => backend ?? name),
    ),
  ),
];

async function master(title: string, { pid, reload }: NginxSpec): Promise<Check> {
  const workers = await workersOf(pid);
  if (basename(reload[0]!) === 'nginx' && !maySignal(workers.master)) {
    const todo =
      'run the worker as root, or let reload: in belay.yaml be a command that it may use: [sudo, nginx, -s, reload]';
    return bad(title, `you may not reload nginx (process ${workers.master}): it belongs to another user`, todo);
  }
  return ok(title, `nginx runs: process ${workers.master}, ${workers.current.length} workers`);
}

function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function listChecks(title: string, spec: NginxSpec, keys: string[]): Promise<Check[]> {
  const { config } = spec;
  const each = await Promise.all(keys.map((key) => listCheck(title, spec, key)));
  if (await isWritable(config)) return each.flat();
  const todo = `let the user that runs the worker write in ${config}, where Belay replaces the files at every change`;
  return [...each.flat(), bad(title, `the folder ${config} is not writable for you`, todo)];
}

async function listCheck(title: string, spec: NginxSpec, key: string): Promise<Check[]> {
  const { config: folder } = spec;
  try {
    await readList(folder, key);
    return [];
  } catch (error) {
    const { message, hint } = asBelayError(error);
    if (!message.includes('(ENOENT)')) return [bad(title, message, ...(hint ? [hint] : []))];
    const path = pathOf(folder, key);
    const servers = serversOf(await testConfig(spec).catch(() => ''), key);
    const todo =
      servers.length > 0
        ? ['Make it with the servers that nginx has now:']
        : ['Move the server lines of your upstream there, one a line with their options. Only if it has none yet:'];
    const made =
      servers.length > 0 ? [`cat > ${path} <<'end'`, ...servers, 'end'] : [`echo 'server 127.0.0.1:1 down;' > ${path}`];
    const lines = [`install -d ${folder}`, ...made];
    return [{ ...bad(title, `${path}, the servers of backend ${key}, is not there`), todo, lines }];
  }
}

async function configuration(title: string, spec: NginxSpec, keys: string[]): Promise<Check[]> {
  const [config, version] = await Promise.all([testConfig(spec), versionOf(spec)]);
  const lists = keys.map((key) => ({ key, path: pathOf(spec.config, key) }));
  const advice = adviseNginx({ config, version, lists }).map((one) => adviceCheck(title, one));
  const said = version ? `the configuration of nginx ${version.join('.')}` : 'the configuration of nginx';
  return advice.length > 0 ? advice : [ok(title, `${said} has every line it needs`)];
}

/** nginx says its version beside any other answer. */
async function versionOf({ test: [command, ...args] }: NginxSpec) {
  const { errors } = await runProgram({
    command: command!,
    args: [...args, '-v'],
    timeout: 10_000,
    most: 64 * 1024 ** 2,
  });
  return versionIn(errors);
}
