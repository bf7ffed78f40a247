import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { INDEXED_VALUE_TYPE_KEYWORD: keyword, INDEXED_VALUE_TYPE_KEYWORD_LIST: list } =
  temporal.api.enums.v1.IndexedValueType;

/** By which releases are found in the Web UI. */
export const searchAttributes = {
  BelayPlatform: keyword,
  BelayServices: list,
  BelayVersion: keyword,
  BelayPhase: keyword,
  BelayOutcome: keyword,
};

/** A workflow that sets an attribute which the namespace does not know stops; so they are there before the first one runs. */
export async function registerSearchAttributes({ connection, options }: Client): Promise<void> {
  const { namespace } = options;
  const known = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(searchAttributes).filter(([name]) => known.customAttributes?.[name] === undefined);
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
}
