import { join, relative } from 'node:path';
import { drillInstanceName, instancesBegin } from '../model/instance-name';
import { listFolder } from './file';
import { hostPaths, type ServiceKey } from './home';
import { keptFiles } from './kept-projects';

const torn = /\.[0-9a-f]{12}\.tmp$/;

/**
 * Returns paths below `home` that a killed process or an unfinished release of the service left. Look under the
 * service's lock before removing them: another process may be writing one.
 */
export async function leftoversOf({ home, ...key }: { home: string } & ServiceKey): Promise<string[]> {
  const paths = hostPaths(home);
  const folders = [paths.service(key), paths.revisions(key), paths.keptArtifacts(key)];
  const own = folders.map((folder) => tornIn(home, folder, () => true));
  const ofInstance = new RegExp(`^${escaped(instancesBegin(key))}\\d+-(\\d+|job-[a-z0-9-]+)\\.`);
  const ofInstances = [paths.drains, paths.logs, paths.units, paths.jobs].map((folder) =>
    tornIn(home, folder, (name) => ofInstance.test(name)),
  );
  const drill = `${drillInstanceName(key)}.`;
  const ofDrill = tornIn(home, paths.drillUnits, (name) => name.startsWith(drill));
  const projects = (await keptFiles({ home, ...key })).map((path) => relative(home, path));
  return [...(await Promise.all([...own, ...ofInstances, ofDrill])).flat(), ...projects];
}

async function tornIn(home: string, folder: string, isOwn: (name: string) => boolean): Promise<string[]> {
  const names = (await listFolder(folder)).filter((name) => torn.test(name) && isOwn(name));
  return names.map((name) => relative(home, join(folder, name)));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
