import { docker } from '../../testbed';

/** A container as the engine shows it, and what its service answers at its own port. */
export interface Instance {
  id: string;
  name: string;
  state: string;
  /** Absent on one that Compose started. */
  revision?: number;
  fingerprint?: string;
  port: number;
  pid: number;
}

interface Inspected {
  Id: string;
  Name: string;
  State: { Status: string; Pid: number };
  Config: { Labels: Record<string, string> };
  HostConfig: { PortBindings: Record<string, Array<{ HostPort: string }> | null> };
  NetworkSettings: { Ports: Record<string, Array<{ HostPort: string }> | null> };
}

/** All containers with Belay's label of the platform, and all of Compose's project of that name; sorted by name. */
export async function instancesOf(platform: string): Promise<Instance[]> {
  const [own, composed] = await Promise.all(
    [`belay.platform=${platform}`, `com.docker.compose.project=${platform}`].map((label) =>
      docker(['ps', '-aq', '--no-trunc', '--filter', `label=${label}`]),
    ),
  );
  const ids = [...new Set(`${own}\n${composed}`.split('\n').filter(Boolean))];
  if (ids.length === 0) return [];
  const found = JSON.parse(await docker(['inspect', ...ids])) as Inspected[];
  return found.map(toInstance).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toInstance({ Id, Name, State, Config, HostConfig, NetworkSettings }: Inspected): Instance {
  const revision = Config.Labels['belay.revision'];
  const ports = NetworkSettings.Ports['8080/tcp'] ?? HostConfig.PortBindings['8080/tcp'];
  return {
    id: Id,
    name: Name.slice(1),
    state: State.Status,
    revision: revision === undefined ? undefined : Number(revision),
    fingerprint: Config.Labels['belay.fingerprint'],
    port: Number(ports?.[0]?.HostPort ?? 0),
    pid: State.Pid,
  };
}

/** The version that answers at an instance's own port. */
export async function versionAt(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/ping`, { headers: { connection: 'close' } });
  return ((await answer.json()) as { version: string }).version;
}

/**
 * Returns the names of a platform's containers that the engine created in this time, in order. The engine remembers 256
 * events.
 */
export async function createdBetween(
  platform: string,
  { since, until = Date.now() }: { since: number; until?: number },
): Promise<string[]> {
  const labels = [`belay.platform=${platform}`, `com.docker.compose.project=${platform}`];
  const format = '{{.TimeNano}} {{.Actor.Attributes.name}} {{.ID}}';
  const found = await Promise.all(
    labels.map((label) => eventsOf(['event=create', `label=${label}`], { since, until, format })),
  );
  const lines = [...new Set(found.flat())].sort();
  return lines.map((line) => line.split(' ')[1]!);
}

/** Returns the engine's events of matching containers, a line each. */
export async function eventsOf(
  filters: string[],
  { since, until = Date.now(), format = '{{.Action}}' }: { since: number; until?: number; format?: string },
): Promise<string[]> {
  const times = ['--since', `${since / 1000}`, '--until', `${until / 1000}`];
  const wanted = ['type=container', ...filters].flatMap((filter) => ['--filter', filter]);
  return (await docker(['events', ...times, ...wanted, '--format', format])).split('\n').filter(Boolean);
}
