import type { ContainerInspectInfo } from 'dockerode';

/** Facts that two containers of one service cannot share, or that Belay decides. */
const different: Record<string, string> = {
  Id: 'each has its own',
  Created: 'each has its own',
  Name: 'Belay names its instances',
  ResolvConfPath: 'has the id in it',
  HostnamePath: 'has the id in it',
  HostsPath: 'has the id in it',
  LogPath: 'has the id in it',
  GraphDriver: 'has the id in it',
  State: 'when it was started',
};

/** Compose writes a requested address here too; the engine shows here the state of a started interface. */
const beforeStart = { IPAddress: '', IPv6Gateway: '' };

/** Returns the comparable facts of a container, in one order. */
export function essence(container: ContainerInspectInfo): object {
  const copy = JSON.parse(
    JSON.stringify(container).replaceAll(container.Id.slice(0, 12), 'ID'),
  ) as ContainerInspectInfo;
  const { Config, HostConfig, NetworkSettings, Mounts } = copy as ContainerInspectInfo & {
    Config: { Hostname: string };
  };
  for (const path of Object.keys(different)) delete (copy as unknown as Record<string, unknown>)[path];
  if (Config.Hostname.startsWith('ID')) Config.Hostname = 'ID';
  Config.Labels = Object.fromEntries(Object.entries(Config.Labels).filter(([label]) => !label.startsWith('belay.')));
  Config.Env = [...Config.Env].sort();
  const host = HostConfig as unknown as Record<string, unknown[]>;
  for (const key of ['Binds', 'Mounts', 'ExtraHosts', 'Ulimits']) host[key] = sorted(host[key]);
  return {
    ...copy,
    Mounts: sorted(
      Mounts.map((mount) =>
        mount.Type === 'volume' && /^[0-9a-f]{64}$/.test(mount.Name ?? '')
          ? { ...mount, Name: 'ANONYMOUS', Source: '' }
          : mount,
      ),
    ),
    NetworkSettings: {
      Networks: Object.fromEntries(
        Object.entries(NetworkSettings.Networks).map(([key, network]) => [
          key,
          { ...network, Aliases: sorted(network.Aliases as never), ...beforeStart },
        ]),
      ),
    },
  };
}

const sorted = (list: unknown[] | null | undefined) =>
  list ? [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : [];
