import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { docker } from '../testbed';

export interface Database {
  /** Returns the rows, a line each, with | between columns. */
  ask(query: string): Promise<string>;
  /** Reads a table in a transaction that stays open, until the returned act ends it. */
  read(table: string): Promise<() => Promise<unknown>>;
}

/** The PostgreSQL in a container, asked by its own client. */
export function databaseIn(container: string): Database {
  const psql = ['psql', '-U', 'shannon', '--no-psqlrc', '--tuples-only', '--no-align', '--quiet'];
  return {
    ask: (query) => docker(['exec', container, ...psql, '--set=ON_ERROR_STOP=1', '-c', query]),
    async read(table) {
      const child = spawn('docker', ['exec', '-i', container, ...psql], { stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.write(`BEGIN; LOCK TABLE ${table} IN ACCESS SHARE MODE; SELECT 'reads';\n`);
      await once(child.stdout, 'data');
      return async () => {
        const ended = once(child, 'exit');
        child.stdin.end();
        await ended;
      };
    },
  };
}

export interface Start {
  container: string;
  /** Milliseconds since 1970, by the engine's clock. */
  at: number;
}

/** Lists the starts of a platform's containers from now on. The engine itself soon forgets them. */
export function listenForStarts(platform: string): { all(): Start[]; stop(): Promise<unknown> } {
  const args = ['--filter', 'event=start', '--filter', `label=belay.platform=${platform}`];
  const format = '{{.TimeNano}} {{.Actor.Attributes.name}}';
  const child = spawn('docker', ['events', ...args, '--format', format], { stdio: ['ignore', 'pipe', 'inherit'] });
  const starts: Start[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const [nanoseconds, container = ''] = line.split(' ');
    starts.push({ container, at: Number(nanoseconds) / 1e6 });
  });
  return {
    all: () => starts,
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
