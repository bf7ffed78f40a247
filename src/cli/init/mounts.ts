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
  const { holdsCode, ...inside } = found?.isDirectory() ? await lookInto(mount.source) : {};
  return {
    ...mount,
    ...(found && { isFile: !found.isDirectory() }),
    ...inside,
    ...(named && { databaseFile: named }),
    ...((isCode(service, mount) || (holdsCode && worksIn(service, mount)) || startsFrom(service, mount)) && {
      isCode: true,
    }),
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
): Promise<Pick<Mount, 'databaseFile' | 'holdsConfig'> & { holdsCode?: boolean }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((one) => one.isDirectory()).slice(0, 20);
  const inside = below.map((one) => readdir(join(folder, one.name)).catch(() => []));
  const own = entries.filter((one) => !one.isDirectory()).map(({ name }) => name);
  const all = [...own, ...(await Promise.all(inside)).flat()];
  const holdsCode = own.some((name) => manifests.test(name));
  // A program may keep its database below its code.
  const databaseFile = (holdsCode ? all : own).find((name) => /\.(db|sqlite3?)$/.test(name));
  const holdsConfig = all.length > 0 && all.length < 200 && all.every((name) => configuration.test(name));
  return {
    ...(databaseFile && { databaseFile }),
    ...(holdsConfig && { holdsConfig }),
    ...(holdsCode && { holdsCode }),
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

/** True if the container starts a program of the folder. */
const startsFrom = ({ command, entrypoint }: ComposeService, { source, target }: Mount): boolean => {
  const folder = `${target.replace(/\/+$/, '')}/`;
  const words = [entrypoint, command].flat().flatMap((one) => one?.split(/\s+/) ?? []);
  return words.some((word) => word.startsWith(folder) && existsSync(join(source, word.slice(folder.length))));
};

/** True if the container works in the folder. */
const worksIn = ({ working_dir }: ComposeService, { target }: Mount): boolean =>
  working_dir?.replace(/\/+$/, '') === target.replace(/\/+$/, '');

const always =
  /^(src|functions|dags|scripts|migrations|templates|locales|addons|custom[-_]addons|themes|workflows|rules)$/;
const sources =
  /^(app|apps|lib|libs|code|backend|frontend|server|client|packages|public|views|tests?|components|pages|styles|config|prisma)$/;
