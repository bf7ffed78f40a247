import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { BelayError } from '../../errors';
import { writing } from '../../hosts/on-disk';
import { type Common, type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { hintLine } from '../format-error';
import type { InitRequest } from '../init';
import { jsonLine } from '../json-lines';
import { shown, specFile } from '../project';

interface InitOptions extends Common, Omit<InitRequest, 'folder'> {
  force?: boolean;
  json?: boolean;
  /** Services to explain; true for all. */
  explain?: string[] | true;
}

/** Registers `belay init`: writes a first belay.yaml from the Compose file or the units, and the proxy. */
export function registerInit(program: Command, context: Context): void {
  const command = program
    .command('init')
    .description(
      'write a belay.yaml from the Compose file or from systemd, with a HAProxy that Belay runs, or your proxy',
    )
    .option('--platform <name>', "the platform's name (default: the Compose project's, else the folder's)")
    .option(
      '--haproxy <config>',
      'a HAProxy of yours: its configuration file (default: /etc/haproxy/haproxy.cfg where it has a backend for a service)',
    )
    .option('--socket <path>', "HAProxy's runtime API (default: what its configuration says)")
    .addOption(
      new Option('--image <image>', 'the image of the one service, in place of a Compose file').conflicts([
        'systemd',
        'compose',
        'explain',
      ]),
    )
    .option(
      '-c, --compose <file>',
      'a Compose file that docker compose does not find by itself; several are merged in order',
      (file: string, before: string[] = []) => [...before, file],
    )
    .option('--explain [services...]', 'print the evidence about services, and what it decides; writes nothing')
    .option(
      '--systemd [units...]',
      'services that systemd runs, in place of a Compose file (default: units in /etc/systemd/system)',
    )
    .option('--force', `write over a ${specFile} that is there`)
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  does<InitOptions>(command, context, (options) => init(context, options));
}

const examples = `
Examples:
  belay init                                       in the folder of a Compose file
  belay init --haproxy ./haproxy.cfg --socket /run/haproxy/admin.sock
  belay init -c docker-compose.yml -c docker-compose.prod.yml
  belay init --explain api                         why api is released as it is, from all that the files say
  belay init --image registry.example.com/shop/api:1.0.0 --platform shop
  belay init --systemd                             from the units of this host
  belay init --systemd shop-worker shop-api@       from these; of a template, all instances that run`;

async function init(context: Context, options: InitOptions): Promise<number> {
  const folder = folderOf(context, options);
  if (options.explain !== undefined) return await explain(context, { ...options, folder }, options.explain);
  const path = join(folder, specFile);
  if (existsSync(path) && !options.force) throw alreadyThere(path);
  const { text, found, todo, warnings, services, rows, hints } = await lazily().look(context, { ...options, folder });
  await writing(path, async () => writeFileSync(path, text, { flag: options.force ? 'w' : 'wx' }));
  const { terminal, cwd } = context;
  const { green, yellow } = terminal.colors;
  const lines = [
    `${green('✓')} wrote ${shown(path, cwd)}`,
    ...[...found, ...rows].map((one) => `  ${one}`),
    ...warnings.map((one) => `${yellow('!')} Compose says: ${one}`),
    ...todo.map((one) => `${yellow('!')} ${one}`),
    ...hints.map(hintLine),
    ...next,
  ];
  terminal.out(options.json ? jsonLine('init', { path, found, todo, warnings, services }) : lines.join('\n'));
  return exitCodes.ok;
}

/** Prints the evidence about services. */
async function explain(
  context: Context,
  { json, ...request }: InitRequest & { json?: boolean },
  asked: string[] | true,
): Promise<number> {
  const { explainedLines } = require('../init/explain') as typeof import('../init/explain');
  const services = await lazily().lookAndExplain(context, request, asked === true ? [] : asked);
  const text = services.map((one) => explainedLines(one).join('\n')).join('\n\n');
  context.terminal.out(json ? jsonLine('explain', { services }) : text);
  return exitCodes.ok;
}

function folderOf({ cwd }: Context, { file = '.' }: InitOptions): string {
  const path = resolve(cwd, file);
  return basename(path) === specFile ? dirname(path) : path;
}

const alreadyThere = (path: string): BelayError =>
  new BelayError('input-invalid', `${path} is there already`, {
    hint: '`belay doctor` checks it; --force overwrites it',
  });

/** The parser takes a quarter of a second to load, so --help does not load it. */
const lazily = () => require('../init') as typeof import('../init');

const next = [
  hintLine('belay doctor    see what is still missing'),
  hintLine('belay serve     start Temporal and a worker here'),
  hintLine('belay release   release what belay.yaml asks for'),
];
