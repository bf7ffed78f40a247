import type { QdrantBackup } from '../../spec/backups/qdrant';
import type { Scratch } from '../scratch';
import type { Answer, Bytes, Source } from '../source';
import { archiveOf } from './archive';
import { eachFile, joined } from './archive-parts';
import { type QdrantApi, qdrantApi } from './qdrant-api';
import { type Place, runningContainer, textInput, textOf } from './tool';

/** All collections of a Qdrant of one node, by its own snapshots, and their aliases. */
export function qdrantSource({ port }: QdrantBackup, place: Place): Source {
  const api = qdrantApi(port, place);
  return {
    kind: 'qdrant',
    restores: 'running',
    async facts(signal) {
      const { image } = await runningContainer(place);
      await namesIn(api, signal);
      const { bytes: _, content } = await api.download({ method: 'GET', path: '/', signal });
      const { version } = JSON.parse(await textOf(content)) as { version: string };
      return { tools: { server: version }, extension: 'tar', compressed: false, image };
    },
    dump: (signal) => dump(api, signal),
    restore: (data, { signal }) => restore(api, data, signal),
    ask: (question, signal) => ask(api, question, signal),
  };
}

/** A server of the same image without a key, as nothing reaches it. */
export const qdrantScratch = (asked: QdrantBackup): Scratch<QdrantBackup> => ({
  asked,
  options: {},
  isReady: (place, signal) =>
    qdrantSource(asked, place)
      .facts(signal)
      .then(Boolean, () => false),
});

const pathOf = (collection: string): string => `/collections/${encodeURIComponent(collection)}`;

async function namesIn(api: QdrantApi, signal: AbortSignal): Promise<string[]> {
  const { collections } = await api.call<{ collections: Array<{ name: string }> }>({
    method: 'GET',
    path: '/collections',
    signal,
  });
  return collections.map(({ name }) => name).sort();
}

interface Alias {
  alias_name: string;
  collection_name: string;
}

const aliasesIn = async (api: QdrantApi, signal: AbortSignal): Promise<Alias[]> =>
  (await api.call<{ aliases: Alias[] }>({ method: 'GET', path: '/aliases', signal })).aliases;

const aliasFile = 'aliases.json';
const ending = '.snapshot';

/** One snapshot after the other, so the server needs room for the largest alone. */
async function* dump(api: QdrantApi, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const names = await namesIn(api, signal);
  const aliases = JSON.stringify(await aliasesIn(api, signal));
  const snapshots = names.map((name) => snapshotOf(api, name, signal));
  const last = archiveOf(textInput(aliases), { name: aliasFile, size: Buffer.byteLength(aliases), mode: 0o600 });
  yield* joined([...snapshots, last].map((archive) => ({ archive, as: (path) => path })));
}

/** The server keeps the snapshot as a file until it is deleted. */
async function* snapshotOf(api: QdrantApi, collection: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const path = `${pathOf(collection)}/snapshots`;
  const make = { method: 'POST' as const, path: `${path}?wait=true`, signal };
  const { name, size } = await api.call<{ name: string; size: number }>(make);
  const own = `${path}/${encodeURIComponent(name)}`;
  try {
    const { bytes = size, content } = await api.download({ method: 'GET', path: own, signal });
    const header = { name: `${encodeURIComponent(collection)}${ending}`, size: bytes, mode: 0o600 };
    yield* archiveOf(content, header) as Bytes;
  } finally {
    await api.call({ method: 'DELETE', path: `${own}?wait=true`, signal: AbortSignal.timeout(60_000) });
  }
}

/** A collection of the backup is replaced as a whole; others are removed. */
async function restore(api: QdrantApi, data: Bytes, signal: AbortSignal): Promise<void> {
  const others = new Set(await namesIn(api, signal));
  let aliases: Alias[] = [];
  await changeAliases(api, await aliasesIn(api, signal), [], signal);
  await eachFile(data, async ({ name, size = 0 }, content) => {
    if (name === aliasFile) {
      aliases = JSON.parse(await textOf(content));
      return;
    }
    const collection = decodeURIComponent(name.slice(0, -ending.length));
    const path = `${pathOf(collection)}/snapshots/upload?wait=true&priority=snapshot`;
    await api.call({ method: 'POST', path, upload: { field: 'snapshot', bytes: size, content }, signal });
    others.delete(collection);
  });
  for (const name of others) await api.call({ method: 'DELETE', path: pathOf(name), signal });
  await changeAliases(api, [], aliases, signal);
}

async function changeAliases(api: QdrantApi, gone: Alias[], come: Alias[], signal: AbortSignal): Promise<void> {
  const actions = [
    ...gone.map(({ alias_name }) => ({ delete_alias: { alias_name } })),
    ...come.map(({ alias_name, collection_name }) => ({ create_alias: { alias_name, collection_name } })),
  ];
  if (actions.length > 0) await api.call({ method: 'POST', path: '/collections/aliases', json: { actions }, signal });
}

/** The question is the name of a collection, whose points are counted. */
async function ask(api: QdrantApi, question: string | undefined, signal: AbortSignal): Promise<Answer> {
  const names = await namesIn(api, signal);
  if (question === undefined) return { rows: names.length, first: names[0] };
  const path = `${pathOf(question)}/points/count`;
  const { count } = await api.call<{ count: number }>({ method: 'POST', path, json: { exact: true }, signal });
  return { rows: 1, first: String(count) };
}
