// Stands in for Qdrant, whose server cannot be had here: the part of its documented HTTP API that backups use.
// Collections are in memory. A snapshot is their text, and longer than one packet.
'use strict';
const { createServer } = require('node:http');
const { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');

const key = process.env.QDRANT__SERVICE__API_KEY;
const folder = '/snapshots';
const collections = new Map();
const aliases = new Map();
let count = 0;
mkdirSync(folder, { recursive: true });

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function collection(name) {
  const found = collections.get(aliases.get(name) ?? name);
  if (!found) throw new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
  return found;
}

const routes = {
  'GET /collections': () => ({ collections: [...collections.keys()].map((name) => ({ name })) }),
  'PUT /collections/:name': ({ name }) => {
    if (collections.has(name) || aliases.has(name)) throw new Refusal(409, `Wrong input: \`${name}\` already exists!`);
    return Boolean(collections.set(name, new Map()));
  },
  'DELETE /collections/:name': ({ name }) => {
    for (const [alias, target] of aliases) if (target === name) aliases.delete(alias);
    return collections.delete(name);
  },
  'PUT /collections/:name/points': ({ name }, body) => {
    for (const point of JSON.parse(body).points) collection(name).set(point.id, point);
    return { status: 'completed' };
  },
  'POST /collections/:name/points/count': ({ name }) => ({ count: collection(name).size }),
  'GET /aliases': () => ({
    aliases: [...aliases].map(([alias_name, collection_name]) => ({ alias_name, collection_name })),
  }),
  'POST /collections/aliases': (_, body) => {
    for (const { create_alias: come, delete_alias: gone } of JSON.parse(body).actions) {
      if (gone) aliases.delete(gone.alias_name);
      else if (collection(come.collection_name)) aliases.set(come.alias_name, come.collection_name);
    }
    return true;
  },
  'GET /collections/:name/snapshots': () => readdirSync(folder).map((name) => ({ name })),
  'POST /collections/:name/snapshots': ({ name }) => {
    const file = `${name}-${++count}.snapshot`;
    const text = JSON.stringify([...collection(name)]);
    writeFileSync(`${folder}/${file}`, text);
    return { name: file, size: text.length, checksum: createHash('sha256').update(text).digest('hex') };
  },
  'DELETE /collections/:name/snapshots/:file': ({ file }) => {
    rmSync(`${folder}/${file}`);
    return true;
  },
  'POST /collections/:name/snapshots/upload': ({ name }, body, { headers }) => {
    if (aliases.has(name)) throw new Refusal(400, `Wrong input: an alias \`${name}\` exists`);
    collections.set(name, new Map(JSON.parse(fileIn(body, headers['content-type']))));
    return true;
  },
};

function fileIn(body, type) {
  const mark = `--${/boundary=(\S+)/.exec(type)[1]}`;
  const [head, ...rest] = body.split('\r\n\r\n');
  const content = rest.join('\r\n\r\n');
  if (!head.startsWith(mark) || !/name="snapshot"/.test(head) || !content.endsWith(`\r\n${mark}--\r\n`)) {
    throw new Refusal(400, 'Wrong input: no multipart field `snapshot`');
  }
  return content.slice(0, -`\r\n${mark}--\r\n`.length);
}

/** The route of a request, and the parts of its path. */
function find(method, path) {
  for (const [route, act] of Object.entries(routes)) {
    const [own, pattern] = route.split(' ');
    const names = pattern.match(/:\w+/g) ?? [];
    const found = new RegExp(`^${pattern.replace(/:\w+/g, '([^/]+)')}$`).exec(path);
    if (own !== method || !found) continue;
    return { act, params: Object.fromEntries(names.map((name, at) => [name.slice(1), decodeURIComponent(found[at + 1])])) };
  }
  throw new Refusal(404, 'Not found');
}

function answer(request, response, body) {
  const { pathname } = new URL(request.url, 'http://qdrant');
  if (request.method === 'GET' && pathname === '/') return send(response, 200, { title: 'qdrant', version: '1.12.4' });
  if (key && request.headers['api-key'] !== key) {
    response.writeHead(401);
    return response.end('Must provide an API key or an Authorization bearer token');
  }
  const file = /^\/collections\/[^/]+\/snapshots\/([^/]+)$/.exec(pathname)?.[1];
  if (request.method === 'GET' && file) return response.end(readFileSync(`${folder}/${decodeURIComponent(file)}`));
  const { act, params } = find(request.method, pathname);
  send(response, 200, { result: act(params, body, request), status: 'ok', time: 0 });
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

createServer(async (request, response) => {
  try {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    answer(request, response, body);
  } catch (error) {
    send(response, error.status ?? 500, { status: { error: error.message }, time: 0 });
  }
}).listen(6333);
process.on('SIGTERM', () => process.exit(0));
