import { access, constants } from 'node:fs/promises';
import { BelayError } from '../errors';
import { belayHome, hostPaths } from '../hosts/home';
import type { Ledger } from '../hosts/ledger';
import { namesHint } from '../spec/sentences';
import type { Context } from './context';
import { findProject, platformOf, type WhichPlatform } from './project';
import { absence } from './render/history';

/** A platform of this host's ledger, and the services that a command means. */
export interface KnownHere {
  /** BELAY_HOME. */
  home: string;
  ledger: Ledger;
  platform: string;
  /** All of the platform, or the named one. */
  services: string[];
}

/**
 * Returns what the ledger of this host knows of the platform, or of the named service. Throws `platform-unknown`, and
 * `input-invalid` for a service that it does not know or a ledger that this user may not read.
 */
export async function knownHere(context: Context, options: WhichPlatform, name?: string): Promise<KnownHere> {
  const home = belayHome(context.env);
  await mayRead(hostPaths(home).platforms);
  const { createLedger } = require('../hosts/ledger') as typeof import('../hosts/ledger');
  const ledger = createLedger({ home });
  const { platform, service } = await meant(ledger, context, options, name);
  const known = await ledger.services(platform);
  if (options.platform !== undefined && known.length === 0)
    throw unknownPlatform(platform, { home, platforms: await ledger.platforms() });
  if (service !== undefined && !known.includes(service)) throw unknownService(platform, service, known);
  return { home, ledger, platform, services: service === undefined ? known : [service] };
}

/** A name means a service. Without a project, or if the project has no such service, the name may mean a platform. */
async function meant(ledger: Ledger, context: Context, options: WhichPlatform, name: string | undefined) {
  const isOpen = options.platform === undefined && options.env === undefined;
  const isPlatform = name !== undefined && isOpen && (await ledger.platforms()).includes(name);
  const isNamed = options.platform !== undefined || findProject(context, options) !== undefined;
  const own = isNamed ? platformOf(context, options) : undefined;
  const isService = own !== undefined && name !== undefined && (await ledger.services(own)).includes(name);
  if (isPlatform && !isService) return { platform: name };
  return { platform: own ?? platformOf(context, options), service: name };
}

/** Only the worker's user may read the ledger. */
async function mayRead(folder: string): Promise<void> {
  await access(folder, constants.R_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw new BelayError('input-invalid', `${folder}: the ledger cannot be read (${error.code})`, {
      hint: 'run this as the user that runs the worker, or name its folder in BELAY_HOME',
      cause: error,
    });
  });
}

function unknownPlatform(platform: string, from: { home: string; platforms: string[] }): BelayError {
  const { text, hint } = absence(platform, from);
  return new BelayError('platform-unknown', text, { hint });
}

function unknownService(platform: string, service: string, known: string[]): BelayError {
  return new BelayError('input-invalid', `${platform}: this host's ledger knows no service ${service}`, {
    hint:
      known.length > 0
        ? namesHint(service, known, `it knows ${known.join(', ')}`)
        : 'nothing of this platform has been released on this host',
  });
}
