import type { Machine } from '../../testbed/systemd/machine';
import { waitFor } from '../../testbed/wait';

/** Requests in a machine, one after the other. */
export interface Load {
  /** Resolves when an answer begins with the version. */
  until(version: string): Promise<void>;
  /** Returns how many failed, and the versions that answered. */
  stop(): Promise<{ lost: number; versions: string[] }>;
}

/** Asks a port of the machine's loopback for the version that answers. Resolves with the first answer. */
export async function startLoad(machine: Machine, port: number): Promise<Load> {
  const name = `load-${port}`;
  const log = `/run/${name}.log`;
  await machine.exec('rm', ['-f', log]);
  await machine.write(`/run/${name}.js`, loadProgram(log, port));
  await machine.exec('systemd-run', ['--collect', `--unit=${name}`, '/usr/bin/node', `/run/${name}.js`]);
  const lines = async () => (await machine.read(log).catch(() => '')).split('\n').filter(Boolean);
  await waitFor({ what: 'the load', until: async () => (await lines()).length > 0 });
  return {
    until: (version) => waitFor({ what: `version ${version}`, until: async () => (await lines()).includes(version) }),
    async stop() {
      await machine.exec('systemctl', ['stop', name]);
      const all = await lines();
      return { lost: all.filter((one) => one.startsWith('lost')).length, versions: [...new Set(all)].sort() };
    },
  };
}

const loadProgram = (log: string, port: number): string => `
const { appendFileSync } = require('node:fs');
const http = require('node:http');
const say = (text) => appendFileSync('${log}', text + '\\n');
const next = () => setTimeout(ask, 5);
function ask() {
  http.get({ host: '127.0.0.1', port: ${port}, path: '/version', agent: false }, (answer) => {
    let text = '';
    answer.on('data', (part) => (text += part));
    answer.on('end', () => {
      say(answer.statusCode === 200 ? text.split(' ')[0] : 'lost ' + answer.statusCode);
      next();
    });
  }).on('error', (error) => {
    say('lost ' + error.code);
    next();
  });
}
ask();
`;
