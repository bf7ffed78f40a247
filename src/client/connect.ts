import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { BelayError } from '../errors';

/**
 * How to reach Temporal: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS… and profiles, as the SDK
 * reads them; 127.0.0.1:7233 and `default` where nothing is said.
 */
export function connectOptions(env: NodeJS.ProcessEnv = process.env) {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: env as Record<string, string> });
  return {
    ...connectionOptions,
    address: connectionOptions.address ?? '127.0.0.1:7233',
    namespace: namespace ?? 'default',
  };
}

/** A client of Temporal. Throws `temporal-unreachable`. */
export async function connectClient(env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  const { namespace, ...options } = connectOptions(env);
  try {
    const connection = await Connection.connect({ connectTimeout: '5s', ...options });
    return new Client({ connection, namespace });
  } catch (cause) {
    throw new BelayError('temporal-unreachable', `Temporal does not answer at ${options.address}`, {
      hint: '`belay serve` starts one here, or TEMPORAL_ADDRESS names another',
      cause,
    });
  }
}
