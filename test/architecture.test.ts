import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(__dirname, '..');

/** Modules that touch a machine, and know of no spec. */
const beside = [
  'src/errors.ts',
  'src/docker-endpoint.ts',
  'src/poll.ts',
  'src/run-program.ts',
  'src/program-fault.ts',
  'src/feed.ts',
  'src/model/instance-name.ts',
];

/** The files of users, as they are read before any runtime is asked. */
const written = [
  'src/spec',
  'src/model',
  'src/project/desired-needs.ts',
  'src/project/files.ts',
  'src/project/project.ts',
];

/** All that others know of runtimes by value: they are asked through their port. */
const fingerprints = 'src/runtimes/fingerprint.ts';

/**
 * The folders and packages that each layer may import by value, beside its own folder. Types may come from anywhere that
 * makes no circle.
 */
const allowed: Record<string, { folders: string[]; packages: string[] }> = {
  'src/errors.ts': { folders: [], packages: [] },
  'src/hints.ts': { folders: [], packages: [] },
  'src/signals.ts': { folders: [], packages: ['node:os'] },
  'src/poll.ts': { folders: [], packages: ['node:'] },
  'src/run-program.ts': { folders: [], packages: ['execa'] },
  'src/program-fault.ts': { folders: [], packages: ['node:'] },
  'src/feed.ts': { folders: [], packages: ['node:'] },
  'src/pipe-program.ts': { folders: ['src/feed.ts'], packages: ['node:', 'execa'] },
  'src/backups': {
    folders: ['src/errors.ts', 'src/poll.ts', 'src/pipe-program.ts', 'src/hosts', 'src/spec/backups'],
    packages: ['node:', 'tar-stream', 'zod'],
  },
  'src/drill': {
    folders: ['src/errors.ts', 'src/poll.ts', 'src/signals.ts', 'src/hosts', 'src/runtimes/docker/proc-net.ts'],
    packages: ['node:', 'zod'],
  },
  'src/docker-endpoint.ts': { folders: ['src/errors.ts'], packages: ['node:'] },
  'src/spec': { folders: ['src/errors.ts'], packages: ['zod', 'yaml', 'fastest-levenshtein'] },
  'src/analysis': { folders: [], packages: [] },
  'src/config': {
    folders: ['src/errors.ts', 'src/spec'],
    packages: ['node:util', 'yaml', 'jsonc-parser', 'diff', 'fastest-levenshtein'],
  },
  'src/migration': {
    folders: ['src/errors.ts', 'src/spec', 'src/config', 'src/hosts', 'src/project'],
    packages: ['node:'],
  },
  'src/model': { folders: ['src/errors.ts', 'src/spec'], packages: ['zod'] },
  'src/plan': {
    folders: [
      'src/errors.ts',
      'src/model',
      'src/spec/backups',
      'src/spec/checks',
      'src/spec/hold.ts',
      'src/spec/strategies',
    ],
    packages: [],
  },
  'src/checks': {
    folders: ['src/errors.ts', 'src/signals.ts', 'src/model', 'src/spec/duration.ts'],
    packages: ['node:os'],
  },
  'src/hosts': { folders: [...beside, 'src/model/quantities.ts'], packages: ['node:', 'zod'] },
  'src/runtimes': {
    folders: [...beside, ...written, 'src/signals.ts', 'src/hosts'],
    packages: ['node:', 'dockerode', 'tar-stream'],
  },
  'src/runtimes/docker/compose': {
    folders: [...beside, 'src/runtimes/docker', 'src/spec/health-times.ts', 'src/spec/vacuous.ts'],
    packages: ['node:', 'tar-stream'],
  },
  'src/proxies': {
    folders: [
      'src/errors.ts',
      'src/poll.ts',
      'src/run-program.ts',
      'src/program-fault.ts',
      'src/hosts',
      'src/spec/hold.ts',
      'src/spec/proxies',
    ],
    packages: ['node:', 'zod'],
  },
  'src/probes': {
    folders: ['src/errors.ts', 'src/run-program.ts', 'src/program-fault.ts', 'src/spec/checks', 'src/spec/duration.ts'],
    packages: [
      'node:',
      '@grpc/grpc-js',
      '@grpc/proto-loader',
      '@temporalio/client',
      'grpc-health-check',
      'ioredis',
      'mysql2',
      'pg',
    ],
  },
  'src/revisions': {
    folders: ['src/errors.ts', 'src/spec', 'src/model', 'src/plan', 'src/hosts'],
    packages: ['node:'],
  },
  'src/project': { folders: ['src/errors.ts', 'src/hints.ts', 'src/spec', 'src/model'], packages: ['node:'] },
  'src/resolve': {
    folders: [
      'src/errors.ts',
      'src/hints.ts',
      'src/program-fault.ts',
      'src/checks',
      'src/spec',
      'src/model',
      'src/hosts',
      fingerprints,
      'src/runtimes/docker/project/pin-image.ts',
      'src/probes/proto-file.ts',
      'src/proxies',
      'src/revisions',
      'src/project',
      'src/resolve',
    ],
    packages: ['node:'],
  },
  'src/observe': {
    folders: [
      'src/errors.ts',
      'src/hints.ts',
      'src/spec',
      'src/model',
      'src/plan',
      'src/checks',
      'src/hosts',
      fingerprints,
      'src/proxies',
      'src/probes',
      'src/revisions',
      'src/project',
      'src/resolve',
    ],
    packages: ['node:'],
  },
  activities: {
    folders: [
      'src/errors.ts',
      'src/docker-endpoint.ts',
      'src/analysis',
      'src/backups',
      'src/drill',
      'src/spec',
      'src/config',
      'src/migration',
      'src/model',
      'src/plan',
      'src/checks',
      'src/hosts',
      fingerprints,
      'src/proxies',
      'src/probes',
      'src/revisions',
      'src/project',
      'src/resolve',
      'src/observe',
    ],
    packages: ['node:', '@temporalio/activity', 'yaml'],
  },
  workflows: {
    folders: [
      'src/model/counters.ts',
      'src/model/messages.ts',
      'src/model/packed.ts',
      'src/model/quantities.ts',
      'src/model/reached.ts',
      'src/model/steps',
      'src/model/versions.ts',
      'src/model/whole-platform.ts',
      'src/model/workflow-words.ts',
      'src/spec/host-name.ts',
    ],
    packages: ['@temporalio/workflow', '@temporalio/interceptors-opentelemetry/lib/workflow'],
  },
  'src/client': {
    folders: ['src/errors.ts', 'src/hints.ts', 'src/spec', 'src/model'],
    packages: ['node:', '@grpc/grpc-js', '@temporalio/client', '@temporalio/envconfig', '@temporalio/proto'],
  },
};

