import { isWithin } from './places';
import type { KnownService } from './sources';

/** Says of each service how its instances are replaced, and what that costs; and what stops with it. */
export async function warningsOf(services: KnownService[]): Promise<string[]> {
  return services.flatMap((one) =>
    [wayOf(one), ...failedBefore(one), ...dockersHost(one), ...replacedFolder(one), ...lostFiles(one)].map(
      (text) => `${one.name}: ${text}`,
    ),
  );
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** The way of the restart, in words. */
function wayOf({ unit, service, state, triggers, running }: KnownService): string {
  const { strategy, routes, instances = 1 } = service;
  const sockets = triggers.filter(({ id, active }) => id.endsWith('.socket') && active === 'active');
  if (strategy.kind === 'in-place' && strategy.reload && state.canReload)
    return `${unit} is reloaded where only files change, else restarted by one job; after a reload Belay looks for processes of the new generation`;
  if (strategy.kind === 'in-place' && service.template !== undefined)
    return `instances of ${unit} are restarted one after the other${routes.length > 0 ? ', each out of traffic' : ', and nothing leads requests away from each'}`;
  if (strategy.kind === 'in-place' && sockets.length > 0)
    return `${unit} is restarted by one job; ${sockets.map(({ id }) => id).join(', ')} keeps listening, so connections wait and none is refused`;
  if (strategy.kind === 'in-place')
    return `${unit} is restarted by one job; from its stop, which may take ${seconds(state.stopTimeout)}, until it is ready, nobody answers in its place`;
  if (strategy.kind === 'recreate')
    return `${unit} is stopped, which may take ${seconds(state.stopTimeout)}, and then started: nobody answers meanwhile`;
  const spare = (service.ports?.length ?? 0) - instances;
  return `instances of ${unit} stand side by side behind the proxy, so no request is lost; ${running.length} run, ${spare} more may run meanwhile`;
}

/** systemd refuses to start a unit that was started too often, until that is reset. */
function failedBefore({ unit, state }: KnownService): string[] {
  if (state.active !== 'failed') return [];
  const limit = 'systemd may refuse another start of it (StartLimitBurst=)';
  return [`${unit} has failed (${state.result}); ${limit}, so the release resets that first`];
}

/** A supervisor of containers may stop them with itself. */
function dockersHost({ unit, state, unitText = '' }: KnownService): string[] {
  const engine = ['docker.service', 'docker.socket', 'containerd.service', 'podman.socket'];
  const required = engine.find(
    (one) => state.requires.includes(one) || new RegExp(`^(Requires|BindsTo)=.*${one}`, 'm').test(unitText),
  );
  const isMember = state.groups.includes('docker') || /^SupplementaryGroups=.*\bdocker\b/m.test(unitText);
  if (!required && !isMember) return [];
  const why = required ? `requires ${required}` : 'may use the Docker engine';
  return [
    `${unit} ${why}: containers that it stops when it stops are gone during a restart of it; look what its stop does to them`,
  ];
}

function replacedFolder({ service: { artifact }, state }: KnownService): string[] {
  if (!artifact || state.load !== 'loaded' || state.programs.some((path) => isWithin(path, artifact.install)))
    return [];
  const shown = state.programs[0];
  if (!shown || artifact.install.includes('%i')) return [];
  return [
    `ExecStart= runs ${shown}, which is not ${artifact.install}: if it does not read the files there, the release changes nothing of it`,
  ];
}

/** Stop and start are two jobs, between which systemd lets go of the files. */
function lostFiles({ unit, service: { strategy }, state }: KnownService): string[] {
  if (!state.keepsFiles || strategy.kind !== 'recreate') return [];
  return [
    `${unit} lets systemd keep file descriptors for it, which recreate drops: write strategy: { kind: in-place }`,
  ];
}
