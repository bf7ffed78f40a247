import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { BelayError } from '../../errors';
import { writing } from '../../hosts/on-disk';
import type { ComposeService } from '../../spec/init';
import type { Spec } from '../../spec/spec';
import { type Common, type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { hintLine } from '../format-error';
import { jsonLine } from '../json-lines';
import { shown, specFile } from '../project';

interface InitOptions extends Common {
  platform?: string;
  image?: string;
  /** Units by name; true for all. */
  systemd?: string[] | true;
  haproxy?: string;
  socket?: string;
  force?: boolean;
  json?: boolean;
  /** Compose files, in place of those that Compose finds. */
  compose?: string[];
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
  if (options.explain !== undefined) return await explained(context, options, folder);
  const path = join(folder, specFile);
  if (existsSync(path) && !options.force) throw alreadyThere(path);
  const {
    text,
    found,
    todo,
    warnings = [],
    services = [],
    rows = [],
    hints = [],
  } = await look(context, options, folder);
  await writing(path, async () => writeFileSync(path, text, { flag: options.force ? 'w' : 'wx' }));
  const { terminal, cwd } = context;
  const wrote = `${terminal.colors.green('✓')} wrote ${shown(path, cwd)}`;
  const missing = todo.map((one) => `${terminal.colors.yellow('!')} ${one}`);
  const warned = warnings.map((one) => `${terminal.colors.yellow('!')} Compose says: ${one}`);
  const told = [...found, ...rows].map((one) => `  ${one}`);
  const lines = [wrote, ...told, ...warned, ...missing, ...hints.map(hintLine), ...next];
  terminal.out(options.json ? jsonLine('init', { path, found, todo, warnings, services }) : lines.join('\n'));
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

/** Returns the schema's path if the package is a dependency of the project. */
function schemaIn(folder: string): string | undefined {
  const path = './node_modules/belay-deploy/schema.json';
  return existsSync(join(folder, path)) ? path : undefined;
}

/** Returns the findings in words, and the spec made from them. */
async function look(context: Context, options: InitOptions, folder: string) {
  if (options.systemd !== undefined) return await lookAtUnits(context, options, folder);
  const { cwd, env } = context;
  const { haproxy: named, socket, image, platform } = options;
  const { findProxy } = require('../init/proxy') as typeof import('../init/proxy');
  const { composeTodo, decisions, decisionTable, foundWords, withRefused } =
    require('../init/compose') as typeof import('../init/compose');
  const { dockerServices } = require('../../spec/spec') as typeof import('../../spec/spec');
  const { initialSpec } = require('../../spec/init') as typeof import('../../spec/init');
  const { skipReason } = require('../../spec/init/left-out') as typeof import('../../spec/init/left-out');
  const compose = image === undefined ? await composeOf(context, options, folder) : undefined;
  const able = compose?.services.filter((one) => !skipReason(one));
  const proxy = await findProxy({ cwd, env, named, socket, services: able });
  const name = platform ?? compose?.name ?? basename(folder);
  const none = image === undefined ? 'no Compose file: write the image of your service' : `one service of ${image}`;
  const write = (from: typeof compose) =>
    initialSpec({ platform: name, compose: from, proxy: proxy.proxy, image, schema: schemaIn(folder) });
  if (!compose) return { text: write(compose), found: [none, proxy.found], todo: proxy.todo };
  const first = specOf(write(compose));
  const chosen = first ? withRefused(compose, first) : compose;
  const text = write(chosen);
  const spec = specOf(text);
  const todo = [...(spec ? composeTodo(compose.project, spec) : []), ...proxy.todo];
  const builds = spec ? Object.entries(dockerServices(spec)).filter(([name, one]) => isBuilt(compose, name, one)) : [];
  const hints =
    builds.length > 0
      ? [
          `docker compose build ${builds.map(([name]) => name).join(' ')}    before each release: their images have no registry`,
        ]
      : [];
  const services = decisions(chosen).map(({ name, how, why }) => ({ name, release: how, why }));
  const { warnings } = compose.project;
  return {
    text,
    found: [foundWords(chosen), proxy.found],
    todo,
    warnings,
    services,
    rows: decisionTable(chosen),
    hints,
  };
}

const isBuilt = ({ services }: { services: ComposeService[] }, name: string, { image }: { image?: string }): boolean =>
  image !== undefined && services.some((one) => one.name === name && one.builds === image);

/** The Compose project, from the files that are named or that Compose finds. Throws for files that it does not find. */
async function composeOf({ cwd, env }: Context, { compose: names }: InitOptions, folder: string) {
  const { findCompose } = require('../init/compose') as typeof import('../init/compose');
  const { namedFiles, refuseOthers } = require('../init/files') as typeof import('../init/files');
  const found = await findCompose(folder, {
    environment: env,
    files: names && namedFiles(names, { cwd, folder }),
  });
  if (!found) refuseOthers(folder);
  return found;
}

/** Prints the evidence about services. */
async function explained(context: Context, options: InitOptions, folder: string): Promise<number> {
  const { explain, explainedLines } = require('../init/explain') as typeof import('../init/explain');
  const { withRefused } = require('../init/compose') as typeof import('../init/compose');
  const { initialSpec } = require('../../spec/init') as typeof import('../../spec/init');
  const { skipReason } = require('../../spec/init/left-out') as typeof import('../../spec/init/left-out');
  const compose = await composeOf(context, options, folder);
  if (!compose)
    throw new BelayError('input-invalid', `--explain: there is no Compose file in ${folder}`, {
      hint: 'belay init -c FILE --explain reads another',
    });
  const isAble = compose.services.some((one) => !skipReason(one));
  const spec = isAble ? specOf(initialSpec({ platform: compose.name, compose, proxy: 'managed' })) : undefined;
  const chosen = spec ? withRefused(compose, spec) : compose;
  const all = explain(chosen, options.explain === true ? [] : options.explain!);
  const { terminal } = context;
  terminal.out(
    options.json
      ? jsonLine('explain', { services: all })
      : all.map((one) => explainedLines(one).join('\n')).join('\n\n'),
  );
  return exitCodes.ok;
}

/** A proxy that Belay runs reaches containers alone. */
async function lookAtUnits(
  { cwd, env }: Context,
  { systemd, haproxy: named, socket, platform }: InitOptions,
  folder: string,
) {
  const { findProxy } = require('../init/proxy') as typeof import('../init/proxy');
  const { findUnits } = require('../init/units') as typeof import('../init/units');
  const { initialSpec } = require('../../spec/init') as typeof import('../../spec/init');
  const { unitListens } = require('../../spec/init/units') as typeof import('../../spec/init/units');
  const units = await findUnits(systemd === true ? [] : (systemd ?? []));
  const found = await findProxy({ cwd, env, named, socket, services: units.services.map(unitListens) });
  const proxy = found.proxy === 'managed' ? undefined : found.proxy;
  const text = initialSpec({ platform: platform ?? basename(folder), units, proxy, schema: schemaIn(folder) });
  return { text, found: [units.found, ...(proxy ? [found.found] : [])], todo: [...units.todo, ...found.todo] };
}

/** Reads the text that was just written. */
function specOf(text: string): Spec | undefined {
  const { parseSpec } = require('../../spec/parse') as typeof import('../../spec/parse');
  const parsed = parseSpec({ text, file: specFile });
  return 'spec' in parsed ? parsed.spec : undefined;
}

const next = [
  hintLine('belay doctor    see what is still missing'),
  hintLine('belay serve     start Temporal and a worker here'),
  hintLine('belay release   release what belay.yaml asks for'),
];