interface Import {
  file: string;
  target: string;
}

function files(folder: string): string[] {
  if (folder.endsWith('.ts')) return [folder];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** Imports by value; `import type` and `export type` vanish when compiled. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = [...text.matchAll(/^(?:import|export)\s+(?!type\b)([^;]*?)from\s+'([^']+)'/gm)];
  return statements
    .filter(([, names]) => !/^\{\s*(type [^,}]+,?\s*)+\}\s*$/.test(names!))
    .map(([, , from]) => ({
      file,
      target: from!.startsWith('.') ? relative(root, resolve(root, dirname(file), from!)) : from!,
    }));
}

/** A folder of `src`, or a file beside them: what has one name, and may be a circle within. */
function nounOf(file: string): string {
  const [top, ...rest] = file.split('/') as [string, ...string[]];
  return top === 'src' && rest.length > 0 ? `src/${rest[0]!.replace(/\.ts$/, '')}` : top;
}

/** All relative imports: by value, of types, and at run time. */
function allImports(file: string): Import[] {
  const found = [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from\s+|require\(|import\()'(\.[^']*)'/g)];
  return found.map(([, to]) => ({ file, target: relative(root, resolve(root, dirname(file), to!)) }));
}

test('no part stands on another that stands on it: types, require, the command line and the worker count too', () => {
  const imports = ['src', 'activities', 'workflows'].flatMap(files).flatMap(allImports);
  const on = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    const [noun, other] = [nounOf(file), nounOf(target)];
    if (noun !== other) on.set(noun, (on.get(noun) ?? new Set()).add(other));
  }
  // Takes away what stands on nothing that is left, again and again.
  for (let before = -1; before !== on.size; ) {
    before = on.size;
    for (const [noun, others] of on) if (![...others].some((one) => on.has(one))) on.delete(noun);
  }
  expect([...on.keys()]).toEqual([]);
});

test.each(Object.entries(allowed))('%s imports only what its layer may', (folder, { folders, packages }) => {
  const within = (target: string, place: string) =>
    target === place.replace(/\.ts$/, '') || target.startsWith(`${place}/`) || target === place;
  const isAllowed = ({ target }: Import) =>
    [folder, ...folders].some((place) => within(target, place)) ||
    packages.some((name) => target === name || (name.endsWith(':') && target.startsWith(name)));
  const forbidden = files(folder)
    .flatMap(importsOf)
    .filter((one) => !isAllowed(one));
  expect(forbidden).toEqual([]);
});
