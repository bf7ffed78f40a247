import type { Project } from '../../src/project/project';
import type { Runtime, Sources } from '../../src/runtimes/runtime';
import { parseSpec } from '../../src/spec/parse';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import type { AdapterArgs } from './adapter';
import { type Remote, remote } from './remote';

const sync = ['read', 'logCommand', 'inBoth', 'again', 'withVersion', 'facts', 'shared'];

/** Opens the adapter in the machine. */
export const runtimeIn = (machine: Machine, args: AdapterArgs): Promise<Remote<Runtime>> =>
  remote<Runtime>(machine, {
    module: '/opt/belay/dist/test/systemd/adapter.js',
    name: 'openRuntime',
    args: [args],
    sync,
  });

/** A program that says `up` and tells systemd so; it listens at the port in its arguments, if that is one. */
export const listener = `#!/usr/bin/node
const { spawnSync } = require('node:child_process');
const port = Number(process.argv[2]);
const up = () => {
  console.log('up');
  spawnSync('systemd-notify', ['--ready']);
};
process.on('SIGTERM', () => process.exit(0));
if (port > 1023) require('node:http').createServer((_, answer) => answer.end('up')).listen(port, '127.0.0.1', up);
else {
  setInterval(() => undefined, 1000);
  up();
}
`;

/** The spec as a project whose folder is in the machine; without `placed`, since a function cannot go there. */
export function projectIn(folder: string, spec: object): Project {
  const text = JSON.stringify(spec);
  const parsed = parseSpec({ text, file: 'belay.yaml' });
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  const reads = { files: {}, variables: [], set: [], whole: true } as unknown as Project['reads'];
  const project: Omit<Project, 'placed'> = {
    folder,
    text,
    spec: parsed.spec,
    files: {},
    compose: {},
    set: {},
    overlay: {},
    reads,
  };
  return project as Project;
}

interface Asked {
  name: string;
  revision: number;
  /** The service as in the spec. */
  service: object;
  /** Host port by container port, of an instance of a template. */
  ports?: Record<string, number>;
}

export interface Releasing {
  /** Opens the sources of one service, in /srv/project. */
  plan(asked: Pick<Asked, 'name' | 'service'>): Promise<Sources>;
  /** Does what a release does for one instance, up to its start. Returns the instance's name. */
  release(asked: Asked): Promise<string>;
  /** Does the same for the run of a job, which is not started. Returns its name. */
  job(asked: Asked & { command: string[] }): Promise<string>;
}

/** The steps of a release by the adapter alone. */
export function releasing(runtime: Runtime): Releasing {
  const plan: Releasing['plan'] = ({ name, service }) => {
    const project = projectIn('/srv/project', {
      platform: 'shop',
      services: { [name]: { runtime: 'systemd', ...service } },
    });
    return runtime.sources.open({ project });
  };
  const prepared = async ({ name, revision, service }: Asked) => {
    const sources = await plan({ name, service });
    const facts = sources.facts(name);
    const [problem] = facts.problems;
    if (problem) throw new Error(`${problem.why} -> ${problem.hint}`);
    const { artifact } = await runtime.artifacts.pin({ ref: facts.artifact! });
    const key = { platform: 'shop', service: name, revision };
    await runtime.artifacts.fetch({ artifact, keep: key });
    const identity = { ...key, instance: 1, fingerprint: `f${revision}`, release: 'release/shop/1' };
    const stop = { grace: 5_000 };
    const whole = { ...identity, instance: 0 };
    const parts = await sources.template(name, { identity: whole, artifact, stop, routed: false });
    await runtime.ensure(parts);
    return { facts, identity, template: parts.create };
  };
  return {
    plan,
    async release(asked) {
      const { facts, identity, template } = await prepared(asked);
      const own = Object.fromEntries((facts.hostPorts ?? []).map((port) => [port, port]));
      const instance = `shop-${asked.name}-r${asked.revision}-1`;
      await runtime.create({ name: instance, template, instance: { identity, ports: asked.ports ?? own } });
      await runtime.start(instance);
      return instance;
    },
    async job({ command, ...asked }) {
      const { identity, template } = await prepared(asked);
      const name = `shop-${asked.name}-r${asked.revision}-job-up`;
      await runtime.create({ name, template, instance: { identity, ports: {}, job: { name: 'up', command } } });
      return name;
    },
  };
}

/** A machine with the adapter on it, and short words for what tests do there. */
export interface UnitMachine extends Releasing {
  machine: Machine;
  runtime: Runtime;
  /** Opens another adapter whose calls of systemctl fail where their words match the pattern. */
  failing(pattern: string): Promise<Remote<Runtime>>;
  shell(text: string): Promise<string>;
  property(name: string, of: string): Promise<string>;
  /** Writes an executable of the project. */
  build(name: string, text: string): Promise<void>;
  /** Writes units, and has systemd read them. */
  install(units: Record<string, string>): Promise<void>;
  /** States of the instances of a service, with exit codes. */
  states(service: string, project?: string): Promise<Record<string, string>>;
}

export async function openUnitMachine(name: string): Promise<UnitMachine> {
  const machine = await bootMachine({ name });
  const home = '/var/lib/belay';
  const { object: runtime } = await runtimeIn(machine, { home });
  const shell = (text: string) => machine.exec('sh', ['-c', text]);
  return {
    machine,
    runtime,
    ...releasing(runtime),
    async failing(pattern) {
      const systemctl = `/usr/local/bin/without-${pattern.replaceAll(/\W/g, '')}`;
      const text = `#!/bin/sh\ncase "$*" in *${pattern}*) echo "no ${pattern} today" >&2; exit 1;; esac\nexec systemctl "$@"\n`;
      await machine.write(systemctl, text, 0o755);
      return await runtimeIn(machine, { home, systemctl });
    },
    shell,
    property: (property, of) => machine.exec('systemctl', ['show', '--value', '-p', property, of]),
    build: (file, text) => machine.write(`/srv/project/${file}`, text, 0o755),
    async install(units) {
      for (const [unit, text] of Object.entries(units)) await machine.write(`/etc/systemd/system/${unit}`, text);
      await machine.exec('systemctl', ['daemon-reload']);
    },
    states: async (service, project) =>
      Object.fromEntries(
        (await runtime.observe({ platform: 'shop', service, project })).map(({ name, state, exitCode }) => [
          name,
          exitCode === undefined ? state : `${state} ${exitCode}`,
        ]),
      ),
  };
}
