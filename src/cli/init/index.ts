import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BelayError } from '../../errors';
import { initialSpec } from '../../spec/init';
import { skipReason } from '../../spec/init/left-out';
import { unitListens } from '../../spec/init/units';
import { parseSpec } from '../../spec/parse';
import { dockerServices, type Spec } from '../../spec/spec';
import type { Context } from '../context';
import { specFile } from '../project';
import {
  composeTodo,
  decisions,
  decisionTable,
  type FoundCompose,
  findCompose,
  foundWords,
  withRefused,
} from './compose';
import { type Explained, explain } from './explain';
import { namedFiles, refuseOthers } from './files';
import { findProxy } from './proxy';
import { findUnits } from './units';

/** What a first spec is made from. */
export interface InitRequest {
  folder: string;
  platform?: string;
  image?: string;
  /** Units by name; true for all. */
  systemd?: string[] | true;
  haproxy?: string;
  socket?: string;
  /** Compose files, in place of those that Compose finds. */
  compose?: string[];
}

/** The text of a first spec, and what was found for it in words. */
export interface Looked {
  text: string;
  found: string[];
  /** Changes by hand before the first release. */
  todo: string[];
  /** What Compose itself warns of. */
  warnings: string[];
  /** How each service of the Compose file is released, and why. */
  services: Array<{ name: string; release: string; why: string }>;
  /** The same as a table, where there are many. */
  rows: string[];
  hints: string[];
}

type Place = Pick<Context, 'cwd' | 'env'>;

/** Looks at the host and the folder, and writes nothing. Throws as `findCompose` and `findProxy`. */
export async function look(place: Place, request: InitRequest): Promise<Looked> {
  if (request.systemd !== undefined) return await lookAtUnits(place, request);
  const { folder, image, platform } = request;
  const compose = image === undefined ? await composeOf(place, request) : undefined;
  if (compose) return await lookAtCompose(place, request, compose);
  const proxy = await findProxy({ ...place, named: request.haproxy, socket: request.socket });
  const none = image === undefined ? 'no Compose file: write the image of your service' : `one service of ${image}`;
  const name = platform ?? basename(folder);
  const text = initialSpec({ platform: name, proxy: proxy.proxy, image, schema: schemaIn(folder) });
  return { ...nothing, text, found: [none, proxy.found], todo: proxy.todo };
}

const nothing = { warnings: [], services: [], rows: [], hints: [] };

async function lookAtCompose(place: Place, request: InitRequest, compose: FoundCompose): Promise<Looked> {
  const { folder, platform = compose.name, haproxy: named, socket } = request;
  const able = compose.services.filter((one) => !skipReason(one));
  const proxy = await findProxy({ ...place, named, socket, services: able });
  const write = (from: FoundCompose) =>
    initialSpec({ platform, compose: from, proxy: proxy.proxy, schema: schemaIn(folder) });
  const first = specOf(write(compose));
  const chosen = first ? withRefused(compose, first) : compose;
  const text = write(chosen);
  const spec = specOf(text);
  return {
    text,
    found: [foundWords(chosen), proxy.found],
    todo: [...(spec ? composeTodo(compose.project, spec) : []), ...proxy.todo],
    warnings: compose.project.warnings,
    services: decisions(chosen).map(({ name, how, why }) => ({ name, release: how, why })),
    rows: decisionTable(chosen),
    hints: spec ? buildHint(compose, spec) : [],
  };
}

/** An image without a registry is built on this host. */
function buildHint({ services }: FoundCompose, spec: Spec): string[] {
  const written = dockerServices(spec);
  const built = services.filter(({ name, builds }) => builds !== undefined && written[name]?.image === builds);
  if (built.length === 0) return [];
  const names = built.map(({ name }) => name).join(' ');
  return [`docker compose build ${names}    before each release: no registry has these images`];
}

/** A proxy that Belay runs reaches containers alone. */
async function lookAtUnits(
  place: Place,
  { systemd, haproxy: named, socket, platform, folder }: InitRequest,
): Promise<Looked> {
  const units = await findUnits(systemd === true ? [] : (systemd ?? []));
  const found = await findProxy({ ...place, named, socket, services: units.services.map(unitListens) });
  const proxy = found.proxy === 'managed' ? undefined : found.proxy;
  const text = initialSpec({ platform: platform ?? basename(folder), units, proxy, schema: schemaIn(folder) });
  const told = [units.found, ...(proxy ? [found.found] : [])];
  return { ...nothing, text, found: told, todo: [...units.todo, ...found.todo] };
}

/** Explains the named services of the Compose file, or all. Throws `input-invalid` for an unknown name. */
export async function lookAndExplain(place: Place, request: InitRequest, names: string[]): Promise<Explained[]> {
  const compose = await composeOf(place, request);
  if (!compose)
    throw new BelayError('input-invalid', `--explain: there is no Compose file in ${request.folder}`, {
      hint: 'belay init -c FILE --explain reads another',
    });
  const isAble = compose.services.some((one) => !skipReason(one));
  const spec = isAble ? specOf(initialSpec({ platform: compose.name, compose, proxy: 'managed' })) : undefined;
  return explain(spec ? withRefused(compose, spec) : compose, names);
}

/** The Compose project, from the files that are named or that Compose finds. Throws for files that it does not find. */
async function composeOf(
  { cwd, env }: Place,
  { compose: names, folder }: InitRequest,
): Promise<FoundCompose | undefined> {
  const files = names && namedFiles(names, { cwd, folder });
  const found = await findCompose(folder, { environment: env, files });
  if (!found) refuseOthers(folder);
  return found;
}

/** Returns the schema's path if the package is a dependency of the project. */
function schemaIn(folder: string): string | undefined {
  const path = './node_modules/belay-deploy/schema.json';
  return existsSync(join(folder, path)) ? path : undefined;
}

/** Reads the text that was just written. */
function specOf(text: string): Spec | undefined {
  const parsed = parseSpec({ text, file: specFile });
  return 'spec' in parsed ? parsed.spec : undefined;
}
