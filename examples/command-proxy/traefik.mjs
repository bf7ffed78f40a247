#!/usr/bin/env node
// The four commands of a Belay proxy for Traefik. A file of its provider holds the members, its API says what is in force.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { BELAY_BACKEND: backend, BELAY_MEMBER: member, BELAY_ADDRESS: address } = process.env;
const { TRAEFIK_FOLDER = '/etc/traefik/dynamic', TRAEFIK_API = 'http://127.0.0.1:8080' } = process.env;
const file = `${TRAEFIK_FOLDER}/belay-${backend}.yml`;

const commands = {
  admit: () => write({ ...members(), [member]: { address, state: 'ready' } }),
  drain: () => write({ ...members(), [member]: { address, state: 'drain' } }),
  async remove() {
    const { [member]: _gone, ...others } = members();
    write(others);
    while ((await servedNow()).includes(address)) await sleep(50);
  },
  async observe() {
    const served = await servedNow();
    const sockets = readFileSync('/proc/net/tcp', 'utf8');
    const seen = Object.entries(members()).map(([name, one]) => ({
      member: name,
      address: one.address,
      state: served.includes(one.address) ? 'ready' : 'drain',
      in_flight: connectionsTo(one.address, sockets),
    }));
    console.log(JSON.stringify({ members: seen }));
  },
};

/** The file's first line, a comment to Traefik, holds all members; its rest only those in traffic. */
function members() {
  if (!existsSync(file)) return {};
  return JSON.parse(readFileSync(file, 'utf8').split('\n', 1)[0].slice(2));
}

function write(all) {
  const ready = Object.values(all).filter(({ state }) => state === 'ready');
  const servers = ready.map((one) => ({ url: `http://${one.address}` }));
  const transport = `belay-${backend}`;
  const http = {
    services: { [backend]: { loadBalancer: { serversTransport: transport, servers } } },
    // Without idle connections, each open one is a request in flight.
    serversTransports: { [transport]: { maxIdleConnsPerHost: -1 } },
  };
  const next = file.replace(/yml$/, 'next');
  writeFileSync(next, `# ${JSON.stringify(all)}\n${JSON.stringify({ http }, null, 2)}\n`);
  renameSync(next, file);
}

/** Addresses that Traefik sends requests to. */
async function servedNow() {
  const { status, body } = await ask(`${TRAEFIK_API}/api/http/services/${backend}@file`);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`Traefik's API answered ${status}: ${body}`);
  return (JSON.parse(body).loadBalancer.servers ?? []).map(({ url }) => url.replace('http://', ''));
}

/** Counts this host's connections to an address: those established, and those that begin. */
function connectionsTo(at, sockets) {
  const [host, port] = at.split(':');
  const bytes = host
    .split('.')
    .reverse()
    .map((byte) => hex(byte, 2));
  const line = new RegExp(`^ *\\d+: \\S+ ${bytes.join('')}:${hex(port, 4)} 0[12] `, 'gm');
  return sockets.match(line)?.length ?? 0;
}

const hex = (number, width) => Number(number).toString(16).toUpperCase().padStart(width, '0');

function ask(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: 5_000 }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode, body });
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', (error) => reject(Object.assign(error, { exitCode: 75 })));
  });
}

try {
  await commands[process.argv[2]]();
} catch (error) {
  console.error(`${TRAEFIK_API}, ${file}: ${error.message}`);
  process.exit(error.exitCode ?? 1);
}
