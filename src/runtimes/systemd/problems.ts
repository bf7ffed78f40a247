import { existsSync, lstatSync } from 'node:fs';
import type { Project } from '../../project/project';
import type { SourceFacts } from '../runtime';
import { drillProblems } from './drills/before-release';
import { systemFolder } from './drop-in';
import { heldByOthers } from './holders';
import { isInstalled } from './installed';
import { jobProblems } from './jobs/problems';
import type { KnownService } from './known';
import { lifeProblems } from './life-problems';

type Problem = SourceFacts['problems'][number];

/** Obstacles to the release of a service, by its unit and the files that the spec names. */
export function problemsOf(one: KnownService, project: Project): Problem[] {
  return [...unitProblems(one, project), ...ownerProblems(one), ...envFileProblems(one), ...credentialProblems(one)];
}

const ownerProblems = ({ missing }: KnownService): Problem[] =>
  missing.map((account) => ({
    why: `artifact: there is no ${account} on this host`,
    hint: 'make it, or correct the name; user: NAME with unit_file makes a user and its group',
  }));

function unitProblems(one: KnownService, project: Project): Problem[] {
  const { platform, services } = project.spec;
  const own = { platform, service: one.name, services: Object.keys(services) };
  const problems = one.service.unit_file === undefined ? hostsUnit(one) : installedUnit(one, project);
  return [
    ...problems,
    ...(problems.length > 0 ? [] : [...lifeProblems(one), ...jobProblems(one), ...drillProblems(one)]),
    ...heldByOthers(one.holders, own),
  ];
}

function installedUnit(one: KnownService, { folder }: Project): Problem[] {
  const { unit_file: name } = one.service;
  if (one.unitText === undefined) return [{ why: `unit_file: ${name} is not there`, hint: `write it into ${folder}` }];
  return ownFile(one);
}

function hostsUnit(one: KnownService): Problem[] {
  const { unit, state } = one;
  if (state.load === 'masked')
    return [{ why: `${unit} is masked, so that nothing can start it`, hint: `systemctl unmask ${unit}` }];
  if (state.load === 'not-found')
    return [
      {
        why: `there is no unit ${unit} on this host`,
        hint: 'install it, or write unit_file: its path from this folder, and Belay installs it',
      },
    ];
  if (state.load !== 'loaded')
    return [
      { why: `${unit} cannot be loaded: ${state.loadError || state.load}`, hint: `systemd-analyze verify ${unit}` },
    ];
  return [...elsewhere(one), ...made(one)];
}

/** Disabling a linked unit removes its link, and a stop of an alias is a stop of another unit. */
function elsewhere({ unit, state }: KnownService): Problem[] {
  const own = `${systemFolder}/${unit}`;
  const isLink = [own, state.file].some((path) => path !== '' && isSymbolicLink(path));
  const isOther = state.id !== unit && !unit.includes('@.');
  if (isOther) return [{ why: `${unit} is another name of ${state.id}`, hint: `write unit: ${state.id}` }];
  if (!isLink && !state.enabled.startsWith('linked')) return [];
  return [
    {
      why: `${unit} is a symbolic link; Belay disables units, and that would delete the link`,
      hint: `copy the file to ${own}, or write unit_file`,
    },
  ];
}

const isSymbolicLink = (path: string): boolean => existsSync(path) && lstatSync(path).isSymbolicLink();

/** Units without a file of their own: nothing starts them as Belay has left them. */
function made({ unit, state }: KnownService): Problem[] {
  const hint = `write a unit file of your own, ${systemFolder}/${unit}, or unit_file`;
  if (state.enabled === 'generated')
    return [{ why: `${unit} is generated anew at each boot and reload (${state.file})`, hint }];
  if (state.enabled === 'transient')
    return [{ why: `${unit} is a transient unit (systemd-run), which is gone once it has stopped`, hint }];
  return [];
}

/** Belay takes the place of no unit file of somebody else's, in whichever folder: no rollback would lead back to it. */
function ownFile({ unit, state, service }: KnownService): Problem[] {
  const path = `${systemFolder}/${unit}`;
  if (state.load === 'masked') return [{ why: `${unit} is masked`, hint: `systemctl unmask ${unit}` }];
  const other = [path, state.file].find((one) => one !== '' && existsSync(one));
  if (other === undefined || isInstalled(other)) return [];
  return [
    {
      why: `${other} stands on this host already, and ${service.unit_file} would replace it`,
      hint: `leave unit_file out to use the host's own, or name another unit; to replace it, stop it and remove that file first`,
    },
  ];
}

const envFileProblems = ({ envFiles }: KnownService): Problem[] =>
  envFiles
    .filter(({ isThere }) => !isThere)
    .map(({ path }) => ({ why: `env_files: ${path} is not there`, hint: 'write it on the host: it is never sent' }));

const credentialProblems = ({ service: { credentials = {} } }: KnownService): Problem[] =>
  Object.entries(credentials)
    .filter(([, path]) => !existsSync(path))
    .map(([name, path]) => ({
      why: `credentials.${name}: ${path} is not there`,
      hint: 'write it on the host, readable for root alone (0600): it is never sent',
    }));
