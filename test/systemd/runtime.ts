import type { Project } from '../../src/project/project';
import type { Runtime } from '../../src/runtimes/runtime';
import { parseSpec } from '../../src/spec/parse';
import type { Machine } from '../../testbed/systemd/machine';
import { type Remote, remote } from './remote';

const sync = ['read', 'logCommand', 'inBoth', 'again', 'withVersion', 'facts', 'shared'];

/** Opens the adapter in the machine. */
export const runtimeIn = (machine: Machine, args: { home: string; offline?: true }): Promise<Remote<Runtime>> =>
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

/** The spec as a project whose folder is in the machine. */
export function projectIn(folder: string, spec: object): Project {
  const text = JSON.stringify(spec);
  const parsed = parseSpec({ text, file: 'belay.yaml' });
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  const reads = { files: {}, variables: [], set: [], whole: true } as unknown as Project['reads'];
  return { folder, text, spec: parsed.spec, files: {}, compose: {}, set: {}, reads };
}
