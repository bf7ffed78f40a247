import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { BelayError } from '../errors';
import { searchAttributeTypes } from '../search-attributes';

type Name = keyof typeof searchAttributeTypes;
const { INDEXED_VALUE_TYPE_KEYWORD: Keyword, INDEXED_VALUE_TYPE_KEYWORD_LIST: KeywordList } =
  temporal.api.enums.v1.IndexedValueType;
const values = { Keyword, KeywordList };
const names = Object.keys(searchAttributeTypes) as Name[];

/** Attributes in the form of Temporal's API. */
export const searchAttributes = valuesOf(names);

/**
 * Ensures that the attributes exist before the first workflow runs: a workflow stops when it sets an unknown one.
 * Throws `input-invalid` if they are missing and this worker may not create them.
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const missing = await missingFrom(client);
  if (missing.length === 0) return;
  try {
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes: valuesOf(missing) });
  } catch (cause) {
    // Another worker may have created them first.
    const still = await missingFrom(client);
    if (still.length > 0) throw lacking(still, namespace, cause as Error);
  }
}

async function missingFrom(client: Client): Promise<Name[]> {
  const { namespace } = client.options;
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return names.filter((name) => customAttributes?.[name] === undefined);
  } catch {
    const known = await Promise.all(names.map((name) => canBeAskedFor(client, name)));
    return names.filter((_, index) => !known[index]);
  }
}

/** A user without the right to a namespace's settings may still query by attributes that it knows. */
const canBeAskedFor = ({ workflow }: Client, name: Name): Promise<boolean> =>
  workflow.count(`${name} = ""`).then(
    () => true,
    () => false,
  );

function valuesOf(wanted: Name[]) {
  return Object.fromEntries(wanted.map((name) => [name, values[searchAttributeTypes[name]]]));
}

function lacking(missing: Name[], namespace: string, cause: Error): BelayError {
  const message = `Temporal's namespace ${namespace} lacks search attributes, which could not be created (${cause.message}): ${missing.join(', ')}`;
  const each = missing.map((name) => `--name ${name} --type ${searchAttributeTypes[name]}`).join(' ');
  const command = `temporal operator search-attribute create --namespace ${namespace} ${each}`;
  const hint = `let someone who may create them, then start the worker again: ${command} (on Temporal Cloud: tcld namespace search-attributes add)`;
  return new BelayError('input-invalid', message, { hint, cause });
}
