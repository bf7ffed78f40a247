import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BelayError } from '../../errors';
import { standardNames } from '../../spec/compose-files';

/** Returns the named Compose files as belay.yaml writes them. Throws `input-invalid` for one that is not there. */
export function namedFiles(names: string[], { cwd, folder }: { cwd: string; folder: string }): string[] {
  return names.map((name) => {
    const path = resolve(cwd, name);
    if (existsSync(path)) return relative(folder, path);
    throw new BelayError('input-invalid', `--compose: ${path} is not there`, { hint: wayTo(otherFiles(folder)) });
  });
}

/** Throws `input-invalid` if the folder has Compose files that Compose does not find by itself. */
export function refuseOthers(folder: string): void {
  const others = otherFiles(folder);
  if (others.length === 0) return;
  throw new BelayError(
    'input-invalid',
    `docker compose finds no file in ${folder}: there is no compose.yaml or docker-compose.yml, but ${others.join(', ')}`,
    { hint: wayTo(others) },
  );
}

function wayTo(others: string[]): string {
  if (others.length === 0) return 'name a Compose file of this project';
  const [first, second] = others;
  const each = others.slice(0, 4).map((name) => `belay init -c ${name}`);
  return second === undefined
    ? each[0]!
    : `${each.join(', or ')}; several are merged in order: -c ${first} -c ${second}`;
}

const usual = /^([\w-]+[._-])?(docker-)?compose([._-][\w.-]+)?\.ya?ml$/;
const skipped = /^(node_modules|vendor|dist|build|tests?|examples?)$|^\.(?!docker|devops|deploy)/;

/** Names of further Compose files, in the folder and in those right below it. */
function otherFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const own = entries.filter((one) => one.isFile() && usual.test(one.name)).map(({ name }) => name);
  const below = entries
    .filter((one) => one.isDirectory() && !skipped.test(one.name))
    .flatMap(({ name }) => composeFilesIn(join(folder, name)).map((file) => `${name}/${file}`));
  return [...own.filter((name) => !standardNames.includes(name)), ...below].sort();
}

function composeFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((one) => one.isFile() && usual.test(one.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
