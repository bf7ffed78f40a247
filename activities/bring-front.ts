import { LEADS_NOBODY, type Redirect, type RedirectKey } from '../src/hosts/redirect';
import type { Front } from '../src/spec/desired';
import type { Deps, StepResult } from './deps';
import type { Turn } from './turn';

/**
 * The proxy serves as the front says, and new connections are led as it says. Where ports change hands, both of its containers
 * serve while connections are led from the one to the other; then the former takes nothing new and ends.
 */
export async function bringFront(
  { fronts }: Pick<Deps, 'fronts'>,
  turn: Turn,
  { front, drain }: { front: Front; drain?: number },
): Promise<StepResult> {
  const { platform, service } = turn.token;
  const key = { platform, proxy: front.proxy, service };
  const wanted = redirectsOf(front);
  const ensure = (phase?: 'beside') => fronts.ensure({ platform, front, phase, drain });
  if (await fronts.redirects.hold(key, wanted)) return noteOf(await turn.effect('proxy.ensure', () => ensure()));
  const done = await turn.effect('proxy.ensure', () => ensure('beside'));
  await turn.effect('proxy.redirect', () => fronts.redirects.seek(key, [...wanted, LEADS_NOBODY]));
  await turn.effect('proxy.leave', () => ensure());
  await forget({ fronts }, turn, { key, wanted });
  return noteOf(done);
}

/** The proxy serves the service no more, and no connection is led to it. */
export async function takeFrontAway({ fronts }: Pick<Deps, 'fronts'>, turn: Turn, proxy: string): Promise<void> {
  const { platform, service } = turn.token;
  const key = { platform, proxy, service };
  const led = !(await fronts.redirects.hold(key, []));
  if (led) await turn.effect('proxy.redirect', () => fronts.redirects.seek(key, [LEADS_NOBODY]));
  await turn.effect('proxy.remove', () => fronts.remove(key));
  if (led) await forget({ fronts }, turn, { key, wanted: [] });
}

/** Those who were led elsewhere have finished. */
const forget = (
  { fronts }: Pick<Deps, 'fronts'>,
  turn: Turn,
  { key, wanted }: { key: RedirectKey; wanted: Redirect[] },
): Promise<void> => turn.effect('proxy.forget', () => fronts.redirects.seek(key, wanted));

const redirectsOf = ({ routes }: Front): Redirect[] =>
  routes.flatMap(({ redirectFrom: port, hostPort: to, hostAddress: address }) =>
    port !== undefined && to !== undefined ? [{ port, to, ...(address && { address }) }] : [],
  );

const noteOf = ({ changed, gap }: { changed: string; gap?: true }): StepResult => ({
  note: gap ? `${changed}; its published port refused connections for a moment` : changed,
});
