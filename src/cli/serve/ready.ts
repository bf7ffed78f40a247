import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const attribute = 'BelayOutcome';
const every = 100;

/**
 * Resolves when Temporal answers at the address and knows the search attributes it was started with, which it learns a
 * moment later; a worker that came before would try to add them too. Rejects with the signal's reason.
 */
export async function temporalReady(address: string, signal: AbortSignal): Promise<void> {
  while (!(await knowsAttributes(address).catch(() => false))) await pause(every, undefined, { signal });
}

async function knowsAttributes(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return customAttributes !== undefined && customAttributes !== null && attribute in customAttributes;
  } finally {
    await connection.close();
  }
}
