import { statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { composeView } from '../config/compose-view';
import { type ConfigDocument, openDocument } from '../config/document';
import { formats } from '../config/formats';
import { rulesOf } from '../config/rules';
import type { ComposeChange, Situation } from '../config/situation';
import type { Ways } from '../config/ways';
import { asBelayError, BelayError } from '../errors';
import { readConfig } from '../hosts/config-file';
import { reader, shown } from '../project/files';
import { foundFiles } from '../spec/compose-files';
import type { ConfigFile } from '../spec/config';
import { configFormat } from '../spec/config-format';
import { inFolder } from '../spec/file-name';
import { secretsOf } from './secrets';

/** A file to migrate. */
export interface AskedFile {
  /** As people name it. */
  name: string;
  path: string;
  folder: string;
  rules: ConfigFile;
  ways: Ways;
  /** Compose files of the folder; those that Compose itself would read where absent. */
  compose?: string[];
  /** Texts that a release has sent in place of those of the folder, by name. */
  sent?: Record<string, string>;
}

export interface OpenFile {
  asked: AskedFile;
  situation: Situation;
  /** Absent if the file does not exist yet. */
  before: string | undefined;
  /** The new example, and the old one if it is known, by their paths. */
  from: { path: string; text: string };
  was?: { path: string; text: string };
  /** Place of the example that the next migration compares with. */
  base: string;
}

/** Reads an example in the image of a service, in the version to be released. */
export type ReadExample = (asked: { service: string; path: string }) => Promise<string>;

interface Surroundings {
  cwd: string;
  env: NodeJS.ProcessEnv;
  inImage: ReadExample;
}

/** Reads a file, its examples, its secrets and the Compose files. Throws `input-invalid` for what is missing. */
export async function openFile(asked: AskedFile, { cwd, env, inImage }: Surroundings): Promise<OpenFile> {
  const { path, folder, rules, name } = asked;
  const before = await readConfig(path);
  const from = await newExample(asked, inImage);
  const base = `${path}.base`;
  const was = before === undefined ? undefined : await formerExample(asked, base);
  const format = formats[configFormat(name)!];
  const open = (file: string, text: string): ConfigDocument => openDocument({ file: shown(file, cwd), text, format });
  const { rename, drop, set, unset } = rules;
  const secrets = secretsOf(rules.from_secret, { folder, env, name });
  const situation: Situation = {
    live: open(path, before ?? ''),
    example: open(from.path, from.text),
    ...(was && { was: open(was.path, was.text) }),
    ways: asked.ways,
    rules: rulesOf({ rename, drop, set, unset, secrets }),
    ...compose(asked, env),
  };
  return { asked, situation, before, from, ...(was && { was }), base };
}

async function newExample(asked: AskedFile, inImage: ReadExample): Promise<OpenFile['from']> {
  const { rules, folder, name } = asked;
  const { image: service, from: path } = rules;
  if (service === undefined) return await needed(resolve(folder, path), 'from', asked);
  const text = await inImage({ service, path }).catch((error: unknown) => {
    const { code, message, hint } = asBelayError(error);
    throw new BelayError(code, `${name}: from: ${message}`, { hint, cause: error });
  });
  return { path: `${service}:${path}`, text };
}

async function needed(path: string, key: 'from' | 'was', { name, rules, sent }: AskedFile) {
  const text = (key === 'from' ? sent?.[inFolder(rules.from)] : undefined) ?? (await readConfig(path));
  if (text === undefined)
    throw new BelayError('input-invalid', `${name}: ${key}: ${path} is not there`, {
      hint:
        key === 'was' ? 'name the example of the version before, or its folder' : 'name the example of the new version',
    });
  return { path, text };
}

/** The example that `was` names, or the one in that folder; else the one that the last migration kept. */
async function formerExample(asked: AskedFile, base: string) {
  const { rules, folder } = asked;
  if (rules.was !== undefined) {
    const path = resolve(folder, rules.was);
    const inside = join(path, relative(folder, resolve(folder, rules.from)));
    return await needed(isFolder(path) ? inside : path, 'was', asked);
  }
  const text = await readConfig(base);
  return text === undefined ? undefined : { path: base, text };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The Compose files of the folder, and those of the old version where `was` is its folder. */
function compose(
  { folder, path, rules, compose: named }: AskedFile,
  env: NodeJS.ProcessEnv,
): { compose?: ComposeChange } {
  const view = (at: string) => {
    const read = reader({ folder: at });
    const isThere = named?.every((name) => read(name) !== undefined);
    const names = isThere ? named : foundFiles({ read, environment: { COMPOSE_FILE: env.COMPOSE_FILE } })?.files;
    const texts = names?.flatMap((name) => read(name) ?? []);
    return texts && composeView(texts, relative(folder, path));
  };
  const now = view(folder);
  if (!now) return {};
  const before = rules.was === undefined ? undefined : resolve(folder, rules.was);
  const was = before !== undefined && isFolder(before) ? view(before) : undefined;
  return { compose: { now, ...(was && { was }) } };
}
