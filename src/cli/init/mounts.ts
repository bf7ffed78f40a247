import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ComposeProject, ComposeService } from '../../runtimes/docker/compose/project';
import { imageName, issuers, type Mount } from '../../spec/init/knowledge';

/** Writable mounts by service. */
export type WritableMounts = Record<string, Mount[]>;

/** The mounts to which services may write and which outlast a container, as this host has their sources. */
export async function writableMounts(project: ComposeProject): Promise<WritableMounts> {
  const all = Object.entries(project.services).map(async ([name, service]) => {
    const mounts = (service.volumes ?? []).flatMap(({ type, source, target, read_only }) =>
      read_only || type === 'tmpfs' || source === undefined ? [] : [{ type, source, target }],
    );
    return [name, await Promise.all(mounts.map((one) => seen(service, one)))] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

async function seen(service: ComposeService, given: Mount): Promise<Mount> {
  const mount = issuers.test(imageName(service.image ?? '')) ? { ...given, issues: true } : given;
  const named = databaseIn(service, mount.target);
  if (mount.type !== 'bind') return named ? { ...mount, databaseFile: named } : mount;
  const found = await stat(mount.source).catch(() => undefined);
  const { holdsCode, below, ...inside } = found?.isDirectory() ? await lookInto(mount.source) : {};
  const code = isCode(service, mount) || (holdsCode && worksIn(service, mount)) || startsFrom(service, mount);
  return {
    ...mount,
    ...(found && { isFile: !found.isDirectory() }),
    // A program may keep its database below its code.
    ...(code && { isCode: true, ...(below && { databaseFile: below }) }),
    ...inside,
    ...(named && { databaseFile: named }),
  };
}

/** A path of SQLite in a variable, below the mount: `sqlite:////data/app.db`. */
function databaseIn({ environment = {} }: ComposeService, target: string): string | undefined {
  const folder = target.replace(/\/+$/, '');
  const paths = Object.values(environment).flatMap(
    (value) => /(?:^|(?:sqlite\S*|file):(?:\/\/)?)\/?(\/[\w./-]+\.(?:db|sqlite3?))\b/i.exec(value ?? '')?.[1] ?? [],
  );
  return paths
    .find((path) => path.replace(/^\/+/, '/').startsWith(`${folder}/`))
    ?.split('/')
    .at(-1);
}

/** Looks at the folder and one below it, up to a usual number of files. */
async function lookInto(
  folder: string,
): Promise<Pick<Mount, 'databaseFile' | 'holdsConfig'> & { holdsCode?: boolean; below?: string }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((one) => one.isDirectory()).slice(0, 20);
  const inside = (await Promise.all(folders.map((one) => readdir(join(folder, one.name)).catch(() => [])))).flat();
  const own = entries.filter((one) => !one.isDirectory()).map(({ name }) => name);
  const all = [...own, ...inside];
  const holdsCode = own.some((name) => manifests.test(name));
  const [databaseFile, below] = [own, inside].map((names) => names.find((name) => /\.(db|sqlite3?)$/.test(name)));
  const holdsConfig = all.length > 0 && all.length < 200 && all.every((name) => configuration.test(name));
  return {
    ...(databaseFile && { databaseFile }),
    ...(holdsConfig && { holdsConfig }),
    ...(holdsCode && { holdsCode }),
    ...(below && { below }),
  };
}

/** Files that name the packages of a program. */
const manifests =
  /^(package\.json|requirements\.txt|pyproject\.toml|Pipfile|setup\.py|manage\.py|go\.mod|composer\.json|Gemfile|Cargo\.toml|pom\.xml|build\.gradle(\.kts)?|mix\.exs|deno\.jsonc?)$/;

const configuration =
  /(\.(conf|cfg|cnf|cf|ya?ml|toml|ini|properties|template|tmpl|tpl|lua|rules|vcl|xml|map|inc)|file|^README(\.md)?|^\.git(keep|ignore))$/i;

/**
 * True if the image is built from the folder or from one around it, and the folder has a usual name of sources. Some
 * names are those of sources in every folder.
 */
function isCode({ build }: ComposeService, { source }: Mount): boolean {
  const name = source.split('/').at(-1)!;
  if (always.test(name)) return true;
  const context = typeof build === 'string' ? build : (build as { context?: string } | undefined)?.context;
  if (!context) return false;
  const root = resolve(context);
  return source === root || (source.startsWith(`${root}/`) && sources.test(name));
}

/** True if the container starts a program of the folder: its first word, or what a shell or an interpreter is given. */
const startsFrom = ({ command, entrypoint }: ComposeService, { source, target }: Mount): boolean => {
  const folder = `${target.replace(/\/+$/, '')}/`;
  const isThere = (word = '') => word.startsWith(folder) && existsSync(join(source, word.slice(folder.length)));
  return [entrypoint, command].some((list) => {
    const words = (list ?? []).flatMap((one) => one.split(/\s+/));
    return words.some((word, index) => isThere(word) && starters.test(words.slice(0, index).join(' ')));
  });
};

/** Words before a program: none, or such as `exec`, `sh -c` and `python`. */
const starters =
  /^$|(^|[\s/])((ba|da|a)?sh( -\w+)*|python[\d.]*( -u)?|node|ruby|perl|php|bun|java -jar|dotnet|exec|tini|dumb-init|--|&&|;)$/;

/** True if the container works in the folder. */
const worksIn = ({ working_dir }: ComposeService, { target }: Mount): boolean =>
  working_dir?.replace(/\/+$/, '') === target.replace(/\/+$/, '');

const always =
  /^(src|functions|dags|scripts|migrations|templates|locales|addons|custom[-_]addons|themes|workflows|rules)$/;
const sources =
  /^(app|apps|lib|libs|code|backend|frontend|server|client|packages|public|views|tests?|components|pages|styles|config|prisma)$/;
