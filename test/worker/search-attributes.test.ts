import type { Client } from '@temporalio/client';
import { registerSearchAttributes, searchAttributes } from '../../src/worker/search-attributes';

type Listed = { customAttributes: Record<string, number> };

/** A Temporal of which each call behaves as said. */
function temporal({ list, add, knows = [] }: { list: Array<() => Listed>; add: () => void; knows?: string[] }) {
  const added: unknown[] = [];
  const operatorService = {
    listSearchAttributes: async () => (list.length > 1 ? list.shift()! : list[0]!)(),
    addSearchAttributes: async (request: unknown) => {
      added.push(request);
      add();
    },
  };
  const workflow = {
    count: async (query: string) => {
      if (!knows.some((name) => query.startsWith(`${name} `))) throw new Error('3 INVALID_ARGUMENT');
      return { count: 0 };
    },
  };
  const client = { connection: { operatorService }, options: { namespace: 'shops' }, workflow };
  return { client: client as unknown as Client, added };
}

const some: Listed = { customAttributes: { BelayPlatform: 2, BelayServices: 7, Other: 2 } };
const all: Listed = { customAttributes: { ...searchAttributes } };
const none: Listed = { customAttributes: {} };
const fails = (words: string) => () => {
  throw new Error(words);
};
const denied = fails('7 PERMISSION_DENIED: no');
const fine = () => undefined;

test('those that are missing are created, and nothing where none is', async () => {
  const { client, added } = temporal({ list: [() => some, () => all], add: fine });
  await registerSearchAttributes(client);
  await registerSearchAttributes(client);
  const { BelayVersions, BelayPhase, BelayOutcome } = searchAttributes;
  expect(added).toEqual([{ namespace: 'shops', searchAttributes: { BelayVersions, BelayPhase, BelayOutcome } }]);
});

test('a worker goes on when another one was faster', async () => {
  const { client } = temporal({ list: [() => none, () => all], add: fails('6 ALREADY_EXISTS') });
  await registerSearchAttributes(client);
});

test('a worker that may not administer goes on when workflows can be asked for by all of them', async () => {
  const { client, added } = temporal({ list: [denied], add: denied, knows: Object.keys(searchAttributes) });
  await registerSearchAttributes(client);
  expect(added).toEqual([]);
});

test.each<[string, () => Listed]>([
  ['may look but not create', () => none],
  ['may do neither', denied],
])('a worker that %s says what is missing, and how it is created', async (_, list) => {
  const { client } = temporal({ list: [list], add: denied });
  await expect(registerSearchAttributes(client)).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringMatching(/namespace shops lacks .*PERMISSION_DENIED: no\): BelayPlatform, .*BelayOutcome$/),
    hint: expect.stringContaining(
      'temporal operator search-attribute create --namespace shops --name BelayPlatform --type Keyword --name BelayServices --type KeywordList --name BelayVersions --type KeywordList',
    ),
  });
});
