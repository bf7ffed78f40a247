import { dockersHost, reachedToo } from './beside-warnings';
import type { KnownService } from './known';
import { overridden } from './override-warnings';
import { isWithin } from './places';
import { valueOf, valuesOf } from './unit-lines';
import { endlessGrace, stopTime, unreadTimes } from './unit-stop';

type Said = (one: KnownService, usual: number) => string[];

const all: Said[] = [
  (one, usual) => [wayOf(one, usual)],
  goneFile,
  failedBefore,
  endless,
  unread,
  reachedToo,
  dockersHost,
  replacedFolder,
  unattested,
  lostFiles,
  overridden,
];

/**
 * Says of each service how its instances are replaced, what that costs and reaches, and what of the spec has no effect.
 * `usual`: the host's DefaultTimeoutStopSec.
 */
export const warningsOf = (services: KnownService[], usual: number): string[] =>
  services.flatMap((one) => all.flatMap((said) => said(one, usual)).map((text) => `${one.name}: ${text}`));

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** The way of the restart, in words. */
function wayOf({ unit, service, state, triggers, running, lines }: KnownService, usual: number): string {
  const { strategy, routes, instances = 1 } = service;
  const sockets = triggers.filter(({ id, active }) => id.endsWith('.socket') && active === 'active');
  if (strategy.kind === 'in-place' && strategy.reload && state.canReload)
    return `${unit} is reloaded where only files change, else restarted by one job; after a reload Belay waits for a new process of it`;
  if (strategy.kind === 'in-place' && service.template !== undefined)
    return `instances of ${unit} are restarted one after the other${routes.length > 0 ? ', each out of traffic' : ', and nothing leads requests away from each'}`;
  if (strategy.kind === 'in-place' && sockets.length > 0)
    return `${unit} is restarted by one job; ${sockets.map(({ id }) => id).join(', ')} keeps listening, so connections wait and none is refused`;
  const time = stopTime(lines, usual);
  if (strategy.kind === 'in-place')
    return `${unit} is restarted by one job; no request is answered from its stop (${Number.isFinite(time) ? `at most ${seconds(time)}` : 'without a limit'}) until it is ready`;
  if (strategy.kind === 'recreate')
    return `${unit} is stopped (at most ${seconds(Number.isFinite(time) ? time : endlessGrace)}) and then started; no request is answered meanwhile`;
  const spare = (service.ports?.length ?? 0) - instances;
  return `instances of ${unit} stand side by side behind the proxy, so no request is lost; ${running.length} run, ${spare} more may run meanwhile`;
}

/** systemd keeps what runs, also without a unit file. */
function goneFile({ name, unit, unitText, state }: KnownService): string[] {
  if (unitText === undefined || state.load !== 'not-found' || state.active !== 'active') return [];
  return [
    `${unit} runs, and its unit file is gone: nothing starts it after a reboot. belay restart --service ${name} writes the file again`,
  ];
}

/** systemd refuses to start a unit that was started too often, until that is reset. */
function failedBefore({ unit, state }: KnownService): string[] {
  if (state.active !== 'failed') return [];
  const limit = 'systemd may refuse another start of it (StartLimitBurst=)';
  return [`${unit} has failed (${state.result}); ${limit}, so the release first runs systemctl reset-failed`];
}

/** Belay has to end a stop at some time, and systemd does not. */
function endless({ unit, lines }: KnownService, usual: number): string[] {
  if (Number.isFinite(stopTime(lines, usual))) return [];
  return [
    `${unit} may take any time to stop (TimeoutStopSec=infinity): Belay kills it ${seconds(endlessGrace)} after its own stop of it, and a restart waits. To bound both, write stop: { grace: 90s }`,
  ];
}

function unread({ unit, lines }: KnownService): string[] {
  return unreadTimes(lines).map(
    (value) => `TimeoutStopSec=${value} of ${unit} is no time, so that systemd passes it over`,
  );
}

function replacedFolder({ service: { artifact }, state, lines }: KnownService): string[] {
  if (!artifact || state.load !== 'loaded' || state.programs.some((path) => isWithin(path, artifact.install)))
    return [];
  // An interpreter is told the path by its arguments, or begins there.
  if (valuesOf(lines, ['ExecStart', 'WorkingDirectory']).some((value) => value.includes(artifact.install))) return [];
  const shown = state.programs[0];
  if (!shown || artifact.install.includes('%i')) return [];
  return [
    `ExecStart= runs ${shown}, not artifact.install (${artifact.install}): the release has no effect unless ${shown} reads files there`,
  ];
}

/** Where Belay cannot see which file the main process runs. */
function unattested({ unit, service: { artifact }, lines }: KnownService): string[] {
  if (!artifact) return [];
  const root = ['RootDirectory', 'RootImage'].find((name) => (valueOf(lines, name) ?? '/') !== '/');
  const isForking = valueOf(lines, 'Type') === 'forking' && valueOf(lines, 'PIDFile') === undefined;
  const why = root ? `${root}= gives it other files` : isForking ? 'Type=forking names no PIDFile=' : undefined;
  return why === undefined ? [] : [`${unit}: ${why}, so Belay does not check that its process runs the released file`];
}

/** Stop and start are two jobs, between which systemd lets go of the files. */
function lostFiles({ unit, service: { strategy }, state }: KnownService): string[] {
  if (!state.keepsFiles || strategy.kind !== 'recreate') return [];
  return [
    `${unit} lets systemd keep file descriptors for it, which recreate drops: write strategy: { kind: in-place }`,
  ];
}
