import type { DrillRecord } from '../../drill';
import { belayHome } from '../../hosts/home';
import type { Context } from '../context';
import { exitCodes } from '../exit-codes';
import { type FromHost, tellFromHost } from '../from-host';
import { jsonLine } from '../json-lines';
import { platformOf } from '../project';
import { renderDrills } from '../render/drills';

/** The last drills of a platform's services. */
export interface KeptDrills {
  platform: string;
  drills: DrillRecord[];
}

/** Shows the last drills that this machine keeps, or another host. */
export async function listDrills(context: Context, options: FromHost, services: string[]): Promise<number> {
  if (options.host !== undefined) return await listFromHost(context, options, services);
  const { drillsOf } = require('../../drill') as typeof import('../../drill');
  const platform = platformOf(context, options);
  const all = await drillsOf(belayHome(context.env), platform);
  const drills = services.length > 0 ? all.filter(({ service }) => services.includes(service)) : all;
  const { terminal } = context;
  terminal.out(
    options.json ? jsonLine('drills', { platform, drills }) : renderDrills({ platform, drills }, terminal.colors),
  );
  return exitCodes.ok;
}

/** A host tells of one service, or of all. */
async function listFromHost(context: Context, options: FromHost, services: string[]): Promise<number> {
  const codes: number[] = [];
  for (const service of services.length > 0 ? services : [undefined])
    codes.push(await tellFromHost(context, options, { what: 'drills', service }));
  return Math.max(...codes);
}
