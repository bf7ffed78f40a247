import { api, type BadSpec, top } from './shapes';

/** Specs that the format allows and this version cannot do. */
export const notBuiltSpecs: BadSpec[] = [
  {
    name: 'gates',
    yaml: top('gates: [{ before: swap }]'),
    message:
      'belay.yaml:1:1 gates: `gates` is not built yet — write pause_after in the strategy of a service to wait for an approval',
  },
  {
    name: 'windows',
    yaml: top('windows: { open: [] }'),
    message: 'belay.yaml:1:1 windows: `windows` is not built yet — start the release when it may run',
  },
  {
    name: 'notify',
    yaml: top('notify: [{ webhook: "https://example.com" }]'),
    message:
      'belay.yaml:1:1 notify: `notify` is not built yet — let the program that runs `belay release --json` send the message',
  },
  {
    name: 'another host',
    yaml: top('hosts: { web-1: { address: 10.0.0.11 } }'),
    message:
      'belay.yaml:1:10 hosts.web-1: a host other than local is not built yet — write local, which is this machine; a platform has one host',
  },
  {
    name: 'the address of this machine',
    yaml: top('hosts: { local: { address: 10.0.0.11 } }'),
    message: 'belay.yaml:1:19 hosts.local.address: `address` is not built yet — leave it out; local is this machine',
  },
  {
    name: 'the engine of this machine',
    yaml: top('hosts: { local: { docker: "ssh://me@there" } }'),
    message:
      'belay.yaml:1:19 hosts.local.docker: `docker` is not built yet — leave it out; the worker uses the Docker engine of its own machine',
  },
  {
    name: 'hosts of a proxy',
    yaml: top(`proxies:
  edge: { kind: haproxy, hosts: [web-1], socket: /run/h.sock, config: /etc/h.cfg }`),
    message: 'belay.yaml:2:26 proxies.edge.hosts: `hosts` is not built yet — leave it out; a proxy is on this machine',
  },
  {
    name: 'caddy',
    yaml: top(`proxies:
  cdn: { kind: caddy, admin: "http://127.0.0.1:2019" }`),
    message:
      'belay.yaml:2:10 proxies.cdn.kind: `kind: caddy` is not built yet — write haproxy, nginx, command, or none',
  },
  {
    name: 'a runtime that there is not',
    yaml: api('runtime: podman'),
    message: 'belay.yaml:5:14 services.api.runtime: takes one of docker, systemd, not "podman"',
  },
  {
    name: 'hosts of a service',
    yaml: api('hosts: [web-1]'),
    message:
      'belay.yaml:5:5 services.api.hosts: `hosts` is not built yet — leave it out; every instance runs on this machine',
  },
  {
    name: 'streams that outlive a release',
    yaml: api('drain: { streams: 4h }'),
    message:
      'belay.yaml:5:14 services.api.drain.streams: `streams` is not built yet — leave it out, and give deadline the time that the longest stream may take',
  },
];
