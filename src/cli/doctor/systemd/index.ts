import { lstat, readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isLoopback, listenersIn, portsOf } from '../../systemd/listeners';
import { templateOf } from '../../systemd/names';
import { defaultTarget, readListeners, readUnits, unitText } from '../../systemd/read';
import type { Unit } from '../../systemd/unit';
import { type Check, check } from '../check';
import { unknownAccounts } from './accounts';
import { checkBoot, type Starter } from './boot';
import { checkExposure, readExposure } from './exposure';
import type { UnitFacts, UnitService } from './facts';
import { readFileModes } from './file-modes';
import { firewallCheck, readFirewall } from './firewall';
import { checkLifetime } from './lifetime';
import { checkListens } from './listens';
import { checkJournal, checkOutput, readJournal } from './logs';
import { checkModes } from './modes';
import { titleOf } from './title';
import { checkOutdated, checkUnitFile } from './unit-file';
import { checkUser } from './user';

/** Checks the units of services that systemd runs, and their host. Changes nothing. */
export async function examineUnits(services: UnitService[]): Promise<Check[]> {
  if (services.length === 0) return [];
  return await check('systemd', async () => {
    const names = services.flatMap(({ units }) => units);
    const [units, listeners, firewall, target] = await Promise.all([
      readUnits(names),
      readListeners(),
      readFirewall(),
      defaultTarget(),
    ]);
    const boot = { target, starters: await startersOf(units) };
    const look = { boot, listeners, firewall };
    const each = services.map(async (service) => {
      const own = inUse(
        units.filter((_, index) => service.units.includes(names[index]!)),
        service,
      );
      return serviceChecks(await Promise.all(own.map((unit) => readFacts({ ...look, service, unit }))));
    });
    const far = (listeners ?? []).filter((one) => !isLoopback(one));
    const ports = portsOf(units.flatMap((unit) => listenersIn(far, unit)));
    return [...(await Promise.all(each)).flat(), firewallCheck(firewall, ports), ...checkJournal(await readJournal())];
  });
}

/** Returns the units that run; else as many as a release starts. A template has more for the time of a release. */
function inUse(units: Unit[], { instances }: UnitService): Unit[] {
  const active = units.filter((one) => one.active === 'active');
  return active.length > 0 ? active : units.slice(0, instances);
}

type Look = Pick<UnitFacts, 'boot' | 'listeners' | 'firewall' | 'service' | 'unit'>;

async function readFacts(look: Look): Promise<UnitFacts> {
  const { unit, service } = look;
  const [text, linkedTo, unknown, files, exposure] = await Promise.all([
    unitText(unit.id),
    linkAt(unit.file),
    unknownAccounts(unit),
    readFileModes(unit, service),
    unit.load === 'loaded' ? readExposure(unit.id) : undefined,
  ]);
  return { ...look, text, linkedTo, unknown, files, exposure };
}

async function linkAt(file: string): Promise<string | undefined> {
  const found = file === '' ? undefined : await lstat(file).catch(() => undefined);
  return found?.isSymbolicLink() ? resolve(dirname(file), await readlink(file)) : undefined;
}

/** Reads the units that start these, and those that start them in turn. */
async function startersOf(units: Unit[], known: Starter[] = []): Promise<Starter[]> {
  const names = [...new Set([...units, ...known].flatMap(({ startedBy }) => startedBy))];
  const next = names.filter((name) => !known.some(({ id }) => id === name));
  if (next.length === 0) return known;
  return await startersOf(units, [...known, ...(await readUnits(next))]);
}

/** Checks that instances of one template may answer differently. */
const eachHas = [checkUnitFile, checkBoot, checkListens];
/** Checks of the unit's file, which they share. */
const allShare = [checkOutdated, checkUser, checkModes, checkOutput, checkLifetime, checkExposure];

/** Returns the checks of one service's units. Pure. */
export function serviceChecks(facts: UnitFacts[]): Check[] {
  const apart = facts.flatMap((one) => eachHas.flatMap((look) => look(one)));
  const [first] = facts.filter(({ unit }) => unit.load === 'loaded');
  const shared = first ? allShare.flatMap((look) => look(first)) : [];
  return together([...apart, ...shared.map((one) => ({ ...one, name: templateTitle(facts) }))], facts);
}

/** Makes one row of what all instances answer alike. */
function together(checks: Check[], facts: UnitFacts[]): Check[] {
  return checks.flatMap((one, index) => {
    const alike = checks.filter(({ text, state }) => text === one.text && state === one.state);
    if (facts.length < 2 || alike.length < facts.length) return [one];
    if (alike[0] !== checks[index]) return [];
    return [{ ...one, name: templateTitle(facts), todo: [...new Set(alike.flatMap(({ todo }) => todo))] }];
  });
}

const templateTitle = ([first, ...others]: UnitFacts[]): string =>
  titleOf(others.length > 0 ? templateOf(first!.unit.id) : first!.unit.id);
