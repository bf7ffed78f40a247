import { Connection } from '@temporalio/client';
import { poll } from '../../poll';

const attribute = 'BelayOutcome';
const every = 100;

/**
 * Resolves when Temporal answers at the address and knows its search attributes, which it learns a moment later. An
 * earlier worker would try to add them too. Rejects with the signal's reason.
 */
export async function temporalReady(address: string, signal: AbortSignal): Promise<void> {
  await poll({ until: () => knowsAttributes(address).catch(() => false), every, signal });
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
