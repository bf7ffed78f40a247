import type { ComposeProject, ComposeService } from '../../src/runtimes/docker/compose/project';

/** A project as Compose prints it, with these services. */
export function projectWith(
  services: Record<string, ComposeService>,
  more: Partial<ComposeProject> = {},
): ComposeProject {
  return {
    name: 'shop',
    folder: '/srv/shop',
    file: 'compose.yaml',
    path: '/srv/shop/compose.yaml',
    text: '',
    version: '2.26.1',
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [
        name,
        { command: null, entrypoint: null, networks: { default: null }, ...service },
      ]),
    ),
    networks: { default: { name: 'shop_default', ipam: {} } },
    volumes: {},
    secrets: {},
    configs: {},
    given: { variables: {}, profiles: {}, proxies: {} },
    asked: { values: {}, texts: [] },
    hashes: Object.fromEntries(Object.keys(services).map((name) => [name, `hash-of-${name}`])),
    warnings: [],
    ...more,
  };
}
